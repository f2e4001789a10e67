/** Observations that Maelstrom does not count but that show an unsolved challenge. */

import { isObject } from "../../protocol/schema.ts";
import { getNumber } from "../store/result_map.ts";
import { plural } from "../format.ts";

/** One such observation. */
export interface Shortfall {
  readonly kind: "diverged" | "thin-air-reads";
  /** Clause without a period. */
  readonly text: string;
}

/** Returns the shortfalls in a result. */
export function shortfallsOf(result: Readonly<Record<string, unknown>> | undefined): readonly Shortfall[] {
  if (result === undefined) return [];
  const shortfalls: Shortfall[] = [];
  const { convergence } = result;
  const different = getNumber(convergence, "different-count") ?? 0;
  if (isObject(convergence) && convergence["converged"] === false) {
    const keys = getNumber(convergence, "key-count");
    const silent = Array.isArray(convergence["silent"]) ? convergence["silent"].map(String) : [];
    const parts = [
      ...(different === 0 ? [] : [`nodes differ on ${different} of ${plural(keys ?? different, "key")}`]),
      ...(silent.length === 0 ? [] : [`${silent.join(", ")} did not answer the final reads`]),
    ];
    shortfalls.push({ kind: "diverged", text: parts.join(", and ") });
  }
  const invented = thinAirReads(result);
  if (invented > 0) {
    const text = `${plural(invented, "read")} returned values that were never written`;
    shortfalls.push({ kind: "thin-air-reads", text });
  }
  return shortfalls;
}

function thinAirReads({ workload }: Readonly<Record<string, unknown>>): number {
  const findings = isObject(workload) ? workload["newer-findings"] : undefined;
  if (!Array.isArray(findings)) return 0;
  const found = findings.filter(isObject).find(({ kind }) => kind === "thin-air-read");
  return getNumber(found, "count") ?? 0;
}
