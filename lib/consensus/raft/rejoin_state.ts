/**
 * The state of a node's way to its right to vote: see `diskless_rejoin.ts`.
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import type { Incarnations, NodeId } from "../types.ts";
import type { ColdStart, HardState } from "./types.ts";

/** The part of a node's state that only the diskless rejoin changes. */
export class RejoinState {
  /** True if this incarnation may vote. */
  eligible: boolean;
  /** The time of the next join requests, while the node is not eligible. */
  joinAt: number;
  /** The time to wait for replies before asking again, in ms. */
  joinBackoffMs = 0;
  /** The current round of join requests. */
  joinRound: number;
  /** The incarnation first seen of each other node, and whether another one was seen since. */
  readonly seenIncarnations = new Map<NodeId, { readonly incarnation: string; seenMany: boolean }>();
  /** The incarnations that replied cleanly in the current round, by node id. */
  readonly cleanReplies: Map<NodeId, string>;
  /** The same of the previous round. */
  previousCleanReplies: ReadonlyMap<NodeId, string> | undefined;
  /** All incarnations that were in term 0 at one moment, once that is known. */
  coldStartMembers: Incarnations | undefined;
  /** True if any of the four fields above has changed since it was stored. */
  isColdStartChanged = false;
  /** The latest nonce of each leader. */
  readonly noncesReceived = new Map<NodeId, number>();

  constructor({ eligible, coldStart }: HardState, incarnation: string | undefined, now: number) {
    const { round = 1, replies = {}, previousReplies, members } = coldStart ?? {};
    this.eligible = incarnation === undefined || eligible;
    this.joinAt = now;
    this.joinRound = round;
    this.cleanReplies = new Map(Object.entries(replies));
    this.previousCleanReplies = previousReplies && new Map(Object.entries(previousReplies));
    this.coldStartMembers = members;
  }

  /** Changes the right to vote. Replies collected so far are void: a cold start is for the first start alone. */
  setEligible(eligible: boolean): void {
    this.eligible = eligible;
    this.joinBackoffMs = 0;
    this.cleanReplies.clear();
    this.previousCleanReplies = undefined;
    this.noncesReceived.clear();
  }

  /** Returns the part of a cold start that must survive a restart; undefined if there is nothing. */
  coldStartToStore(term: number): ColdStart | undefined {
    const { eligible, joinRound: round, cleanReplies, previousCleanReplies, coldStartMembers: members } =
      this;
    if (members !== undefined) return { round, replies: {}, members };
    if (eligible || term > 0) return undefined;
    const previousReplies = previousCleanReplies && Object.fromEntries(previousCleanReplies);
    return { round, replies: Object.fromEntries(cleanReplies), previousReplies };
  }
}
