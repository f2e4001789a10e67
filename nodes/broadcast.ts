/**
 * Challenge 3: broadcast. A value that one node receives must reach every node. Operations are answered at once.
 *
 * Guarantee: an acknowledged value reaches every node as soon as messages pass, although messages were lost, duplicated or
 * reordered, and links failed in one or both directions. Each connected part of a partitioned network keeps spreading values.
 * Within three rounds after a partition heals, every node has the values of all parts. With `--data DIR`, no acknowledged
 * value is lost even if all nodes are killed at once. Without it, killing a node loses the values that it acknowledged but had
 * not yet sent: up to one round of its own values, more during a partition.
 *
 * Idea: the values are logs by origin (`lib/log/origin_logs.ts`), which spread in rounds through a hub (`lib/gossip/README.md`).
 * A version vector, with one number per origin, describes a log. So after a partition nodes find what they lack without
 * sending what both have.
 *
 * Cost: at most 2n - 2 messages per round at any load, and none when nothing is outstanding. Challenge 3d takes 1.2 messages
 * per operation, 3e (`--max-latency-ms 1900`) 0.34.
 * Source: https://fly.io/dist-sys/3a/ to 3e; https://en.wikipedia.org/wiki/Gossip_protocol for related protocols.
 */

import { type Node, serve, type Values } from "../lib/mod.ts";
import { GSet } from "../lib/crdt/mod.ts";
import { disseminate, gossipSettings, LATENCY_VS_MESSAGES_HELP } from "../lib/gossip/driver.ts";
import { openLogs } from "../lib/log/driver.ts";
import { broadcast as request, read, topology as topologyRequest } from "../lib/protocol/broadcast.ts";

/** The settings. The defaults suit challenges 3a to 3d. */
export const settings = gossipSettings;

/** Spreads each value that it receives to every node. */
export function broadcast(node: Node, values: Values<typeof settings>): void {
  const known = new GSet();
  const { logs, incarnation, append } = openLogs(node, (value) => void known.add(value));
  const gossip = disseminate(node, { ...values, replica: logs, incarnation });

  node.watch("values", () => known.size);
  node.watch("last values", () => known.last(5));
  node.on(request, ({ message }) => {
    if (known.add(message)) {
      append(message);
      gossip.changed();
    }
    return {};
  });
  node.on(read, () => ({ messages: known }));
  node.on(topologyRequest, ({ topology }) => {
    gossip.connect(topology);
    return {};
  });
}

if (import.meta.main) {
  await serve(broadcast, {
    description: `Spreads each value that it receives to every node.\n\n${LATENCY_VS_MESSAGES_HELP}`,
    settings,
    storage: true,
  });
}
