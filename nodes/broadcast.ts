/**
 * Challenge 3: broadcast. A value handed to one node is to be known to every node; operations are answered at once.
 *
 * Guarantee: an acknowledged value is known everywhere as soon as messages pass, whatever was lost, doubled, overtaken
 * or cut off (one way, too) in between; each connected part goes on spreading values inside itself, and what is known
 * nowhere but in one part is known everywhere within three rounds after the cut is healed. With `--data DIR` nothing
 * acknowledged is lost even if all nodes are killed at once. Without it, a killed node takes along what it acknowledged and
 * had not yet handed on: up to a round of its own values, more while it is cut off.
 *
 * Idea: rounds through a hub (`lib/gossip/strategies/hub.ts`) spread logs of values by origin (`lib/log/origin_logs.ts`), whose
 * version vector says all that there is with one number per origin, and finds what is missing after a partition
 * without sending what both sides know. Messages: 2n - 2 per round at most, whatever the load, none when nothing is
 * outstanding; on challenge 3d's line 1.3 per operation, on 3e's (`--max-latency-ms 1900`) 0.38.
 * Source: https://fly.io/dist-sys/3a/ to 3e; https://en.wikipedia.org/wiki/Gossip_protocol for the rest of the family.
 */

import { Encoded, type Node, serve, type Values } from "../lib/mod.ts";
import { GSet } from "../lib/crdt/mod.ts";
import { disseminate, gossipSettings, LATENCY_VS_MESSAGES_HELP } from "../lib/gossip/driver.ts";
import { openLogs } from "../lib/log/driver.ts";
import { broadcast as request, read, topology } from "../lib/protocol/broadcast.ts";

/** What may be set; the defaults answer each of 3a to 3d. */
export const settings = gossipSettings;

/** Makes each value that it is handed known to every node. */
export function broadcast(node: Node, values: Values<typeof settings>): void {
  const known = new GSet();
  const { logs, incarnation, append } = openLogs(node, (value) => void known.add(value));
  const gossip = disseminate(node, { ...values, replica: logs, incarnation });

  node.on(request, ({ message }) => {
    if (known.add(message)) {
      append(message);
      gossip.changed();
    }
    return {};
  });
  node.on(read, () => ({ messages: new Encoded(known.json) }));
  node.on(topology, (advice) => {
    gossip.connect(advice.topology);
    return {};
  });
}

if (import.meta.main) {
  await serve(broadcast, {
    about: `Makes each value that it is handed known to every node.\n\n${LATENCY_VS_MESSAGES_HELP}`,
    settings,
    storage: true,
  });
}
