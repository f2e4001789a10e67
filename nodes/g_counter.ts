/**
 * Challenge 4: a counter that only grows. What was added at one node is counted at every node.
 *
 * Guarantee: an acknowledged addition is counted exactly once, everywhere, as soon as messages pass; operations are answered
 * at once under any partition. A negative delta is refused (12), a sum beyond 2^53 - 1 too (14), since it would not be exact.
 * With `--data DIR` nothing acknowledged is lost even if all nodes are killed at once. Without it, a killed node takes along
 * what it had not yet handed on, at most a round's additions while it is not cut off; it then counts under a new name, so
 * nothing is counted twice or forgotten that had arrived anywhere.
 *
 * Idea: each node's sum is a part of its own, only the parts that changed travel, in rounds through a hub: 2n - 2 messages
 * a round at most, whatever the rate, none when nothing is outstanding. `--store seq-kv` keeps the parts in that service, as the
 * challenge poses it: one key a node, written by its owner alone; additions are answered at once and written within half of
 * `--max-latency-ms`; reads are at most as old, and a read after a pause is current, since the node writes its own key before it
 * reads the others. That is 2n messages per node and half, whatever the rate; a kill loses what was not yet written.
 * Source: https://fly.io/dist-sys/4/; G-Counter: Shapiro et al. 2011 (see `lib/crdt/counter.ts`).
 */

import { CODE, type Node, RpcError, serve, type Values } from "../lib/mod.ts";
import { counterSettings, nodeCounter } from "../lib/crdt/driver.ts";
import { disseminate, gossipSettings, LATENCY_VS_MESSAGES_HELP } from "../lib/gossip/driver.ts";
import { add, read } from "../lib/protocol/counter.ts";

/** What may be set. */
export const settings = { ...gossipSettings, ...counterSettings };

/** Keeps a counter that only grows, the same on all nodes. */
export function gCounter(node: Node, values: Values<typeof settings>): void {
  const counter = nodeCounter(node, {
    ...values,
    disseminate: (state) => disseminate(node, { ...values, ...state }),
  });
  node.on(add, ({ delta }) => {
    if (delta < 0) {
      throw new RpcError(CODE.malformedRequest, "delta must not be negative: this counter only grows");
    }
    counter.add(delta);
    return {};
  });
  node.on(read, () => counter.read());
}

if (import.meta.main) {
  await serve(gCounter, {
    about: `Keeps a counter that only grows, the same on all nodes.\n\n${LATENCY_VS_MESSAGES_HELP}`,
    settings,
    storage: true,
  });
}
