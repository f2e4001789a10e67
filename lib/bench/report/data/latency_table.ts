/** Latencies by kind of operation. Tested by `tests/bench/report/findings_test.ts`. */

import { quantile } from "../../../checkers/quantile.ts";
import { type OperationColumns, OUTCOMES } from "./report_data.ts";

/** A row of the table. */
export interface LatencyRow {
  readonly name: string;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Latencies of successful operations in ms: median, 0.95, 0.99, maximum; `null` if there are none. */
  readonly quantiles: readonly (number | null)[];
}

const QUANTILES = [0.5, 0.95, 0.99, 1];

/** Returns the rows, by operation name. */
export function latencyTable(operations: OperationColumns): LatencyRow[] {
  const counts = operations.names.map(() => OUTCOMES.map(() => 0));
  const latencies: number[][] = operations.names.map(() => []);
  for (const [row, f] of operations.f.entries()) {
    const outcome = operations.outcome[row] ?? 3;
    const count = counts[f];
    if (count !== undefined) count[outcome] = (count[outcome] ?? 0) + 1;
    if (outcome === 0) latencies[f]?.push(((operations.end[row] ?? 0) - (operations.begin[row] ?? 0)) / 1000);
  }
  return operations.names.map((name, f) => {
    const sorted = (latencies[f] ?? []).sort((a, b) => a - b);
    const [ok = 0, fail = 0, info = 0, pending = 0] = counts[f] ?? [];
    return {
      name,
      ok,
      fail,
      info: info + pending,
      quantiles: QUANTILES.map((q) => quantile(sorted, q) ?? null),
    };
  });
}
