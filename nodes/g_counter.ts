/**
 * Challenge 4: a grow-only counter. An addition at one node must be counted at every node.
 *
 * Guarantee: an acknowledged addition is counted exactly once, at every node, as soon as messages pass. Operations are
 * answered at once under any partition. A negative delta is refused with code 12, and a sum above 2^53 - 1 with code 14,
 * because it would not be exact. With `--data DIR`, no acknowledged addition is lost even if all nodes are killed at once.
 * Without it, killing a node loses additions that it had not yet sent: at most a round of them, more during a partition. The
 * restarted node counts under a new name, so nothing that arrived anywhere is lost or counted twice.
 *
 * Idea: each node has a part of its own, and only parts that changed are sent, in rounds through a hub. `--store seq-kv` keeps
 * the parts in that service, as the challenge suggests: one key per node, which only that node writes. Additions are then
 * answered at once and written within half of `--max-latency-ms`. A read is at most that old, unless it joins an exchange with
 * the service: it may then be as old as that exchange, which takes up to three round trips. A read after a pause is current,
 * because the node writes its own key before it reads the others. A kill loses additions that were not written.
 *
 * Cost: at most 2n - 2 messages per round at any rate, none when nothing is outstanding. With seq-kv, 2n messages per node and
 * half of `--max-latency-ms`.
 * Source: https://fly.io/dist-sys/4/; G-Counter: Shapiro et al. 2011 (see `lib/crdt/counter.ts`).
 */

import { CODE, type Node, RpcError, serve, type Values } from "../lib/mod.ts";
import { counterSettings, nodeCounter } from "../lib/crdt/driver.ts";
import { disseminate, gossipSettings, LATENCY_VS_MESSAGES_HELP } from "../lib/gossip/driver.ts";
import { add, read } from "../lib/protocol/counter.ts";

/** The settings. */
export const settings = { ...gossipSettings, ...counterSettings };

/** Keeps a grow-only counter that is the same on all nodes. */
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
    description: `Keeps a grow-only counter that is the same on all nodes.\n\n${LATENCY_VS_MESSAGES_HELP}`,
    settings,
    storage: true,
  });
}
