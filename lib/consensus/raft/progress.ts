/** A leader's view of one peer (§3.5, §10.2.1). */

import { invariant } from "../../protocol/errors.ts";
import { OutgoingSnapshot } from "../snapshot_transfer.ts";
import type { Snapshot } from "../types.ts";

interface Sent {
  readonly lastIndex: number;
  readonly at: number;
}

/**
 * The way in which the leader sends to a peer.
 *  - probing: the index at which the logs agree is unknown. The leader sends one append and waits for the reply;
 *  - replicating: appends follow each other without waiting;
 *  - snapshot: the peer needs entries that are compacted away. The leader sends one piece and waits for the reply.
 */
export type ProgressState = "probing" | "replicating" | "snapshot";

/** A leader's view of one peer. Times are on the leader's clock. Invariant: 0 <= match < next. */
export class Progress {
  state: ProgressState = "probing";
  /** The greatest index up to which the logs are known to agree. */
  match = 0;
  /** The next entry to send. */
  next: number;
  /** True if this peer's replies count in a quorum. Only nodes without a disk can be false: see `diskless_rejoin.ts`. */
  countsTowardQuorum = true;
  /** True if a thrifty leader sends to this peer first. */
  inThriftyQuorum = false;
  /** The incarnation of the peer that these fields describe; undefined if nodes have none. */
  incarnation: string | undefined;
  /** The latest round that this peer answered. */
  round = 0;
  /** The time of its last reply. */
  answeredAt: number;
  /** The time of the last message to it. */
  lastSentAt = -Infinity;
  /** Defined if and only if `state` is snapshot. */
  snapshot: OutgoingSnapshot | undefined;
  /** The time of a message that must be answered before more is sent: a probe, or a piece of a snapshot. */
  waitingSince: number | undefined;
  #inflight: Sent[] = [];

  constructor(next: number, now: number) {
    this.next = next;
    this.answeredAt = now;
  }

  /** The number of unanswered appends. */
  get inflight(): number {
    return this.#inflight.length;
  }

  /** The time of the oldest unanswered message. */
  get unansweredSince(): number | undefined {
    return this.waitingSince ?? this.#inflight[0]?.at;
  }

  /** Records an append that was sent. */
  recordSent(lastIndex: number, now: number): void {
    this.next = lastIndex + 1;
    this.#inflight.push({ lastIndex, at: now });
  }

  /** Records that the logs agree up to an index. Replies may come out of order. */
  recordAccepted(match: number): void {
    this.match = Math.max(this.match, match);
    this.next = Math.max(this.next, this.match + 1);
    let answered = 0;
    for (const { lastIndex } of this.#inflight) {
      if (lastIndex > this.match) break;
      answered++;
    }
    if (answered > 0) this.#inflight.splice(0, answered);
    this.waitingSince = undefined;
    if (this.state === "probing") this.state = "replicating";
  }

  /** Starts to search for the index at which the logs agree, from `next` on. */
  probe(next: number): void {
    this.state = "probing";
    this.next = Math.max(next, this.match + 1);
    this.snapshot = undefined;
    this.waitingSince = undefined;
    this.#inflight = [];
    invariant(this.match < this.next, () => `match ${this.match} is not below next ${this.next}`);
  }

  /** Starts to send a snapshot instead of entries. */
  beginSnapshot(snapshot: Snapshot): void {
    this.probe(snapshot.index + 1);
    this.state = "snapshot";
    this.snapshot = new OutgoingSnapshot(snapshot);
  }

  /** Discards everything known of the peer: another incarnation has nothing of it. */
  reset(next: number): void {
    this.match = 0;
    this.countsTowardQuorum = false;
    this.incarnation = undefined;
    this.round = 0;
    this.probe(next);
  }
}
