import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { findingsOf } from "../../../lib/bench/findings/findings.ts";
import { failureKinds } from "../../../lib/bench/replay/case.ts";
import { describeExceeded, exceededBounds } from "../../../lib/bench/run/bounds.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { exitStatus } from "../../../lib/bench/exit_status.ts";
import { style } from "../../../lib/bench/terminal/style.ts";
import { summarize } from "../../../lib/bench/terminal/summary.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { virtualRun } from "../support/virtual_run.ts";

Deno.test("exceededBounds names each figure that is not below its bound", () => {
  const figures = { messagesPerOperation: 30, stableLatencyMs: { median: 399, longest: 601 } };
  const exceeded = exceededBounds({ msgsPerOp: 30, medianMs: 400, maxMs: 600 }, figures);
  assertEquals(exceeded.map(({ figure }) => figure), ["msgsPerOp", "maxMs"]);
  assertEquals(exceeded.map(describeExceeded), [
    "messages per operation is 30, not under 30",
    "largest stable latency in ms is 601, not under 600",
  ]);
  const unknown = exceededBounds({ maxMs: 600 }, { messagesPerOperation: 1, stableLatencyMs: null });
  assertEquals(unknown.map(describeExceeded), ["largest stable latency in ms is unknown"]);
  assertEquals(exceededBounds({}, figures), []);
});

Deno.test("a bound of the command line decides the verdict, and its finding names figure and bound", async () => {
  const line = "-w broadcast --node-count 5 --time-limit 5 --rate 20 --latency 10";
  const wide = await virtualRun(`${line} --max-msgs-per-op 30 --max-median-ms 2000 --max-latency-ms 5000`, {
    seed: 1,
  });
  assertEquals([wide.result.valid, wide.result.bounds], [true, { valid: true, exceeded: [] }]);
  const narrow = `${line} --max-msgs-per-op 0.01`;
  const { result } = await virtualRun(narrow, { seed: 1 });
  assertEquals([result.valid, exitStatus(result.valid)], [false, 1]);
  assertEquals([...failureKinds(result)], ["bound msgsPerOp"]);
  const findings = findingsOf(result, []);
  assertEquals(findings.map(({ name }) => name), ["bounds"]);
  const { test } = parseTest(["--virtual", ...narrow.split(" ")]);
  assertStringIncludes(
    summarize(result, { test, style: style(false), findings }).join("\n"),
    "not under 0.01",
  );
  assertThrows(() => parseTest(["--virtual", "-w", "echo", "--max-msgs-per-op", "many"]), ArgumentError);
});
