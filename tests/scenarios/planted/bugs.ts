/** Known bugs. A sweep must find each of them. */

import type { PlantedBug } from "./plant.ts";

/**
 * At least one bug per node. Bugs that no sweep found within 150 seeds are not listed. Some have no checker (commits that go
 * back). Others are masked: a leader that does not detect its successor steps down in time. Others need too rare a chain of
 * events, such as an append without a comparison of the previous entry.
 */
export const BUGS: readonly PlantedBug[] = [
  {
    id: "reused-name",
    name: "a restarted node reuses its name, and so the ids of its previous incarnation",
    file: "nodes/unique_ids.ts",
    replace: 'const incarnation = "";',
    sweep: "-w unique-ids --faults all",
    from: 17,
  },
  {
    id: "no-retransmit",
    name: "a node considers a sent update received, and never retransmits it",
    file: "lib/gossip/anti_entropy.ts",
    replace: "const has = peer.delivery.sentUpTo(origin);",
    sweep: "-w broadcast --faults all",
    from: 1,
  },
  {
    id: "no-probe",
    name: "a node never probes a peer again that was silent once",
    file: "lib/gossip/gossip.ts",
    replace:
      'return peer.state === "up" && this.#strategy.isResponsibleFor(peer) && this.#antiEntropy.isBehind(peer);',
    sweep: "-w broadcast --faults all",
  },
  {
    id: "late-store-g-set",
    name: "a node acknowledges an element before it stores it",
    file: "lib/log/driver.ts",
    marker: "late-store",
    replace: "node.after(100, () => void storage?.append(STORED_LOG, stringifyExactJson([origin, entry])));",
    sweep: "-w g-set --faults all",
  },
  {
    id: "forgotten-total",
    name: "a restarted node counts from zero under its old name",
    file: "lib/crdt/driver.ts",
    replace: "if (stored === null) {",
    sweep: "-w g-counter --faults all",
  },
  {
    id: "ignored-decrement",
    name: "a node does not merge a decrement",
    file: "lib/crdt/counter.ts",
    replace: "if (plus > (this.#states.get(origin)?.plus ?? 0)) this.#set(origin, { version, plus, minus });",
    sweep: "-w pn-counter --faults all",
  },
  {
    id: "added-twice",
    name: "a node repeats an addition whose reply was lost",
    file: "lib/crdt/stored_counter.ts",
    replace: "return previousTotal + own;",
    sweep: "-w g-counter --faults all -- --store seq-kv",
  },
  {
    id: "reused-offset",
    name: "two nodes assign the same offset",
    file: "lib/log/keyed/keyed_log.ts",
    replace: "return node < nodeCount ? least : 0;",
    sweep: "-w kafka --faults all",
    from: 1,
  },
  {
    id: "unstable-poll",
    name: "a poll returns unstable messages",
    file: "lib/log/keyed/keyed_log.ts",
    marker: "unstable-order",
    replace: "if (i === -1) bound = Math.min(bound, this.#watermarks[i] ?? -1);",
    sweep: "-w kafka --faults all",
  },
  {
    id: "late-store-kafka",
    name: "a node acknowledges a message before it stores it",
    file: "lib/log/driver.ts",
    marker: "late-store",
    replace: "node.after(100, () => void storage?.append(STORED_LOG, stringifyExactJson([origin, entry])));",
    sweep: "-w kafka --faults all",
  },
  {
    id: "own-write-unread",
    name: "a transaction does not read its own writes",
    file: "lib/log/registers/registers.ts",
    replace: 'return ["r", key, this.get(key)];',
    sweep: "-w txn-rw-register --faults all --consistency-models causal-cerone",
  },
  {
    id: "partial-apply",
    name: "a node applies only the first write of a transaction",
    file: "lib/log/registers/registers.ts",
    replace:
      'for (const [key, value] of [...writes].slice(0, 1)) this.#versions.set(key, { time: 0, origin: "", value });',
    sweep:
      "-w txn-rw-register --faults all --consistency-models strict-serializable -- --isolation strict-serializable --max-latency-ms 50",
  },
  {
    id: "refused-but-applied",
    name: "a node refuses a transaction and applies it later",
    file: "nodes/txn_rw_register.ts",
    replace:
      "if (oldest !== undefined && node.now() - oldest.since > silentMs) {\n      log.append(registers.entry(txn));",
    sweep:
      "-w txn-rw-register --faults all --consistency-models strict-serializable -- --isolation strict-serializable --max-latency-ms 50",
  },
  {
    id: "unstable-transactions",
    name: "a node executes transactions before their order is stable",
    file: "lib/log/keyed/keyed_log.ts",
    marker: "unstable-order",
    replace: "if (i === -1) bound = Math.min(bound, this.#watermarks[i] ?? -1);",
    sweep:
      "-w txn-rw-register --faults all --consistency-models strict-serializable -- --isolation strict-serializable --max-latency-ms 50",
  },
  {
    id: "unchecked-cas",
    name: "a compare-and-set is checked at its arrival, not when it is applied",
    file: "nodes/lin_kv.ts",
    replace: "",
    sweep: "-w lin-kv --faults all",
  },
  {
    id: "reads-before-commit",
    name: "a new leader serves reads before it has committed in its term",
    file: "lib/consensus/raft/safety_rules.ts",
    replace: "mayRead: () => true,",
    sweep: "-w lin-kv --faults all",
  },
  {
    id: "definite-error",
    name: "a timeout gets a definite error, although the operation may happen",
    file: "lib/consensus/driver.ts",
    replace: "else reply?.fail(new RpcError(CODE.temporarilyUnavailable, REASONS[outcome.kind]));",
    sweep: "-w lin-kv --faults all -- --request-timeout-ms 300",
  },
  {
    id: "acknowledges-before-store",
    name: "a node acknowledges a change before it stores it",
    file: "lib/consensus/raft/driver.ts",
    replace: "const save = (ready: Ready) => void node.after(100, () => storage?.save(ready));",
    sweep: "-w lin-kv --faults all",
  },
  {
    id: "votes-twice",
    name: "a node votes twice in a term",
    file: "lib/consensus/raft/safety_rules.ts",
    replace: "mayVote: () => true,",
    sweep: "-w lin-kv --faults all",
  },
  {
    id: "half-decides",
    name: "half of the nodes count as a majority",
    file: "lib/consensus/raft/quorum.ts",
    replace: "return Math.max(1, Math.ceil(voters / 2));",
    sweep: "-w txn-list-append --faults all",
  },
  {
    id: "applies-twice",
    name: "a transaction that is sent twice is applied twice",
    file: "lib/consensus/sessions.ts",
    replace: "",
    sweep: "-w txn-list-append --faults all",
  },
  {
    id: "shared-list",
    name: "a read returns the list itself, which later appends change",
    file: "nodes/txn_list_append.ts",
    replace: "return list ?? null;",
    sweep: "-w txn-list-append --faults all",
    from: 1,
  },
  {
    id: "reads-stale-copy",
    name: "a node reads its own copy, which may be stale",
    file: "lib/consensus/local_reads.ts",
    replace: 'if (this.#machine.kind(command) !== "read") return false;',
    sweep: "-w txn-list-append --faults all",
  },
  {
    id: "lagging-candidate",
    name: "a node votes for a log that lacks committed entries",
    file: "lib/consensus/raft/safety_rules.ts",
    replace: "candidate.lastTerm >= own.lastTerm ||",
    sweep: "-w txn-list-append --faults all",
  },
];
