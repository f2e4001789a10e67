/** The scopes in which an exploration finds planted bugs. */

import type { Scope } from "../../../lib/bench/explore/explore.ts";

/** A scope in which a bug is found, and the number of executions until then. */
export interface SmallScope {
  readonly nodes: number;
  readonly operations: number;
  readonly seed: number;
  readonly bounds?: Partial<Scope["bounds"]>;
  readonly executions: number;
}

/**
 * The scope of each bug. The others need more than a minute: a leader or an order of transactions must change between
 * several operations.
 */
export const SCOPES: Readonly<Record<string, SmallScope>> = {
  "reused-name": { nodes: 2, operations: 4, seed: 1, bounds: { crashes: 1 }, executions: 3 },
  "no-retransmit": { nodes: 2, operations: 4, seed: 7, bounds: { crashes: 1 }, executions: 238 },
  "no-probe": { nodes: 2, operations: 2, seed: 2, bounds: { drops: 1, timeouts: 2 }, executions: 89 },
  "late-store-g-set": { nodes: 2, operations: 2, seed: 1, bounds: { crashes: 1 }, executions: 2 },
  "forgotten-total": { nodes: 2, operations: 2, seed: 3, bounds: { crashes: 1 }, executions: 2 },
  "ignored-decrement": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "added-twice": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "reused-offset": { nodes: 3, operations: 6, seed: 1, executions: 1 },
  "late-store-kafka": { nodes: 2, operations: 2, seed: 1, bounds: { crashes: 1 }, executions: 1 },
  "own-write-unread": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "unchecked-cas": { nodes: 2, operations: 4, seed: 2, bounds: { timeouts: 2 }, executions: 13 },
  "acknowledges-before-store": {
    nodes: 2,
    operations: 4,
    seed: 2,
    bounds: { crashes: 1, timeouts: 2 },
    executions: 234,
  },
  "half-decides": { nodes: 2, operations: 2, seed: 1, bounds: { timeouts: 2 }, executions: 12 },
  "applies-twice": { nodes: 2, operations: 2, seed: 1, bounds: { timeouts: 2 }, executions: 84 },
  "shared-list": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "reads-stale-copy": { nodes: 2, operations: 4, seed: 9, executions: 30 },
  "lagging-candidate": { nodes: 3, operations: 4, seed: 17, bounds: { timeouts: 2 }, executions: 62 },
};
