/**
 * Workload g-set: a grow-only set. An element that is added at one node must appear at every node. Operations are answered at
 * once.
 *
 * Guarantee: that of challenge 3 (`broadcast.ts`), because a grow-only set is a broadcast whose values are kept. An
 * acknowledged element reaches every node as soon as messages pass, and each connected part of a partitioned network
 * continues. With `--data DIR`, no acknowledged element is lost even if all nodes are killed at once. Without it, killing a
 * node loses elements that it acknowledged but had not yet sent.
 *
 * Cost: at most 2n - 2 messages per round, and none when nothing is outstanding.
 * Source: Maelstrom's workload g-set; the G-Set of Shapiro et al., "A comprehensive study of convergent and commutative
 * replicated data types", 2011, section 3.3.1.
 */

import { type Node, serve, type Values } from "../lib/mod.ts";
import { GSet } from "../lib/crdt/mod.ts";
import { disseminate, gossipSettings, LATENCY_VS_MESSAGES_HELP } from "../lib/gossip/driver.ts";
import { openLogs } from "../lib/log/driver.ts";
import { add, read } from "../lib/protocol/g_set.ts";

/** The settings. */
export const settings = gossipSettings;

/** Keeps a grow-only set that is the same on all nodes. */
export function gSet(node: Node, values: Values<typeof settings>): void {
  const elements = new GSet();
  const { logs, incarnation, append } = openLogs(node, (element) => void elements.add(element));
  const gossip = disseminate(node, { ...values, replica: logs, incarnation });

  node.watch("elements", () => elements.size);
  node.watch("last elements", () => elements.last(5));
  node.on(add, ({ element }) => {
    if (elements.add(element)) {
      append(element);
      gossip.changed();
    }
    return {};
  });
  node.on(read, () => ({ value: elements }));
}

if (import.meta.main) {
  await serve(gSet, {
    description: `Keeps a grow-only set that is the same on all nodes.\n\n${LATENCY_VS_MESSAGES_HELP}`,
    settings,
    storage: true,
  });
}
