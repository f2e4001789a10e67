/**
 * Models that a component refutes merely by having a cycle of certain edges, whatever the cycle is called.
 *
 * Mostly a named cycle says more, and these are left out then. They remain where each edge of the cycle stands for
 * several dependencies, so that its explanation gives it the name of a cycle that the model asked for does not proscribe.
 */

import { type ComponentSearch } from "./cycles.ts";
import { PROCESS, REALTIME, RW, WR, WW } from "./graph.ts";
import { friendlyModel, impossibleModels } from "./models.ts";

interface Refutation {
  readonly model: string;
  readonly kinds: number;
  /** Whether one rw edge may follow each other edge, but not another rw edge. */
  readonly hops: boolean;
}

/** Weakest first. A model is refuted by a cycle of these edges. */
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

/** The anomaly that says so: `PL-SI-cycle-exists`. */
export interface CycleExists {
  readonly type: string;
  /** The friendly name of the model that cannot hold. */
  readonly not: string;
}

/** All such anomalies, by canonical name of the model. */
export const CYCLE_EXISTS_MODELS: ReadonlyMap<string, string> = new Map(
  REFUTATIONS.map(({ model }) => [`${model}-cycle-exists`, model]),
);

/** The weakest models that this component refutes, save those in `known`, which something else refutes already. */
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
