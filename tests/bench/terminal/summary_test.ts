import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { style } from "../../../lib/bench/terminal/style.ts";
import { summarize } from "../../../lib/bench/terminal/summary.ts";
import { terminalText } from "../../../lib/bench/terminal/terminal_text.ts";
import type { TestResult } from "../../../lib/bench/run/verdict.ts";

const { test } = parseTest([
  "--virtual",
  "-w",
  "broadcast",
  "--node-count",
  "25",
  "--rate",
  "100",
  "--time-limit",
  "20",
  "--latency",
  "100",
]);

const valid: TestResult = {
  valid: true,
  workload: {
    valid: true,
    "attempt-count": 1000,
    "stable-count": 1000,
    "lost-count": 0,
    "stale-count": 990,
    "stable-latencies": { "0": 0, "0.5": 347, "0.95": 490, "0.99": 510, "1": 524 },
  },
  net: { valid: true, servers: { "msg-count": 2414, "msgs-per-op": 1.2049505 } },
  stats: { valid: true, count: 2004, "ok-count": 2004, "fail-count": 0, "info-count": 0, "by-f": {} },
  availability: { valid: true, "ok-fraction": 1 },
  exceptions: { valid: true },
};

Deno.test("the summary of a valid run has about twelve lines, the verdict last", () => {
  const lines = summarize(valid, { test, style: style(false), seed: 7, store: "store/broadcast/x" });
  assertEquals(lines, [
    "test          broadcast: 25 nodes, 100 ops/s for 20 s, latency 100 ms constant; no faults",
    "operations    2004: 2004 ok, 0 failed, 0 indeterminate",
    "stable after  347 ms median, 524 ms at most",
    "elements      1000 tried: 1000 stable, 990 stale",
    "availability  100 % of operations ok",
    "messages      2414 between servers, 1.2 per operation",
    "seed          7",
    "",
    "results in    store/broadcast/x",
    "",
    "Everything looks good! ヽ(‘ー`)ノ",
  ]);
});

Deno.test("the summary of an invalid run shows the evidence, failed parts and faulty nodes", () => {
  const lines = summarize({
    ...valid,
    valid: false,
    workload: { ...valid.workload, valid: false, lost: [3, 10, 11, 12], "lost-count": 4 },
    stats: {
      ...valid.stats,
      valid: false,
      "by-f": { read: { valid: false, count: 7 }, broadcast: { valid: true } },
    },
    remarks: [{
      kind: "not-json",
      node: "n3",
      count: 12,
      stopsReading: true,
      examples: [{ lineNumber: 4, problem: "Unexpected token", line: "debug: hello" }],
    }],
    nodes: { valid: false, faults: [{ node: "n1", kind: "ended", text: "ended with exit status 3." }] },
  }, { test, style: style(false) });
  const text = lines.join("\n");
  for (
    const expected of [
      "Lost elements (4 times)",
      "read: 7 operations, none of them ok.",
      "node n1 ended with exit status 3.",
      "node n3 wrote a line that is not JSON (12 times)",
      "line 4: Unexpected token",
      "debug: hello",
    ]
  ) assertStringIncludes(text, expected);
  assertMatch(lines.at(-1) ?? "", /^Analysis invalid!/);
});

Deno.test("an unknown verdict is shown with the reason of the checker", () => {
  const lines = summarize(
    { ...valid, valid: "unknown", workload: { valid: "unknown", error: "out of memory at key 7" } },
    { test, style: style(false) },
  );
  assertStringIncludes(lines.join("\n"), "out of memory at key 7");
  assertMatch(lines.at(-1) ?? "", /^Errors occurred during analysis, but no anomalies found\./);
});

Deno.test("colors are used on terminals only", () => {
  const plain = summarize(valid, { test, style: style(false) }).join("");
  const painted = terminalText(summarize(valid, { test, style: style(true) }).join(""));
  assert(!plain.includes("\x1b") && painted.includes("\x1b[32m"));
});

Deno.test("a verdict with a caveat has the reason in the first line", () => {
  const text = "No read succeeded after the last broadcast: what was lost may not have been noticed.";
  const caveats = [{ kind: "no-final-reads", text }] as const;
  const lines = summarize({ ...valid, caveats }, { test, style: style(false) });
  assertEquals(lines[0], text);
  assertEquals(lines.at(-1), "Everything looks good! ヽ(‘ー`)ノ (but see the first line)");
});
