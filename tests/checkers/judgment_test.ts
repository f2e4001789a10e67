import { assertEquals } from "@std/assert";
import { findingsOf } from "../../lib/bench/findings/findings.ts";
import { failureKinds } from "../../lib/bench/replay/case.ts";
import { unjudged } from "../../lib/bench/run/verdict.ts";
import { judgment, together, toJepsen, type Validity } from "../../lib/checkers/mod.ts";

const ONE = [{ text: "A case." }];

Deno.test("anomalies without a case do not count, and the most severe one decides", () => {
  const cases: readonly (readonly [Validity, Parameters<typeof judgment>])[] = [
    [true, [[]]],
    [true, [[{ name: "lost", examples: [] }]]],
    [true, [[{ name: "odd", severity: "info", examples: ONE }]]],
    ["unknown", [[{ name: "open", severity: "unknown", examples: ONE }]]],
    ["unknown", [[], { warning: "Nothing was read." }]],
    [false, [[{ name: "open", severity: "unknown", examples: ONE }, { name: "lost", examples: ONE }]]],
    [false, [[{ name: "lost", count: 3, examples: [] }], { warning: "Nothing was read." }]],
  ];
  for (const [valid, given] of cases) assertEquals(judgment(...given).valid, valid, JSON.stringify(given));
});

Deno.test("a judgment has its figures and the counts of its anomalies in the result", () => {
  const result = judgment([{ name: "lost", examples: ONE }], { figures: { "read-count": 4, valid: 7 } });
  assertEquals(toJepsen(result), {
    "read-count": 4,
    valid: false,
    violations: [{ name: "lost", examples: ONE, count: 1 }],
  });
});

Deno.test("the result of several checkers is that of the worst, and holds each", () => {
  const lost = judgment([{ name: "lost", examples: ONE }]);
  const open = judgment([], { warning: "Nothing was read." });
  assertEquals(together({ a: judgment([]), b: open }).valid, "unknown");
  const result = together({ sets: lost, reads: open });
  assertEquals(result.valid, false);
  const found = toJepsen(result);
  assertEquals(found["parts"], { sets: toJepsen(lost), reads: toJepsen(open) });
  // The bench reports the findings of all parts, and runs that fail alike share their names.
  const whole = { ...unjudged(""), workload: found };
  assertEquals(findingsOf(whole, []).map(({ name }) => name), ["lost"]);
  assertEquals([...failureKinds(whole)], ["lost"]);
});
