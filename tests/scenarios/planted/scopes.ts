/** The scopes in which an exploration finds planted bugs. */

import type { Scope } from "../../../lib/bench/explore/explore.ts";

/** A scope in which a bug is found, and the number of executions until then. */
export interface SmallScope {
  readonly nodes: number;
  readonly operations: number;
  readonly seed: number;
  readonly bounds?: Partial<Scope["bounds"]>;
  readonly keys?: number;
  /** The number of clients, if it is not the default one. */
  readonly clients?: number;
  /** The time before the first operation, in ms. Default: 1000. */
  readonly settleMs?: number;
  /** The time after the last step in which operations end, in s. Default: operations in progress never end. */
  readonly withinS?: number;
  /** The name of invariants to check. */
  readonly invariant?: string;
  /** The depth of random schedules, if these find the bug sooner than the search through all orders. */
  readonly sampleDepth?: number;
  readonly executions: number;
}

/** The scope of each bug. */
export const SCOPES: Readonly<Record<string, SmallScope>> = {
  "reused-name": { nodes: 2, operations: 4, seed: 1, bounds: { crashes: 1 }, executions: 3 },
  "no-retransmit": {
    nodes: 2,
    operations: 3,
    seed: 1,
    bounds: { crashes: 1 },
    sampleDepth: 3,
    executions: 6,
  },
  "no-probe": { nodes: 2, operations: 2, seed: 2, bounds: { drops: 2, timeouts: 2 }, executions: 67 },
  "late-store-g-set": { nodes: 2, operations: 2, seed: 1, bounds: { crashes: 1 }, executions: 2 },
  "forgotten-total": { nodes: 2, operations: 2, seed: 3, bounds: { crashes: 1 }, executions: 2 },
  "ignored-decrement": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "added-twice": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "reused-offset": { nodes: 3, operations: 6, seed: 1, executions: 1 },
  "late-store-kafka": { nodes: 2, operations: 2, seed: 1, bounds: { crashes: 1 }, executions: 1 },
  // The client of n0 polls between its own sends, with offsets 0 and 2, and the arrival of the other node's.
  "unstable-poll": { nodes: 2, operations: 8, keys: 1, seed: 78, executions: 1 },
  "own-write-unread": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "partial-apply": {
    ...{ nodes: 2, operations: 4, clients: 4, keys: 2, seed: 4, withinS: 30 },
    bounds: { timeouts: 2 },
    sampleDepth: 2,
    executions: 3,
  },
  // A second client of a node sends a transaction while another node has been silent for more than a second.
  "refused-but-applied": {
    ...{ nodes: 2, operations: 4, clients: 4, keys: 1, seed: 9, withinS: 30 },
    bounds: { timeouts: 2 },
    sampleDepth: 3,
    executions: 34,
  },
  "unstable-transactions": {
    ...{ nodes: 2, operations: 4, clients: 4, keys: 1, seed: 2, withinS: 30 },
    bounds: { timeouts: 2 },
    sampleDepth: 2,
    executions: 4,
  },
  "unchecked-cas": { nodes: 2, operations: 4, seed: 2, bounds: { timeouts: 2 }, executions: 13 },
  // A node is elected whose copy has the last write, but not its commit, and the other voter lacks the entry.
  "reads-before-commit": {
    ...{ nodes: 3, operations: 3, keys: 1, seed: 117 },
    bounds: { timeouts: 4 },
    sampleDepth: 3,
    executions: 2,
  },
  // A forwarded write fails at its own node, and is applied by the leader.
  "definite-error": {
    ...{ nodes: 2, operations: 3, keys: 1, seed: 55 },
    bounds: { timeouts: 3 },
    sampleDepth: 2,
    executions: 20,
  },
  "acknowledges-before-store": {
    ...{ nodes: 2, operations: 3, keys: 1, seed: 4 },
    bounds: { crashes: 1, timeouts: 1 },
    sampleDepth: 3,
    executions: 5,
  },
  // The first election: two candidates of a term vote for each other.
  "votes-twice": {
    ...{ nodes: 3, operations: 1, keys: 1, seed: 4, settleMs: 200, invariant: "raft" },
    bounds: { timeouts: 3 },
    sampleDepth: 3,
    executions: 233,
  },
  "half-decides": { nodes: 2, operations: 2, seed: 1, bounds: { timeouts: 2 }, executions: 12 },
  "applies-twice": { nodes: 2, operations: 2, seed: 1, bounds: { timeouts: 2 }, executions: 84 },
  "shared-list": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "reads-stale-copy": { nodes: 2, operations: 4, seed: 9, executions: 30 },
  "lagging-candidate": { nodes: 3, operations: 4, seed: 17, bounds: { timeouts: 2 }, executions: 62 },
};
