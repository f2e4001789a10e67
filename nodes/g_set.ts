/**
 * Workload g-set: a set that only grows. An element added at one node is to be seen at every node; operations are answered
 * at once.
 *
 * Guarantee: that of challenge 3 (`broadcast.ts`), since a set that only grows is a broadcast whose values are kept: what
 * was acknowledged is everywhere as soon as messages pass, each connected part goes on by itself, and with `--data DIR`
 * nothing acknowledged is lost even if all nodes are killed at once. Without it, a killed node takes along what it
 * acknowledged and had not yet handed on. Messages: 2n - 2 per round at most, none when nothing is outstanding.
 *
 * Source: Maelstrom's workload g-set; the set is the G-Set of Shapiro et al., "A comprehensive study of convergent and
 * commutative replicated data types", 2011, section 3.3.1.
 */

import { Encoded, type Node, serve, type Values } from "../lib/mod.ts";
import { GSet } from "../lib/crdt/mod.ts";
import { disseminate, gossipSettings, LATENCY_VS_MESSAGES_HELP } from "../lib/gossip/driver.ts";
import { openLogs } from "../lib/log/driver.ts";
import { add, read } from "../lib/protocol/g_set.ts";

/** What may be set. */
export const settings = gossipSettings;

/** Keeps a set that only grows, the same on all nodes. */
export function gSet(node: Node, values: Values<typeof settings>): void {
  const elements = new GSet();
  const { logs, incarnation, append } = openLogs(node, (element) => void elements.add(element));
  const gossip = disseminate(node, { ...values, replica: logs, incarnation });

  node.on(add, ({ element }) => {
    if (elements.add(element)) {
      append(element);
      gossip.changed();
    }
    return {};
  });
  node.on(read, () => ({ value: new Encoded(elements.json) }));
}

if (import.meta.main) {
  await serve(gSet, {
    about: `Keeps a set that only grows, the same on all nodes.\n\n${LATENCY_VS_MESSAGES_HELP}`,
    settings,
    storage: true,
  });
}
