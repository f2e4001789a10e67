/**
 * A node's own request to join or leave the membership, until the leader reports the committed change or the time is over.
 *
 * Tested by `tests/consensus/raft/membership_test.ts`.
 */

import type { NodeId } from "../types.ts";

/** The state that a change ends in: a voter, or a node outside the membership. */
export type MembershipGoal = "voter" | "outsider";

/** A node's request to its leader. It is sent again until it is answered. */
export interface ChangeRequest {
  readonly type: "change";
  readonly from: NodeId;
  readonly to: NodeId;
  /** The name of the sender's start. */
  readonly client: string;
  /** The term in which the receiver is expected to lead. In any other term it ignores the message. */
  readonly term: number;
  /** The number of the change, counted by the sender. A later one replaces an earlier one. */
  readonly seq: number;
  readonly goal: MembershipGoal;
}

/** The leader's reply, once the change is committed or refused. */
export interface ChangeReply {
  readonly type: "change_ok";
  readonly from: NodeId;
  readonly to: NodeId;
  readonly client: string;
  readonly seq: number;
  /** `last_voter`: the node is the only voter, so that it cannot leave. */
  readonly outcome: "done" | "last_voter";
}

/** The final outcome of a change. After `timed_out` and `replaced`, the change may have happened, or may still. */
export type ChangeOutcome = ChangeReply["outcome"] | "timed_out" | "replaced";

/** The leader as a node knows it. */
export interface KnownLeader {
  readonly id: NodeId;
  readonly leader: NodeId | undefined;
  readonly term: number;
}

/** Settings of {@linkcode OwnChange}, in ms. */
export interface OwnChangeSettings {
  /** The time without a reply after which a request is sent again. */
  readonly resendMs: number;
  /** The time after which a change times out. */
  readonly timeoutMs: number;
}

interface Pending {
  readonly seq: number;
  readonly goal: MembershipGoal;
  readonly expiresAt: number;
  readonly done: (outcome: ChangeOutcome) => void;
  sent: { readonly at: number; readonly term: number } | undefined;
}

/** The latest change that a node was asked for. */
export class OwnChange {
  readonly #client: string;
  readonly #settings: OwnChangeSettings;
  #nextSeq = 1;
  #pending: Pending | undefined;

  /** `client` is a random name of this start of the node. */
  constructor(client: string, settings: OwnChangeSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  /** The time at which {@linkcode OwnChange.request} must be called next. */
  get deadline(): number {
    const pending = this.#pending;
    if (pending === undefined) return Infinity;
    return Math.min(pending.expiresAt, (pending.sent?.at ?? Infinity) + this.#settings.resendMs);
  }

  /** Starts a change, which replaces a pending one. Calls `done` once. */
  start(goal: MembershipGoal, now: number, done: (outcome: ChangeOutcome) => void): void {
    this.#finish("replaced");
    const expiresAt = now + this.#settings.timeoutMs;
    this.#pending = { seq: this.#nextSeq++, goal, expiresAt, done, sent: undefined };
  }

  /** Handles the leader's reply. */
  receive({ client, seq, outcome }: ChangeReply): void {
    if (client === this.#client && seq === this.#pending?.seq) this.#finish(outcome);
  }

  /** Returns the request to send now, if there is one. Its receiver may be this node. Ends a change whose time is over. */
  request({ id, leader, term }: KnownLeader, now: number): ChangeRequest | undefined {
    const pending = this.#pending;
    if (pending === undefined) return undefined;
    if (now >= pending.expiresAt) {
      this.#finish("timed_out");
      return undefined;
    }
    const { sent, seq, goal } = pending;
    if (leader === undefined) return undefined;
    if (sent?.term === term && now < sent.at + this.#settings.resendMs) return undefined;
    pending.sent = { at: now, term };
    return { type: "change", from: id, to: leader, client: this.#client, term, seq, goal };
  }

  #finish(outcome: ChangeOutcome): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.done(outcome);
  }
}
