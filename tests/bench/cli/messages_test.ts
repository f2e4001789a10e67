/** Errors of a wrong command line: what failed, the reason, and what to do. */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import { readJson, writeText } from "../../../lib/bench/store/files.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { findingsOf } from "../../../lib/bench/findings/findings.ts";
import { replayCommand } from "../../../lib/bench/cli/replay.ts";
import { sweepCommand } from "../../../lib/bench/cli/sweep.ts";
import { testCommand } from "../../../lib/bench/cli/test.ts";
import { NO_COVERAGE } from "../../../lib/bench/run/coverage.ts";
import { summaryLines } from "../../../lib/bench/sweep/summary.ts";
import { homeOf } from "../../../lib/bench/cli/option_homes.ts";
import { nameFrom } from "../../../lib/bench/cli/program_name.ts";
import { ArgumentError, UnknownOptionError } from "../../../lib/runtime/settings.ts";
import { folderTest } from "../../folder.ts";

/** Returns the error of a command line of `test`. */
function said(commandLine: string): string {
  return assertThrows(() => parseTest(commandLine.split(" ")), ArgumentError).message;
}

Deno.test("--help takes precedence over all other arguments", () => {
  for (const args of [["--help"], ["-h"], ["-w", "lin-kv", "--concurrency", "3", "-h"]]) {
    assertEquals(parseTest(args).run.help, true);
  }
});

Deno.test("an unknown fault is refused with the nearest known one, or with all", () => {
  assertEquals(said("-w echo --nemesis kill,partitoin"), "unknown fault partitoin: did you mean partition?");
  assertStringIncludes(said("-w echo --nemesis earthquake"), "unknown fault earthquake: one of partition, ");
});

Deno.test("a refused combination of options names the workload if it is the default", () => {
  assertStringIncludes(
    said("--virtual --concurrency 3"),
    "lin-kv is tested unless -w names another workload, and lin-kv assigns 10 clients to a key",
  );
  assertEquals(said("-w lin-kv --virtual --concurrency 3").includes("unless -w"), false);
});

Deno.test("the default concurrency of lin-kv is twice the number of nodes", () => {
  const { test } = parseTest(["-w", "lin-kv", "--virtual"]);
  assertEquals(test.concurrency, 2 * test.nodes.length);
});

Deno.test("`--json -` means stdout, also for commands in which --json is a flag", () => {
  const { run, nodeArguments } = parseTest(["-w", "echo", "--virtual", "--json", "-"]);
  assertEquals([run.json, nodeArguments], [true, []]);
});

Deno.test("values that Maelstrom reads as Clojure's are accepted where Maelstrom accepts them", () => {
  const availability = (given: string) =>
    parseTest(["-w", "echo", "--availability", given]).test.availability;
  assertEquals([":total", "1/2", "nil", "0.9"].map(availability), ["total", 0.5, null, 0.9]);
  assertStringIncludes(said("-w echo --availability 3/2"), "--availability");
  assertEquals(parseTest(["-w", "echo", "--nemesis-interval", "1/2"]).test.nemesisIntervalS, 0.5);
  assertStringIncludes(said("-w echo --nemesis-interval 1/0"), "--nemesis-interval");
});

Deno.test("a delay of hand-overs may be 0, and has a bound", () => {
  const delay = (given: string) => parseTest(["-w", "echo", "--handover", given]).test.handoverMs;
  assertEquals(["0", "0.0", "1000"].map(delay), [0, 0, 1000]);
  assertStringIncludes(said("-w echo --handover 1001"), "--handover must be 0…1000");
});

Deno.test("an option of a sibling command is refused with the name of that command", () => {
  assertEquals(homeOf("--seeds"), "sweep and fuzz take --seeds");
  assertEquals(homeOf("--shrnk-tries"), "sweep and fuzz take --shrink-tries");
  assertEquals(homeOf("--module"), "sweep, explore and test take --module");
  assertEquals(homeOf("--lots-of-things"), undefined);
  const error = assertThrows(() => parseTest(["-w", "echo", "--seeds", "1..3"]), UnknownOptionError);
  assertEquals([error.option, error.hasHint], ["--seeds", true]);
});

