/**
 * Workload pn-counter: a counter that goes up and down. An addition at one node must be counted at every node.
 *
 * Guarantee: an acknowledged addition is counted exactly once, at every node, as soon as messages pass. Operations are
 * answered at once under any partition. A sum outside ±(2^53 - 1) is refused with code 14, because it would not be exact. With
 * `--data DIR`, no acknowledged addition is lost even if all nodes are killed at once. Without it, killing a node loses
 * additions that it had not yet sent. The restarted node counts under a new name, so nothing is counted twice.
 *
 * Idea and cost in messages: those of `g_counter.ts`, with two sums per node, one of increments and one of decrements, each
 * of which only grows.
 * Source: Maelstrom's workload pn-counter; PN-Counter: Shapiro et al. 2011 (see `lib/crdt/counter.ts`).
 */

import { type Node, serve, type Values } from "../lib/mod.ts";
import { counterSettings, nodeCounter } from "../lib/crdt/driver.ts";
import { disseminate, gossipSettings, LATENCY_VS_MESSAGES_HELP } from "../lib/gossip/driver.ts";
import { add, read } from "../lib/protocol/counter.ts";

/** The settings. */
export const settings = { ...gossipSettings, ...counterSettings };

/** Keeps a counter that goes up and down and is the same on all nodes. */
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
    description:
      `Keeps a counter that goes up and down and is the same on all nodes.\n\n${LATENCY_VS_MESSAGES_HELP}`,
    settings,
    storage: true,
  });
}
