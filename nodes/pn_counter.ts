/**
 * Workload pn-counter: a counter that goes up and down. What was added at one node is counted at every node.
 *
 * Guarantee: an acknowledged addition is counted exactly once, everywhere, as soon as messages pass; operations are answered
 * at once under any partition. A sum beyond ±(2^53 - 1) is refused (14), since it would not be exact. With `--data DIR`
 * nothing acknowledged is lost even if all nodes are killed at once. Without it, a killed node takes along what it had not
 * yet handed on, and then counts under a new name, so that nothing is counted twice.
 *
 * Idea and message cost are those of `g_counter.ts`, with two sums per node: one of what was added, one of what was taken
 * away, each of which only grows. Source: Maelstrom's workload pn-counter; PN-Counter: Shapiro et al. 2011 (see
 * `lib/crdt/counter.ts`).
 */

import { type Node, serve, type Values } from "../lib/mod.ts";
import { counterSettings, nodeCounter } from "../lib/crdt/driver.ts";
import { disseminate, gossipSettings, LATENCY_VS_MESSAGES_HELP } from "../lib/gossip/driver.ts";
import { add, read } from "../lib/protocol/counter.ts";

/** What may be set. */
export const settings = { ...gossipSettings, ...counterSettings };

/** Keeps a counter that goes up and down, the same on all nodes. */
export function pnCounter(node: Node, values: Values<typeof settings>): void {
  const counter = nodeCounter(node, {
    ...values,
    disseminate: (state) => disseminate(node, { ...values, ...state }),
  });
  node.on(add, ({ delta }) => {
    counter.add(delta);
    return {};
  });
  node.on(read, () => counter.read());
}

if (import.meta.main) {
  await serve(pnCounter, {
    about: `Keeps a counter that goes up and down, the same on all nodes.\n\n${LATENCY_VS_MESSAGES_HELP}`,
    settings,
    storage: true,
  });
}