Deno.test("options of processes and of modules are refused where they would be ignored", async () => {
  const refused: ReadonlyArray<readonly [string, string]> = [
    ["--bin bin/echo --module node.ts", "--module needs --virtual"],
    ["--module node.ts", "--module needs --virtual"],
    ["--bin bin/echo --sandbox-dir nodes", "--sandbox-dir needs --sandbox"],
    ["--virtual --sandbox-read lib", "--sandbox-read needs --sandbox"],
  ];
  for (const [line, text] of refused) {
    await assertRejects(() => testCommand(["-w", "echo", ...line.split(" ")]), ArgumentError, text);
  }
});

Deno.test("a case that is not there is a wrong argument", async () => {
  await assertRejects(() => replayCommand(["none"]), ArgumentError, "file not found: none/case.json");
});

Deno.test("a printed command starts with a program name that works in the current folder", () => {
  const from = (executable: string) => nameFrom(executable, { folder: "/home/u/c", searched: ["/usr/bin"] });
  assertEquals(from("/home/u/c/bin/charybdis"), "bin/charybdis");
  assertEquals(from("/home/u/c/charybdis"), "./charybdis");
  assertEquals(from("/usr/bin/charybdis"), "charybdis");
  assertEquals(from("/opt/charybdis"), "/opt/charybdis");
});

Deno.test("a value that begins with - is refused with the syntax to pass it", () => {
  assertStringIncludes(said("-w echo --rate -1"), "as --rate=-1");
});

Deno.test("options that show messages as they pass need real time", () => {
  assertStringIncludes(
    said("-w echo --virtual --log-net-send"),
    "--log-net-send shows messages as they pass, in real time",
  );
});

Deno.test("a fraction is refused where an integer is required", () => {
  assertStringIncludes(
    said("-w echo --test-count 1.5"),
    "--test-count must be a whole number, 1…10000, but is 1.5",
  );
});

Deno.test("an empty value, or an argument that looks like an option, is refused with a hint", () => {
  assertStringIncludes(said("-w echo fast -1"), "unexpected argument: -1");
  assertStringIncludes(said("-w echo --nodes "), "--nodes needs a value");
});

Deno.test("a descending range of seeds is refused with the ascending one", async () => {
  const error = await assertRejects(() => sweepCommand(["-w", "echo", "--seeds", "3..1"]), ArgumentError);
  assertEquals(error.message, "--seeds 3..1 is reversed: write the smaller seed first, as in 1..3");
});

Deno.test("a sweep of one seed is summarized in the singular", () => {
  const result = {
    seeds: 1,
    operations: 1,
    virtualMs: 0,
    invalid: [],
    unknown: [],
    inconclusive: 0,
    outcomes: {},
    coverage: NO_COVERAGE,
  };
  assertEquals(summaryLines(result, { missing: [] }).at(-1), "1 seed, 1 operation: none is invalid");
});

folderTest(
  "a file that cannot be written or read is named with the reason",
  (folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "[1");
    assertEquals(
      assertThrows(() => writeText(folder, ""), BenchError).message,
      `cannot write ${folder}: Is a directory`,
    );
    assertStringIncludes(
      assertThrows(() => readJson(`${folder}/file`), BenchError).message,
      `${folder}/file is not JSON: `,
    );
    assertStringIncludes(assertThrows(() => readJson(folder), BenchError).message, `cannot read ${folder}: `);
    assertEquals(readJson(`${folder}/none.json`), undefined);
  },
);

Deno.test("an unknown node argument is refused as the node's, with the nearest option", async () => {
  let message = "";
  try {
    await loadProgram({ workload: "broadcast", args: ["--max-latency-msec", "5"] });
  } catch (error) {
    if (error instanceof ArgumentError) message = error.message;
  }
  assertEquals(
    message,
    "the node's arguments: unknown option --max-latency-msec: did you mean --max-latency-ms?",
  );
});

folderTest("a wrong argument of the node leaves no run in the store", async (folder) => {
  const store = `${folder}/store`;
  const argv = ["--virtual", "-w", "broadcast", "--store", store, "--", "--max-latency-msec", "5"];
  await assertRejects(() => testCommand(argv), ArgumentError, "did you mean --max-latency-ms?");
  assertThrows(() => Deno.statSync(store), Deno.errors.NotFound);
});

Deno.test("operations that end indeterminate by design are not reported", () => {
  const never = { valid: false, count: 3, "ok-count": 0, "fail-count": 0, "info-count": 3 };
  const stats = { ...never, "by-f": { crash: never, send: never } };
  const [finding] = findingsOf({ valid: false, workload: { valid: true }, stats }, []);
  assertEquals(finding?.examples.map(({ sentences }) => sentences), [[
    "send: 3 operations, none of them ok.",
  ]]);
});
