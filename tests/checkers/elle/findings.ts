/** Support for tests: the anomalies of a result by name, and their evidence in Elle's form. */

import { type ElleResult, toJepsen } from "../../../lib/checkers/mod.ts";
import { record } from "../recorded.ts";

/** Returns the names of the anomalies. */
export function typesOf({ anomalies }: ElleResult): string[] {
  return anomalies.map(({ type }) => type);
}

/** Returns the number of cases by anomaly. */
export function countsOf({ anomalies }: ElleResult): Record<string, number> {
  return Object.fromEntries(anomalies.map(({ type, count }) => [type, count]));
}

/** Returns the examples of an anomaly in Elle's form; undefined if there is no such anomaly. */
export function examplesOf(
  result: ElleResult,
  type: string,
): Readonly<Record<string, unknown>>[] | undefined {
  const examples = record(toJepsen(result)["anomalies"])[type];
  return Array.isArray(examples) ? examples.map(record) : undefined;
}
