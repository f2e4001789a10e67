/**
 * Challenge 6: transactions over registers, with total availability. A transaction runs whole at the node that got it and
 * is answered at once; its writes travel together and are applied together everywhere.
 *
 * Guarantee, whatever is cut off, lost, doubled or overtaken: read committed, and more. A transaction reads one causally
 * closed snapshot (of another transaction all or nothing), no node's view ever goes back, and a client that stays at its node
 * reads its own writes. In Elle's words: strong-session-read-committed, monotonic-view, causal-cerone (and what these
 * imply). Lost updates and write skew are possible: two nodes may write a register at once, and the later in (Lamport time,
 * node) wins everywhere. With `--data DIR` a kill of any or all nodes loses nothing acknowledged. Without it, a killed node
 * takes along what it had not yet handed on (up to a batch, more while it is cut off), learns what the others know before it
 * answers (unless it cannot reach them for half a second), and goes on under another name, so that no place in the order is
 * used twice. Every transaction that wrote stays in memory, so that a node that has forgotten can be told.
 *
 * Idea: last writer wins by transaction (`lib/log/registers/registers.ts`), on logs that are delivered in causal order
 * (`lib/log/causal/causal_order.ts`), spread by rounds through a hub. Messages: 2n - 2 a batch whatever the rate, none when
 * nothing is outstanding. A write is seen on the other of two nodes within two batches. `--isolation strict-serializable` runs all
 * transactions in one order (`lib/log/registers/serial_registers.ts`), for as many messages; each then waits for every
 * node, about two batches, and none is served while one is cut off.
 * Source: https://fly.io/dist-sys/6a/ to 6c; Bailis et al., "Highly Available Transactions" (VLDB 2013).
 */

import { choice, CODE, type DeferredReply, type Node, RpcError, serve, type Values } from "../lib/mod.ts";
import { disseminate } from "../lib/gossip/driver.ts";
import { causalLogSettings, nodeOf, openCausalLog, requireFitting } from "../lib/log/causal/driver.ts";
import { type RegisterOperation, Registers } from "../lib/log/registers/registers.ts";
import { SerialRegisters } from "../lib/log/registers/serial_registers.ts";
import { rwRegister } from "../lib/protocol/txn.ts";

/** What may be set. */
export const settings = {
  ...causalLogSettings,
  isolation: choice("causal", {
    of: ["causal", "strict-serializable"],
    about:
      "What transactions may see: causally closed snapshots, at once and always; or one order of all, when every node has agreed.",
  }),
} as const;

/** The strongest models that hold without a setting, whatever faults there are. */
export const consistencyModels = [
  "strong-session-read-committed",
  "monotonic-view",
  "causal-cerone",
] as const;

type Settings = Values<typeof settings>;

/** With one order for all: a transaction that waits for longer, in batches, shows that a node is silent… */
const SILENT_BATCHES = 5;
/** …or in ms, where batches are short. */
const SILENT_MS_MIN = 1000;

/** How many transactions may wait for their turn in the one order; past it, the next one is refused with code 11. */
const WAITING_MAX = 100_000;

/** Runs transactions over registers. */
export function txnRwRegister(node: Node, values: Settings): void {
  if (values.isolation === "causal") runAtOnce(node, values);
  else runInOneOrder(node, values);
}

function runAtOnce(node: Node, values: Settings): void {
  const registers = new Registers();
  const log = openCausalLog(node, {
    disseminate: (replica, incarnation) => disseminate(node, { ...values, replica, incarnation }),
    deliver: (entry, { origin }) => registers.deliver(entry, origin),
    acknowledged: () => {},
  });
  const run = (request: readonly RegisterOperation[]) => {
    const { txn, writes } = registers.execute(request);
    if (writes.size > 0) log.append(registers.entry(writes));
    return { txn };
  };
  node.on(rwRegister, ({ txn }) => {
    const ready = log.catchUp();
    return ready === undefined ? run(txn) : ready.then(() => run(txn));
  });
}

function runInOneOrder(node: Node, values: Settings): void {
  type Reply = { readonly txn: readonly RegisterOperation[] };
  const waiting = new Map<number, { readonly since: number; readonly reply: DeferredReply<Reply> }>();
  const seatOf = new Map(node.ids.map((id, i) => [id, i]));
  const registers = new SerialRegisters({
    node: node.ids.indexOf(node.id),
    nodes: node.ids.length,
    nodeOf: (origin) => seatOf.get(nodeOf(origin)),
  }, (offset, txn) => {
    const taken = waiting.get(offset);
    if (taken === undefined) return; // a former life's, read back from the store
    waiting.delete(offset);
    node.after(0, () => taken.reply.send({ txn }));
  });
  const log = openCausalLog(node, {
    disseminate: (replica, incarnation) => disseminate(node, { ...values, replica, incarnation }),
    deliver: (entry, from) => registers.deliver(entry, from),
    acknowledged: (by, known) => registers.acknowledged(by, known),
  });
  const silentMs = Math.max(SILENT_MS_MIN, SILENT_BATCHES * values.maxLatencyMs);
  const run = (txn: readonly RegisterOperation[]) => {
    const [oldest] = waiting.values();
    if (oldest !== undefined && node.now() - oldest.since > silentMs) {
      throw new RpcError(
        CODE.txnConflict,
        "transactions before this one wait for a node that does not answer",
      );
    }
    if (waiting.size >= WAITING_MAX) {
      throw new RpcError(
        CODE.temporarilyUnavailable,
        `${waiting.size} transactions wait for their turn already`,
      );
    }
    const entry = registers.entry(txn);
    requireFitting(entry);
    const reply = node.deferReply<Reply>();
    waiting.set(entry[1][0], { since: node.now(), reply });
    log.append(entry);
    return reply.promise;
  };
  node.on(rwRegister, ({ txn }) => {
    const ready = log.catchUp();
    return ready === undefined ? run(txn) : ready.then(() => run(txn));
  });
}

if (import.meta.main) {
  await serve(txnRwRegister, {
    about:
      "Runs transactions over registers: each at once, at the node that it was sent to, or all in one order.",
    settings,
    storage: true,
  });
}
