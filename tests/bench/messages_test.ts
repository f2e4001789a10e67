/** What is said of a wrong command line: what happened, why, and what to do. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseTest } from "../../lib/bench/options.ts";
import { loadProgram } from "../../lib/bench/programs.ts";
import { findingsOf } from "../../lib/bench/report/findings.ts";
import { ArgumentError } from "../../lib/runtime/settings.ts";

/** What is said of a command line of `test`. */
function said(commandLine: string): string {
  return assertThrows(() => parseTest(commandLine.split(" ")), ArgumentError).message;
}

Deno.test("help is given whatever else stands on the command line", () => {
  for (const args of [["--help"], ["-h"], ["-w", "lin-kv", "--concurrency", "3", "-h"]]) {
    assertEquals(parseTest(args).run.help, true);
  }
});

Deno.test("a fault that does not exist is told those that do", () => {
  assertStringIncludes(
    said("-w echo --nemesis partitoin"),
    "but is partitoin. The faults that are injected: partition, ",
  );
});

Deno.test("options that do not go together name the workload, if nobody asked for it", () => {
  assertStringIncludes(
    said("--virtual"),
    "must be a multiple of 10, such as 2n, not 5; lin-kv is tested unless -w names",
  );
  assertEquals(said("-w lin-kv --virtual").includes("unless -w"), false);
});

Deno.test("a value that begins with - is told how it is given", () => {
  assertStringIncludes(said("-w echo --rate -1"), "--name=-1");
});

Deno.test("an argument that is the node's is told to be", async () => {
  let message = "";
  try {
    await loadProgram({ workload: "broadcast", args: ["--max-latency-msec", "5"] });
  } catch (error) {
    if (error instanceof ArgumentError) message = error.message;
  }
  assertEquals(
    message,
    "the node (what stands after --): unknown option --max-latency-msec: did you mean --max-latency-ms?",
  );
});

Deno.test("operations that are meant to end in doubt are not blamed for it", () => {
  const never = { valid: false, count: 3, "ok-count": 0, "fail-count": 0, "info-count": 3 };
  const stats = { ...never, "by-f": { crash: never, send: never } };
  const [finding] = findingsOf({ valid: false, workload: { valid: true }, stats }, []);
  assertEquals(finding?.cases.map(({ sentences }) => sentences), [["send: 3 operations, none of them ok."]]);
});
