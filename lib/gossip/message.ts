/** What nodes say to one another. */

import type { Json } from "../protocol/schema.ts";

/**
 * What is said of several origins: each one's name, and after it what is said of it. Not an object, since names are made as
 * nodes start, and most of a message is this: flat, it is read twice as fast.
 */
export type ByOrigin = readonly Json[];

/** Calls `visit` with each origin and what is said of it. */
export function eachOrigin(said: ByOrigin, visit: (origin: string, value: Json) => void): void {
  for (let i = 0; i + 1 < said.length; i += 2) {
    const origin = said[i];
    const value = said[i + 1];
    if (typeof origin === "string" && value !== undefined) visit(origin, value);
  }
}

/**
 * One message. All is cumulative and may come twice, late or never: `version` and `deltas` only ever add to what the receiver
 * knows. The fields that make a round: a *gather* includesItems `oldestAgeMs`, a *scatter* `roundMs`.
 */
export interface GossipMessage {
  /** The sender's life: another one after each start. */
  readonly incarnation: string;
  /** The sender's clock, ms. */
  readonly sentAt: number;
  /** The last `at` heard from the receiver (in that life of it), and for how long the sender has held it, ms. */
  readonly ack?: readonly [incarnation: string, sentAt: number, heldMs: number];
  /** What `ack` names was not taken in: it seemed to come from a former life of the receiver. */
  readonly ackRejected?: boolean;
  /**
   * How far the sender knows each origin, except for what it said before, and knows to have been heard, for what `deltas` show,
   * and for what the message that `ack` names showed it.
   */
  readonly version: ByOrigin;
  /** In place of a long `version`, for a peer that is not known to have heard anything: the sender's whole vector, as a sketch. */
  readonly sketch?: readonly number[];
  /** All that the receiver asked for stands in `version`: what differs by its sketch, or all if it could not read this one's. */
  readonly originsComplete?: boolean;
  /** The receiver must name all: its sketch could not be read, or what it said before was taken for another life's. */
  readonly needsAllOrigins?: boolean;
  /** Changes by origin, in the replica's form. */
  readonly deltas?: ByOrigin;
  /** Wants an answer at once. */
  readonly requestReply?: boolean;
  /** A scatter: the sender takes the receiver for one of those it serves, and this is its round time, ms. */
  readonly roundMs?: number;
  /** A gather: the sender takes the receiver for its hub, and its oldest news waited this long, ms. */
  readonly oldestAgeMs?: number;
  /** The sender sends these items to everyone itself. */
  readonly direct?: boolean;
}

/** A message and where it goes. */
export interface Outgoing {
  readonly to: string;
  readonly message: GossipMessage;
}
