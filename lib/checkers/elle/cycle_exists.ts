/**
 * Models that a component refutes because it has a cycle of certain edges. The name of the cycle does not matter.
 *
 * Usually a named cycle refutes the model, and these anomalies are left out. They remain if each edge of the cycle
 * represents several dependencies, so that the explanation names a cycle that the expected model allows.
 *
 * Tested by `tests/checkers/elle/cycles_test.ts`.
 */

import { type ComponentSearch } from "./cycles.ts";
import { PROCESS, REALTIME, RW, WR, WW } from "./graph.ts";
import { friendlyModel, impossibleModels } from "./models.ts";

interface Refutation {
  readonly model: string;
  readonly kinds: number;
  /** True if an rw edge may follow each other edge, but not another rw edge. */
  readonly hops: boolean;
}

/** Cycles and the models that they refute, weakest first. */
const REFUTATIONS: readonly Refutation[] = [
  { model: "PL-1", kinds: WW, hops: false },
  { model: "PL-2", kinds: WW | WR, hops: false },
  { model: "PL-SI", kinds: WW | WR, hops: true },
  { model: "PL-2.99", kinds: WW | WR | RW, hops: false },
  { model: "PL-3", kinds: WW | WR | RW, hops: false },
  { model: "strong-session-PL-1", kinds: WW | PROCESS, hops: false },
  { model: "strong-session-PL-2", kinds: WW | WR | PROCESS, hops: false },
  { model: "strong-session-snapshot-isolation", kinds: WW | WR | PROCESS, hops: true },
  { model: "strong-session-serializable", kinds: WW | WR | RW | PROCESS, hops: false },
  { model: "strong-PL-1", kinds: WW | REALTIME, hops: false },
  { model: "strong-PL-2", kinds: WW | WR | REALTIME, hops: false },
  { model: "strong-snapshot-isolation", kinds: WW | WR | REALTIME, hops: true },
  { model: "PL-SS", kinds: WW | WR | RW | REALTIME, hops: false },
];

/** An anomaly such as `PL-SI-cycle-exists`. */
export interface CycleExists {
  readonly type: string;
  /** The friendly name of the model that does not hold. */
  readonly not: string;
}

/** All such anomalies, with the canonical names of the models. */
export const CYCLE_EXISTS_MODELS: ReadonlyMap<string, string> = new Map(
  REFUTATIONS.map(({ model }) => [`${model}-cycle-exists`, model]),
);

/** Returns the weakest models that a component refutes, except those in `known`. */
export function cyclesExist(search: ComponentSearch, known: ReadonlySet<string>): CycleExists[] {
  const found: CycleExists[] = [];
  const refuted = new Set<string>();
  for (const { model, kinds, hops } of REFUTATIONS) {
    if (refuted.has(model)) continue;
    const isKnown = known.has(model);
    if (!isKnown && !search.hasCycle(kinds, hops)) continue;
    for (const stronger of impossibleModels([model])) refuted.add(stronger);
    if (!isKnown) found.push({ type: `${model}-cycle-exists`, not: friendlyModel(model) });
  }
  return found;
}
