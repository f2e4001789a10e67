/** Connects gossip to a node: its messages, its timer, its settings. Tested by `tests/nodes/broadcast_test.ts`. */

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
import { STARTUP_QUIET_MS } from "../runtime/startup.ts";
import { type Dissemination, Gossip } from "./gossip.ts";
import { type ByOrigin, GOSSIP } from "./message.ts";
import type { Replica } from "./replica.ts";

/** The default latency limit, in ms. It keeps challenge 3d's bound of 600 ms on a busy machine, too. */
const LATENCY_MS_MAX_DEFAULT = 550;
/**
 * The time after its start for which gossip sends nothing unasked, in ms. It is twice {@linkcode STARTUP_QUIET_MS}, because
 * the first message is not urgent, and many nodes take longer to start.
 */
const GOSSIP_QUIET_MS = 2 * STARTUP_QUIET_MS;
/** The minimum delay of a timer, in ms. */
const TIMER_MS_MIN = 0.1;

/** The settings of every node that gossips. */
export const gossipSettings = {
  dissemination: choice<Dissemination>("hub", {
    options: ["hub", "direct", "topology"],
    description:
      "How updates spread: in rounds through a hub (fewest messages), directly to every node (one hop), " +
      "or along the topology of the workload.",
  }),
  maxLatencyMs: number(LATENCY_MS_MAX_DEFAULT, {
    min: 10,
    max: 600_000,
    description: "Time in which an update reaches every node, in ms. A higher limit needs fewer messages.",
  }),
} as const;

/** The trade-off between messages and latency, for `--help`. */
export const LATENCY_VS_MESSAGES_HELP = `
Messages versus latency: with rounds of T ms through a hub, an update reaches every node after T/2 ms plus two hops on
average, and after T ms plus two hops at worst. A round costs at most 2n - 2 messages at any load. T follows from
--max-latency-ms: 550 suits challenge 3d (1.2 messages per operation), 1900 suits challenge 3e (0.34).`;

/** Returns the schema of pairs of an origin and a value: see {@linkcode ByOrigin}. */
function byOrigin(value: Schema<Json>): Schema<ByOrigin> {
  const description = `an array of origins, each followed by ${value.description}`;
  return schema(description, (pairs, path) => {
    if (!Array.isArray(pairs) || pairs.length % 2 !== 0) return `${path} must be ${description}`;
    for (let i = 0; i < pairs.length; i += 2) {
      if (string.is(pairs[i]) && value.is(pairs[i + 1])) continue;
      const problem = string.problem(pairs[i], "") ?? value.problem(pairs[i + 1], "");
      return `${path}[${i}] or the next: ${problem}`;
    }
    return undefined;
  });
}

/** The declaration of {@linkcode GossipMessage}, which documents the fields. */
const gossipMessage = oneWay(GOSSIP, {
  description: "The sender's version vector, and the changes that the receiver lacks.",
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
    partial: optional(boolean),
    requestReply: optional(boolean),
    roundMs: optional(double),
    oldestAgeMs: optional(double),
    direct: optional(boolean),
  },
});

/** The node's side of its gossip. */
export interface GossipHandle {
  /** Reports that the node has changed its replica. */
  changed(): void;
  /** Passes on the topology of the workload: the neighbors of each node. */
  connect(topology: Readonly<Record<string, readonly string[]>>): void;
}

/** The configuration of {@linkcode disseminate}. */
export type DisseminateOptions =
  & { readonly replica: Replica; readonly incarnation: string }
  & Values<typeof gossipSettings>;

/** Keeps a replica the same on all nodes. */
export function disseminate(node: Node, options: DisseminateOptions): GossipHandle {
  return new GossipDriver(node, options);
}

/** Feeds messages, changes and timers of a node to its {@linkcode Gossip}, and sends what comes out. */
class GossipDriver implements GossipHandle {
  readonly #node: Node;
  readonly #gossip: Gossip;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  readonly #tick = (now: number) => this.#gossip.tick(now);
  readonly #onTimer = () => {
    this.#timer = undefined;
    this.#run(this.#tick);
  };
  #started = false;

  constructor(node: Node, { replica, incarnation, dissemination, maxLatencyMs }: DisseminateOptions) {
    this.#node = node;
    this.#gossip = new Gossip({
      self: node.id,
      ids: node.ids,
      incarnation,
      replica,
      dissemination,
      latencyMsMax: maxLatencyMs,
    });
    node.watch("role", () => this.#gossip.status.role);
    node.watch("hub", () => this.#gossip.status.hub);
    node.watch("round ms", () => this.#gossip.status.roundMs);
    node.watch("unreachable", () => this.#gossip.status.unreachable);
    node.after(GOSSIP_QUIET_MS, () => this.#start());
    node.on(gossipMessage, (message, from) => {
      this.#input((now) => this.#gossip.receive(from, message, now));
    });
  }

  changed(): void {
    this.#input((now) => this.#gossip.changed(now));
  }

  connect(topology: Readonly<Record<string, readonly string[]>>): void {
    this.#input((now) => this.#gossip.connect(topology[this.#node.id] ?? [], now));
  }

  /** Ends the quiet time after the start. */
  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#run((now) => this.#gossip.start(now));
  }

  #input(step: (now: number) => void): void {
    this.#start();
    this.#run(step);
  }

  #run(step: (now: number) => void): void {
    step(Math.floor(this.#node.now() * 10) / 10); // timestamps travel as text, so a tenth of a ms is precise enough
    for (const { to, message } of this.#gossip.takeOutbox()) this.#node.send(to, message);
    this.#setTimer();
  }

  #setTimer(): void {
    const at = this.#gossip.deadline;
    if (this.#timer !== undefined && this.#timer.at <= at) return; // it sets the next one when it fires
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === Infinity) return;
    const cancel = this.#node.after(Math.max(at - this.#node.now(), TIMER_MS_MIN), this.#onTimer);
    this.#timer = { at, cancel };
  }
}
