/** What a leader knows of a peer (§3.5, §10.2.1). */

import type { Snapshot } from "./types.ts";

/** A snapshot on its way to a peer. */
export interface SnapshotTransfer {
  readonly snapshot: Snapshot;
  /** How much has arrived, in UTF-16 code units. */
  offset: number;
}

interface Sent {
  readonly lastIndex: number;
  readonly at: number;
}

/**
 * Probing: where the logs agree is not known; one append at a time, then wait. Replicating: appends follow each other
 * without waiting. Snapshot: the peer needs entries that are compacted away.
 */
export type ProgressState = "probing" | "replicating" | "snapshot";

/** A leader's view of one peer; times on the leader's clock. */
export class Progress {
  state: ProgressState = "probing";
  /** The greatest index up to which the logs are known to agree. */
  match = 0;
  /** The next entry to send. */
  next: number;
  /** Whether this peer's answers count in a quorum; always, unless nodes keep nothing on disk (`diskless_rejoin.ts`). */
  countsTowardQuorum = true;
  /** Whether a thrifty leader asks this peer first. */
  inThriftyQuorum = false;
  /** Which incarnation of the peer this is known of, where nodes keep nothing on disk. */
  incarnation: string | undefined;
  /** The latest round that this peer answered. */
  round = 0;
  /** When it last answered. */
  answeredAt: number;
  /** When it was last sent anything. */
  lastSentAt = -Infinity;
  transfer: SnapshotTransfer | undefined;
  /** When something was sent that must be answered before more is sent: a probe, or a piece of a snapshot. */
  waitingSince: number | undefined;
  #inflight: Sent[] = [];

  constructor(next: number, now: number) {
    this.next = next;
    this.answeredAt = now;
  }

  get inflight(): number {
    return this.#inflight.length;
  }

  /** Since when the oldest unanswered message waits for its answer. */
  get unansweredSince(): number | undefined {
    return this.waitingSince ?? this.#inflight[0]?.at;
  }

  /** Takes note of an append that was sent. */
  recordSent(lastIndex: number, now: number): void {
    this.next = lastIndex + 1;
    this.#inflight.push({ lastIndex, at: now });
  }

  /** The peer's log agrees up to an index. Answers may come out of order. */
  recordAccepted(match: number): void {
    this.match = Math.max(this.match, match);
    this.next = Math.max(this.next, this.match + 1);
    let answered = 0;
    while ((this.#inflight[answered]?.lastIndex ?? Infinity) <= this.match) answered++;
    if (answered > 0) this.#inflight.splice(0, answered);
    this.waitingSince = undefined;
    if (this.state === "probing") this.state = "replicating";
  }

  /** Finds out anew where the logs agree, from `next` on. */
  probe(next: number): void {
    this.state = "probing";
    this.next = Math.max(next, this.match + 1);
    this.transfer = undefined;
    this.waitingSince = undefined;
    this.#inflight = [];
  }

  /** Sends a snapshot instead of entries. */
  beginSnapshot(snapshot: Snapshot): void {
    this.probe(snapshot.index + 1);
    this.state = "snapshot";
    this.transfer = { snapshot, offset: 0 };
  }

  /** Forgets everything: another incarnation of the peer knows nothing. */
  reset(next: number): void {
    this.match = 0;
    this.countsTowardQuorum = false;
    this.incarnation = undefined;
    this.round = 0;
    this.probe(next);
  }
}
