/**
 * Challenge 6: transactions over registers, with total availability. A transaction runs as a whole at the node that received
 * it, and is answered at once. Its writes travel together, and are applied together at every node.
 *
 * Guarantee, under any partition, loss, duplication and reordering: read committed, and more. A transaction reads a causally
 * consistent snapshot (all or nothing of any other transaction). The view of a node never goes back. A client that stays at
 * one node reads its own writes. In Elle's terms: strong-session-read-committed, monotonic-view, causal-cerone, and the models
 * that these imply. Lost updates and write skew are possible: two nodes may write a register at once, and the later write in
 * the order (Lamport time, node) wins everywhere. With `--data DIR`, killing any or all nodes loses nothing acknowledged.
 * Without it, killing a node loses transactions that it had not yet sent (up to one batch; more during a partition). The
 * restarted node learns what the others know before it answers, unless it cannot reach them for half a second. It continues
 * under a new name, so no position in the order is used twice. All writing transactions stay in memory for such nodes.
 *
 * Idea: the last writer wins, per transaction (`lib/log/registers/registers.ts`), on logs that are delivered in causal order
 * (`lib/log/causal/causal_order.ts`) and spread in rounds through a hub. `--isolation strict-serializable` runs all
 * transactions in one order (`lib/log/registers/total_order_registers.ts`). Each transaction then waits for every node,
 * about two batches, and none is answered while a node is down or partitioned away.
 *
 * Cost: 2n - 2 messages per batch at any rate, none when nothing is outstanding, in both modes. With two nodes, a write
 * appears at the other node within two batches.
 * Source: https://fly.io/dist-sys/6a/ to 6c; Bailis et al., "Highly Available Transactions" (VLDB 2013).
 */

import { choice, CODE, type DeferredReply, type Node, RpcError, serve, type Values } from "../lib/mod.ts";
import { disseminate } from "../lib/gossip/driver.ts";
import { assertEntrySize, CausalLog, causalLogSettings, nodeOf } from "../lib/log/causal/driver.ts";
import { type RegisterOperation, Registers } from "../lib/log/registers/registers.ts";
import { TotalOrderRegisters } from "../lib/log/registers/total_order_registers.ts";
import { rwRegister } from "../lib/protocol/txn.ts";

/** The settings. */
export const settings = {
  ...causalLogSettings,
  isolation: choice("causal", {
    options: ["causal", "strict-serializable"],
    description:
      "Isolation of transactions: causally consistent snapshots with total availability, or one order of all transactions, " +
      "each answered once every node has it.",
  }),
} as const;

type Settings = Values<typeof settings>;

/** With one order: the number of batches after which a waiting transaction shows that a node is unresponsive. */
const SILENT_BATCHES = 5;
/** The minimum of that time, in ms, for short batches. */
const SILENT_MS_MIN = 1000;

/** With one order: the number of transactions that may wait. Further ones are refused with code 11. */
const WAITING_MAX = 100_000;

/** Executes transactions over registers. */
export function txnRwRegister(node: Node, values: Settings): void {
  if (values.isolation === "causal") runAvailable(node, values);
  else runInTotalOrder(node, values);
}

function runAvailable(node: Node, values: Settings): void {
  const registers = new Registers();
  const log = new CausalLog(node, {
    disseminate: (replica, incarnation) => disseminate(node, { ...values, replica, incarnation }),
    deliver: (entry, { origin }) => registers.deliver(entry, origin),
    acknowledged: () => {},
  });
  node.watch("registers", () => registers.size);
  node.watch("clock", () => registers.clock);
  const run = (request: readonly RegisterOperation[]) => {
    const { txn, writes } = registers.execute(request);
    if (writes.size > 0) log.append(registers.entry(writes));
    return { txn };
  };
  node.on(rwRegister, ({ txn }) => {
    const ready = log.ready();
    return ready === undefined ? run(txn) : ready.then(() => run(txn));
  });
}

function runInTotalOrder(node: Node, values: Settings): void {
  type Reply = { readonly txn: readonly RegisterOperation[] };
  const waiting = new Map<number, { readonly since: number; readonly reply: DeferredReply<Reply> }>();
  const indexOf = new Map(node.ids.map((id, i) => [id, i]));
  const registers = new TotalOrderRegisters({
    node: node.ids.indexOf(node.id),
    nodeCount: node.ids.length,
    nodeOf: (origin) => indexOf.get(nodeOf(origin)),
  }, (offset, txn) => {
    const taken = waiting.get(offset);
    if (taken === undefined) return; // accepted by a previous process, and read from the disk
    waiting.delete(offset);
    node.after(0, () => taken.reply.send({ txn }));
  });
  const log = new CausalLog(node, {
    disseminate: (replica, incarnation) => disseminate(node, { ...values, replica, incarnation }),
    deliver: (entry, from) => registers.deliver(entry, from),
    acknowledged: (by, known) => registers.acknowledged(by, known),
  });
  node.watch("waiting transactions", () => waiting.size);
  const silentMs = Math.max(SILENT_MS_MIN, SILENT_BATCHES * values.maxLatencyMs);
  const run = (txn: readonly RegisterOperation[]) => {
    const [oldest] = waiting.values();
    if (oldest !== undefined && node.now() - oldest.since > silentMs) { // plant: refused-but-applied
      throw new RpcError(
        CODE.txnConflict,
        "earlier transactions are waiting for an unresponsive node",
      );
    }
    if (waiting.size >= WAITING_MAX) {
      throw new RpcError(
        CODE.temporarilyUnavailable,
        `${waiting.size} transactions are already waiting for other nodes`,
      );
    }
    const entry = registers.entry(txn);
    assertEntrySize(entry);
    const reply = node.deferReply<Reply>();
    waiting.set(entry[1][0], { since: node.now(), reply });
    log.append(entry);
    return reply.promise;
  };
  node.on(rwRegister, ({ txn }) => {
    const ready = log.ready();
    return ready === undefined ? run(txn) : ready.then(() => run(txn));
  });
}

if (import.meta.main) {
  await serve(txnRwRegister, {
    description:
      "Executes transactions over registers: each at once at the node that receives it, or all in one order.",
    settings,
    storage: true,
  });
}
