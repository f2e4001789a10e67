/**
 * The message that nodes exchange, as data. `driver.ts` declares it for the wire.
 *
 * Tested by `tests/gossip/faults_test.ts`.
 */

import type { Json } from "../protocol/schema.ts";

/**
 * Pairs of an origin's name and a value: `[name, value, name, value, …]`. Most of a message consists of such pairs. A flat
 * array is parsed twice as fast as an object whose keys differ in every cluster.
 */
export type ByOrigin = readonly Json[];

/** Calls `visit` with each origin and its value. */
export function eachOrigin(pairs: ByOrigin, visit: (origin: string, value: Json) => void): void {
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const origin = pairs[i];
    const value = pairs[i + 1];
    if (typeof origin === "string" && value !== undefined) visit(origin, value);
  }
}

/** The type of the messages. */
export const GOSSIP = "gossip";

/**
 * One gossip message. Its content is cumulative: `version` and `deltas` only add to what the receiver knows, so a message
 * may arrive twice, late or never. A message with `oldestAgeMs` is a *gather*, one with `roundMs` is a *scatter*.
 */
export type GossipMessage = {
  /** {@linkcode GOSSIP}: the message is the body that travels. */
  readonly type: string;
  /** The sender's incarnation: a new one after each start. */
  readonly incarnation: string;
  /** The sender's clock, in ms. It identifies the message when the receiver acknowledges it. */
  readonly sentAt: number;
  /**
   * The receiver's incarnation and the latest `sentAt` that the sender received from it, and how long the sender has held
   * that message, in ms. The difference gives the receiver a round-trip time.
   */
  readonly ack?: readonly [incarnation: string, sentAt: number, heldMs: number];
  /** True if the message that `ack` names was rejected, because it appeared to come from a previous incarnation. */
  readonly ackRejected?: boolean;
  /**
   * The sender's counts, except those that the receiver can infer: counts that an acknowledged message contained, counts
   * that `deltas` show, and counts that the message in `ack` showed to the sender.
   */
  readonly version: ByOrigin;
  /** The sender's whole vector as a sketch, in place of a long `version` for a peer that has acknowledged nothing yet. */
  readonly sketch?: readonly number[];
  /** True if `version` lists all origins that the receiver needs: those that differ by its sketch, or all of them. */
  readonly originsComplete?: boolean;
  /** True if the receiver must list all its origins, because its sketch could not be decoded or its vector was discarded. */
  readonly needsAllOrigins?: boolean;
  /** Changes by origin, in the replica's encoding. */
  readonly deltas?: ByOrigin;
  /**
   * True if not all changes fit. The sender needs an acknowledgement at once: until then, each message repeats these changes, and
   * the rest does not follow.
   */
  readonly partial?: boolean;
  /** True if the sender needs a reply at once. */
  readonly requestReply?: boolean;
  /** The round time of a hub, in ms. The sender treats the receiver as its dependent. */
  readonly roundMs?: number;
  /** The time for which the oldest change in a gather has waited, in ms. The sender treats the receiver as its hub. */
  readonly oldestAgeMs?: number;
  /** True if the sender sends these deltas to every node itself. */
  readonly direct?: boolean;
};

/** A message and its destination. */
export interface Outgoing {
  readonly to: string;
  readonly message: GossipMessage;
}
