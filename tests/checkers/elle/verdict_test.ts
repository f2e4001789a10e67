import { assertEquals } from "@std/assert";
import type { ElleExample } from "../../../lib/checkers/elle/examples.ts";
import { EXAMPLES_MAX, Findings, verdict } from "../../../lib/checkers/elle/verdict.ts";

const CASES = EXAMPLES_MAX + 5;
const exampleOf = (element: number) => (): ElleExample => ({ kind: "read", element });

Deno.test("all cases of an anomaly are counted, and the first ones are kept", () => {
  const findings = new Findings();
  for (let i = 0; i < CASES; i++) findings.add("G1a", exampleOf(i));
  const { anomalies: [found] } = verdict(findings, new Set(["G1a"]));
  assertEquals([found?.type, found?.count, found?.examples.length], ["G1a", CASES, EXAMPLES_MAX]);
  assertEquals(found?.examples.at(-1), exampleOf(EXAMPLES_MAX - 1)());
});

Deno.test("a case that only newer releases find names the first of them, and counts only there", () => {
  const resultOf = (findings: Findings) => {
    for (let i = 0; i < CASES; i++) findings.addNewer("internal", exampleOf(i));
    findings.addNewer("thin-air-read", exampleOf(0));
    return verdict(findings, new Set(["internal", "thin-air-read"]));
  };
  const { valid, newerFindings } = resultOf(new Findings());
  assertEquals(
    [valid, newerFindings.map(({ kind, elle, count, examples }) => [kind, elle, count, examples.length])],
    [true, [["internal", "0.2.7", CASES, EXAMPLES_MAX], ["thin-air-read", null, 1, 1]]],
  );
  const newer = resultOf(new Findings({ elle: "0.2.7" }));
  assertEquals([newer.valid, newer.newerFindings], [false, []]);
  assertEquals(newer.anomalies.map(({ type, count }) => [type, count]), [["internal", CASES], [
    "thin-air-read",
    1,
  ]]);
});
