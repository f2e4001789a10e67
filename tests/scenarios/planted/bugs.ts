/** Known mistakes, of which each is to be found by a sweep. */

import type { PlantedBug } from "./plant.ts";

/**
 * At least one in each node. What a sweep was tried with and did not find within 150 seeds is not here: what no checker looks at
 * (commits that go back), what something else seems to make good (a leader that does not ask whether it was deposed steps down
 * in time), and what takes too rare a chain of events (an append that is not compared with what stands before it).
 */
export const BUGS: readonly PlantedBug[] = [
  {
    name: "a name that is used again: ids of a former life come back",
    file: "nodes/unique_ids.ts",
    find: "node.random.id()",
    replace: '""',
    sweep: "-w unique-ids --faults all",
    from: 17,
  },
  {
    name: "no retry: what was sent once is taken for received",
    file: "lib/gossip/anti_entropy.ts",
    find: "const has = peer.delivery.has.get(origin);",
    replace: "const has = peer.delivery.sentUpTo(origin);",
    sweep: "-w broadcast --faults all",
    from: 1,
  },
  {
    name: "gives up: whoever was silent once is never asked again",
    file: "lib/gossip/gossip.ts",
    find: 'peer.state === "down" && this.#strategy.isResponsibleFor(peer)',
    replace: 'peer.state === "up" && this.#strategy.isResponsibleFor(peer)',
    sweep: "-w broadcast --faults all",
  },
  {
    name: "acknowledges before it stores",
    file: "lib/log/driver.ts",
    find: "storage?.append(STORED_LOG, JSON.stringify([origin, entry]));",
    replace: "node.after(100, () => void storage?.append(STORED_LOG, JSON.stringify([origin, entry])));",
    sweep: "-w g-set --faults all",
    from: 14,
  },
  {
    name: "begins at zero under its old name",
    file: "lib/crdt/driver.ts",
    find: "if (stored !== undefined) {",
    replace: "if (stored === null) {",
    sweep: "-w g-counter --faults all",
  },
  {
    name: "a decrement is no news",
    file: "lib/crdt/counter.ts",
    find: "if (version > (this.#vector.get(origin) ?? 0))",
    replace: "if (plus > (this.#states.get(origin)?.plus ?? 0))",
    sweep: "-w pn-counter --faults all",
    from: 3,
  },
  {
    name: "an addition whose answer was lost is added again",
    file: "lib/crdt/stored_counter.ts",
    find: "return incarnation === this.#incarnation ? previousTotal : previousTotal + own;",
    replace: "return previousTotal + own;",
    sweep: "-w g-counter --faults all -- --store seq-kv",
  },
  {
    name: "offset reuse: two nodes give out the same one",
    file: "lib/log/keyed/keyed_log.ts",
    find: "return least + ((node - least) % nodeCount + nodeCount) % nodeCount;",
    replace: "return node < nodeCount ? least : 0;",
    sweep: "-w kafka --faults all",
    from: 1,
  },
  {
    name: "polls show what is not stable",
    file: "lib/log/keyed/keyed_log.ts",
    find: "if (i !== this.#self.node) bound",
    replace: "if (i === -1) bound",
    sweep: "-w kafka --faults all",
  },
  {
    name: "acknowledges a message before it stores it",
    file: "lib/log/driver.ts",
    find: "storage?.append(STORED_LOG, JSON.stringify([origin, entry]));",
    replace: "node.after(100, () => void storage?.append(STORED_LOG, JSON.stringify([origin, entry])));",
    sweep: "-w kafka --faults all",
  },
  {
    name: "a transaction does not read what it wrote itself",
    file: "lib/log/registers/registers.ts",
    find: "writes.has(key) ? writes.get(key) ?? null : this.get(key)",
    replace: "this.get(key)",
    sweep: "-w txn-rw-register --faults all --consistency-models causal-cerone",
    from: 1,
  },
  {
    name: "partial apply: of a transaction, the first write alone",
    file: "lib/log/registers/registers.ts",
    find: "for (const [key, value] of writes) this.#versions",
    replace: "for (const [key, value] of [...writes].slice(0, 1)) this.#versions",
    sweep:
      "-w txn-rw-register --faults all --consistency-models strict-serializable -- --isolation strict-serializable --max-latency-ms 50",
  },
  {
    name: "refuses a transaction that happens all the same",
    file: "nodes/txn_rw_register.ts",
    find: "throw new RpcError(\n        CODE.txnConflict,",
    replace: "log.append(registers.entry(txn));\n      throw new RpcError(\n        CODE.txnConflict,",
    sweep:
      "-w txn-rw-register --faults all --consistency-models strict-serializable -- --isolation strict-serializable --max-latency-ms 50",
  },
  {
    name: "runs transactions in one order before every node has agreed",
    file: "lib/log/keyed/keyed_log.ts",
    find: "if (i !== this.#self.node) bound",
    replace: "if (i === -1) bound",
    sweep:
      "-w txn-rw-register --faults all --consistency-models strict-serializable -- --isolation strict-serializable --max-latency-ms 50",
  },
  {
    name: "lost update: a compare-and-set is checked when it comes, not when its turn has come",
    file: "nodes/lin_kv.ts",
    marker: "unchecked-cas",
    replace: "",
    sweep: "-w lin-kv --faults all",
  },
  {
    name: "stale read after fail-over: a leader reads before it knows what is committed",
    file: "lib/consensus/raft/safety_rules.ts",
    marker: "reads-before-commit",
    replace: "mayRead: () => true,",
    sweep: "-w lin-kv --faults all",
  },
  {
    name: "a definite error for what happened",
    file: "lib/consensus/driver.ts",
    marker: "definite-error",
    replace: "else reply?.fail(new RpcError(CODE.temporarilyUnavailable, REASONS[outcome.kind]));",
    sweep: "-w lin-kv --faults all -- --request-timeout-ms 300",
  },
  {
    name: "acknowledges a change before it stores it",
    file: "lib/consensus/raft/driver.ts",
    marker: "acknowledges-before-store",
    replace: "const save = (ready: Ready) => void node.after(100, () => storage?.save(ready));",
    sweep: "-w lin-kv --faults all",
  },
  {
    name: "votes twice",
    file: "lib/consensus/raft/safety_rules.ts",
    marker: "votes-twice",
    replace: "mayVote: () => true,",
    sweep: "-w lin-kv --faults all",
  },
  {
    name: "half of the nodes decide",
    file: "lib/consensus/raft/quorum.ts",
    marker: "half-decides",
    replace: "return Math.max(1, Math.ceil(voters / 2));",
    sweep: "-w txn-list-append --faults all",
  },
  {
    name: "retry not idempotent: a transaction that was sent twice happens twice",
    file: "lib/consensus/sessions.ts",
    marker: "applies-twice",
    replace: "",
    sweep: "-w txn-list-append --faults all",
  },
  {
    name: "a read gives out the list itself, which goes on growing",
    file: "nodes/txn_list_append.ts",
    marker: "shared-list",
    replace: "return list ?? null;",
    sweep: "-w txn-list-append --faults all",
    from: 1,
  },
  {
    name: "reads its own copy, which lags behind",
    file: "lib/consensus/local_reads.ts",
    marker: "reads-stale-copy",
    replace: 'if (this.#machine.kind(command) !== "read") return false;',
    sweep: "-w txn-list-append --faults all",
  },
  {
    name: "votes for a log that lacks what is committed",
    file: "lib/consensus/raft/safety_rules.ts",
    marker: "lagging-candidate",
    replace: "candidate.lastTerm >= own.lastTerm ||",
    sweep: "-w txn-list-append --faults all",
  },
];
