/**
 * The verdicts of Elle 0.2.2 on recorded and generated histories. Where ours differs, it says more, and proves it:
 *
 * - Elle threw ("No transaction wrote …"): ours names the read (thin-air-read) or the reply (malformed).
 * - Elle's search ran out of its budget (cycle-search-timeout).
 * - Elle ends a search at the first cycle that fits a kind's edges. If each edge's explanation makes it another kind, it takes
 *   the kind to be absent and goes on to weaker ones. Ours names those as well (first_cycle.ts), and the kind itself. For
 *   registers, whose version order is only partly known, the first cycle is not always Elle's.
 * - Elle 0.2.2 lets sets of transactions be changed that are shared, when it infers versions from sequential or linearizable keys
 *   (fixed in Elle 0.2.7, "rw could incorrectly infer version order cycles"). Compared pair by pair, the versions have no cycle.
 */

import { assert, assertEquals } from "@std/assert";
import { impliedAnomalies } from "../../../lib/checkers/elle/anomalies.ts";
import { modelsRuledOutBy } from "../../../lib/checkers/elle/models.ts";
import { refuteCycle, versionsAreCyclic } from "./evidence.ts";
import { compare, type Comparison, gunzip, oracleCases, parseCases, printLine } from "./oracle.ts";
import { examplesOf, typesOf } from "./findings.ts";

const CASES = new URL("../../fixtures/elle/cases.jsonl.gz", import.meta.url);
const canRead = (await Deno.permissions.query({ name: "read", path: CASES })).state === "granted";
const canReadEnv =
  (await Deno.permissions.query({ name: "env", variable: "CHARYBDIS_ORACLE" })).state === "granted";
const folder = canReadEnv ? Deno.env.get("CHARYBDIS_ORACLE") : undefined;

/** Elle's sharing of sets changes its version order in these ways, of which ours finds no proof. */
const CYCLIC = "cyclic-versions";

/** Returns the reasons for which a differing verdict is right. Throws if there are none. */
function reasonsForDifference({ case: oracle, result }: Comparison): string[] {
  const reasons = new Set<string>();
  const ours = typesOf(result);
  if (oracle.valid === "threw") {
    assertEquals(result.valid, false, oracle.name);
    assert(ours.includes("thin-air-read") || ours.includes("malformed"), oracle.name);
    return ["Elle threw"];
  }
  const implied = impliedAnomalies(ours);
  const ruledOut = modelsRuledOutBy(ours);
  for (const type of oracle.types) {
    if (ours.includes(type)) continue;
    if (type === "cycle-search-timeout") reasons.add("Elle's search timed out");
    else if (implied.has(type)) reasons.add("ours implies it");
    else if (type.endsWith("-cycle-exists")) {
      assert(ruledOut.has(type.slice(0, -"-cycle-exists".length)), `${oracle.name}: ${type}`);
      reasons.add("ours implies it");
    } else {
      assertEquals(type, CYCLIC, `${oracle.name}: Elle found ${type}, ours ${ours.join(" ")}`);
      assert(oracle.sequentialKeys || oracle.linearizableKeys, `${oracle.name}: ${type}`);
      assert(!versionsAreCyclic(oracle.history, oracle), `${oracle.name}: the versions are cyclic`);
      reasons.add("Elle's versions are wrong");
    }
  }
  if (result.valid !== oracle.valid) {
    assertEquals(oracle.types, [CYCLIC], `${oracle.name}: validity`);
  }
  for (const type of ours) {
    if (oracle.types.includes(type)) continue;
    assert(examplesOf(result, type) !== undefined, `${oracle.name}: no evidence of ${type}`);
    reasons.add("ours found more");
  }
  if (reasons.size === 0) assert(oracle.types.includes(CYCLIC), `${oracle.name}: only the models differ`);
  return [...reasons];
}

/** Every cycle that we report, proven from the history alone. */
function proveCycles({ case: oracle, result }: Comparison): number {
  let proven = 0;
  for (const { type, examples } of result.anomalies) {
    for (const example of examples) {
      if (example.kind !== "cycle") continue;
      const refuted = refuteCycle(example, {
        history: oracle.history,
        isList: oracle.workload === "txn-list-append",
        eventsOrderVersions: oracle.sequentialKeys || oracle.linearizableKeys,
      });
      assertEquals(refuted, null, `${oracle.name}: ${type}`);
      proven++;
    }
  }
  return proven;
}

interface Tally {
  cases: number;
  sameValidity: number;
  same: number;
  readonly reasons: Record<string, string[]>;
}

async function tally(
  cases: AsyncIterable<Comparison> | Iterable<Comparison>,
): Promise<Record<string, Tally>> {
  const tallies: Record<string, Tally> = {};
  for await (const comparison of cases) {
    const { family, name } = comparison.case;
    const entry = tallies[family] ??= { cases: 0, sameValidity: 0, same: 0, reasons: {} };
    entry.cases++;
    if (comparison.sameValidity) entry.sameValidity++;
    if (comparison.same) entry.same++;
    else entry.reasons[name] = reasonsForDifference(comparison);
    proveCycles(comparison);
  }
  return tallies;
}

Deno.test({
  name: "verdicts on recorded and generated histories equal Elle's, or differ for a proven reason",
  ignore: !canRead,
  fn: async () => {
    const tallies = await tally(parseCases(await gunzip(CASES)).map(compare));
    const counts = Object.fromEntries(
      Object.entries(tallies).map((
        [family, { cases, sameValidity, same }],
      ) => [family, [same, sameValidity, cases]]),
    );
    // Same in everything, same validity, all. The cases hold every known difference, so parts are lower here than over all.
    assertEquals(counts, {
      "append": [52, 56, 57],
      "append-rt": [25, 26, 26],
      "wr": [39, 45, 48],
      "wr-rt": [20, 21, 22],
      "runs txn-list-append": [5, 6, 7],
      "runs txn-rw-register": [4, 6, 6],
    });
  },
});

Deno.test({
  name: "verdicts on a folder of histories equal Elle's, or differ for a proven reason",
  ignore: folder === undefined,
  fn: async () => {
    if (folder === undefined) return;
    async function* compared(path: string): AsyncGenerator<Comparison> {
      for await (const oracle of oracleCases(path)) yield compare(oracle);
    }
    const tallies = await tally(compared(folder));
    for (const [family, { cases, sameValidity, same, reasons }] of Object.entries(tallies)) {
      assert(cases > 0);
      await printLine(`${family}: of ${cases} cases ${same} the same, ${sameValidity} of the same validity`);
      for (const [name, why] of Object.entries(reasons)) await printLine(`  ${name}: ${why.join(", ")}`);
    }
  },
});
