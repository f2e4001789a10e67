/** Ties the dissemination to a node: its messages, its timer, its settings. */

import { invariant } from "../protocol/errors.ts";
import { oneWay } from "../protocol/message.ts";
import {
  array,
  boolean,
  double,
  integer,
  type Json,
  json,
  natural,
  optional,
  type Schema,
  schema,
  string,
  tuple,
} from "../protocol/schema.ts";
import type { Node } from "../runtime/node.ts";
import { choice, number, type Values } from "../runtime/settings.ts";
import { type Dissemination, Gossip } from "./gossip.ts";
import type { ByOrigin } from "./message.ts";
import type { Replica } from "./replica.ts";

/** A latency, ms, that keeps challenge 3d's bound of 600 on a busy machine, too. */
const LATENCY_MS_MAX_DEFAULT = 550;

/** The settings of every node that disseminates. */
export const gossipSettings = {
  dissemination: choice<Dissemination>("hub", {
    of: ["hub", "direct", "topology"],
    about:
      "How news travel: in rounds through a hub (fewest messages), straight to everyone (one hop), or to the neighbours given.",
  }),
  maxLatencyMs: number(LATENCY_MS_MAX_DEFAULT, {
    min: 10,
    max: 600_000,
    about: "How old news may be, in ms, when the last node learns of them. The more, the fewer messages.",
  }),
} as const;

/** The trade between messages and latency in four lines, for `--help`. */
export const TRADE = `
The trade: in rounds of T ms through a hub, news are T/2 ms and two hops old when all have them, T and two hops at most,
for at most 2n - 2 messages a round, whatever the load. T is what --max-latency-ms leaves of itself: 550 suits challenge 3d
(1.3 messages an operation), 1900 suits 3e (0.38).`;

/** Origins' names, and after each what is said of it: see {@linkcode ByOrigin}. */
function byOrigin(value: Schema<Json>): Schema<ByOrigin> {
  const form = `an array of origins, each with (${value.form}) after it`;
  return schema(form, (said, path) => {
    if (!Array.isArray(said) || said.length % 2 !== 0) return `${path} must be ${form}`;
    for (let i = 0; i < said.length; i += 2) {
      if (string.is(said[i]) && value.is(said[i + 1])) continue;
      const problem = string.problem(said[i], "") ?? value.problem(said[i + 1], "");
      return `${path}[${i}] or the next: ${problem}`;
    }
    return undefined;
  });
}

/** See {@linkcode GossipMessage}, which this declares. */
export const gossipMessage = oneWay("gossip", {
  about: "What the sender knows, and what it believes the receiver does not.",
  request: {
    incarnation: string,
    sentAt: double,
    ack: optional(tuple(string, double, double)),
    ackRejected: optional(boolean),
    version: byOrigin(natural),
    sketch: optional(array(integer)),
    originsComplete: optional(boolean),
    needsAllOrigins: optional(boolean),
    deltas: optional(byOrigin(json)),
    requestReply: optional(boolean),
    roundMs: optional(double),
    oldestAgeMs: optional(double),
    direct: optional(boolean),
  },
});

/** What a node says to its dissemination. */
export interface GossipHandle {
  /** The node has changed its replica itself. */
  changed(): void;
  /** The neighbours that `topology` advised, by node. */
  connect(topology: Readonly<Record<string, readonly string[]>>): void;
}

/** After how long a node speaks to others of its own accord. */
const FIRST_WORD_MS = 400;

/** Keeps a replica the same on all nodes. */
export function disseminate(
  node: Node,
  options: { readonly replica: Replica; readonly incarnation: string } & Values<typeof gossipSettings>,
): GossipHandle {
  invariant(node.ids.includes(node.id), `init names ${node.id}, but not among all nodes`);
  const gossip = new Gossip({
    self: node.id,
    ids: node.ids,
    incarnation: options.incarnation,
    replica: options.replica,
    dissemination: options.dissemination,
    latencyMsMax: options.maxLatencyMs,
  });
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;

  const take = (input: (now: number) => void) => {
    input(Math.floor(node.now() * 10) / 10); // stamps travel as text: a tenth of a millisecond is exact enough
    for (const { to, message } of gossip.takeOutbox()) {
      node.send(to, { type: gossipMessage.type, ...message });
    }
    arm();
  };
  const arm = () => {
    const at = gossip.deadline;
    if (timer !== undefined && timer.at <= at) return; // it will look again when it fires
    timer?.cancel();
    timer = undefined;
    if (at === Infinity) return;
    const cancel = node.after(Math.max(at - node.now(), 0.1), () => {
      timer = undefined;
      take((now) => gossip.tick(now));
    });
    timer = { at, cancel };
  };

  // Whoever is spoken to before the network knows him may cost the speaker its voice: Maelstrom stops reading a node that
  // sent to one which it had not added yet. Who has heard from a client or a peer knows that all are there.
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    take((now) => gossip.start(now));
  };
  const begunTake = (input: (now: number) => void) => {
    begin();
    take(input);
  };
  node.after(FIRST_WORD_MS, begin);
  node.on(gossipMessage, (message, from) => begunTake((now) => gossip.receive(from, message, now)));
  return {
    changed: () => begunTake((now) => gossip.changed(now)),
    connect: (topology) => begunTake((now) => gossip.connect(topology[node.id] ?? [], now)),
  };
}
