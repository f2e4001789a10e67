/**
 * Challenge 6: transactions over registers, with total availability. A transaction runs whole at the node that got it and
 * is answered at once; its writes travel together and are applied together everywhere.
 *
 * Guarantee, whatever is cut off, lost, doubled or overtaken: read committed, and more. A transaction reads one causally
 * closed snapshot (atomic view: all of another transaction or nothing), no node's view ever goes back, and a client that
 * stays at its node reads its own writes. In Elle's words: strong-session-read-committed, monotonic-view,
 * monotonic-atomic-view, read-atomic, causal-cerone. Lost updates and write skew are possible: two nodes may write the same
 * register at once, and the later in (Lamport time, node) wins everywhere. With `--data DIR` a kill of any or all nodes loses
 * nothing acknowledged. Without it, a killed node takes along what it had not yet handed on (up to a batch, more while it is
 * cut off), and begins anew under another name, so that no place in the order is used twice.
 *
 * Idea: last writer wins by transaction (`lib/log/registers/registers.ts`), on logs that are delivered in causal order
 * (`lib/log/causal/causal_order.ts`), spread by rounds through a hub. Messages: 2n - 2 a batch whatever the rate, none when
 * nothing is outstanding. A write is seen on the other of two nodes within two batches.
 * Source: https://fly.io/dist-sys/6a/ to 6c; Bailis et al., "Highly Available Transactions" (VLDB 2013).
 */

import { type Node, serve, type Values } from "../lib/mod.ts";
import { disseminate } from "../lib/gossip/driver.ts";
import { causalLogSettings, openCausalLog } from "../lib/log/causal/driver.ts";
import { Registers } from "../lib/log/registers/registers.ts";
import { rwRegister } from "../lib/protocol/txn.ts";

/** What may be set. */
export const settings = causalLogSettings;

/** Runs transactions over registers. */
export function txnRwRegister(node: Node, values: Values<typeof settings>): void {
  const registers = new Registers();
  const log = openCausalLog(node, {
    disseminate: (replica, life) => disseminate(node, { ...values, replica, life }),
    deliver: (entry, { origin }) => registers.deliver(entry, origin),
    acknowledged: () => {},
  });
  const run = (request: Parameters<typeof registers.execute>[0]) => {
    const { txn, writes } = registers.execute(request);
    if (writes.size > 0) log.append(registers.entry(writes));
    return { txn };
  };

  node.on(rwRegister, ({ txn }) => {
    const ready = log.catchingUp;
    return ready === undefined ? run(txn) : ready.then(() => run(txn));
  });
}

if (import.meta.main) {
  await serve(txnRwRegister, {
    about: "Runs transactions over registers, each at once and at the node that it was sent to.",
    settings,
    storage: true,
  });
}
