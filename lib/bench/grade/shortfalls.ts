/**
 * Observations that Maelstrom does not count but that show an unsolved challenge.
 *
 * Tested by `tests/bench/grade/grade_test.ts`.
 */

import { parseResult } from "../store/parse_result.ts";
import { plural } from "../format.ts";

/** One such observation. */
export interface Shortfall {
  readonly kind: "diverged" | "thin-air-reads";
  /** Clause without a period. */
  readonly text: string;
}

/** Returns the shortfalls in a result map; none without a result. */
export function shortfallsOf(map: unknown): readonly Shortfall[] {
  if (map === undefined) return [];
  const { convergence, workload } = parseResult(map);
  const shortfalls: Shortfall[] = [];
  if (convergence?.converged === false) {
    const { differentCount: different, keyCount = different, silent } = convergence;
    const parts = [
      ...(different === 0 ? [] : [`nodes differ on ${different} of ${plural(keyCount, "key")}`]),
      ...(silent.length === 0 ? [] : [`${silent.join(", ")} did not answer the final reads`]),
    ];
    shortfalls.push({ kind: "diverged", text: parts.join(", and ") });
  }
  const invented = workload.isolation?.newer.find(({ kind }) => kind === "thin-air-read")?.count ?? 0;
  if (invented > 0) {
    const text = `${plural(invented, "read")} returned values that were never written`;
    shortfalls.push({ kind: "thin-air-reads", text });
  }
  return shortfalls;
}
