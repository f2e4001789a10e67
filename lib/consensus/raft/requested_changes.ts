/**
 * The changes of the membership that a leader was asked for, and the steps to each: a node that joins becomes a learner first, and a
 * voter when it is up to date (§4.2.1). A leader that leaves hands over its leadership first. If that fails, it removes itself and
 * leads until its removal is committed (§4.2.2). `Raft.changeMembership` takes one step at a time.
 */

import type { Membership, NodeId } from "../types.ts";
import type { MembershipChange } from "./configuration.ts";
import type { ChangeReply, ChangeRequest, MembershipGoal } from "./own_change.ts";
import type { Raft } from "./raft.ts";
import type { Ready } from "./types.ts";

interface Requested {
  readonly request: ChangeRequest;
  /** The time at which the leader forgets the request, unless it arrives again. */
  until: number;
  /** True if this leader has appended a change for this request. */
  isChanged: boolean;
  /** True if this leader has tried to hand over its leadership. */
  hasTransferred: boolean;
  /** The read that confirms the leadership, if there was nothing to change. */
  readId: number | undefined;
}

function newRequested(request: ChangeRequest, until: number): Requested {
  return { request, until, isChanged: false, hasTransferred: false, readId: undefined };
}

/** Returns true if a node is in a membership as its goal says. */
function isReached({ voters, learners }: Membership, node: NodeId, goal: MembershipGoal): boolean {
  if (goal === "voter") return voters.includes(node);
  return !voters.includes(node) && !learners.includes(node);
}

/** Returns the next step from a membership to a node's goal, which is not reached. */
function nextStep({ learners }: Membership, node: NodeId, goal: MembershipGoal): MembershipChange {
  if (goal === "outsider") return { remove: node };
  return { add: node, as: learners.includes(node) ? "voter" : "learner" };
}

/** The requests of a leader's term, by node. */
export class RequestedChanges {
  readonly #raft: Raft;
  readonly #keepMs: number;
  readonly #requested = new Map<NodeId, Requested>();
  /** The latest request of each node in this term. An earlier one can arrive after the reply to it. */
  readonly #latest = new Map<NodeId, ChangeRequest>();
  readonly #refusals: ChangeReply[] = [];
  #term = 0;
  /** The ids of its reads are negative, because those of the replica are positive. */
  #lastReadId = 0;
  #wasCommitted = true;
  #isDue = false;

  /** A request that does not arrive again within `keepMs` is forgotten. */
  constructor(raft: Raft, keepMs: number) {
    this.#raft = raft;
    this.#keepMs = keepMs;
  }

  /** The time at which {@linkcode RequestedChanges.advance} must be called next. */
  get deadline(): number {
    return this.#isDue ? -Infinity : Infinity;
  }

  /** Handles a request. A node's later request replaces its earlier one. */
  receive(request: ChangeRequest, now: number): void {
    if (!this.#raft.isLeader || request.term !== this.#raft.term) return;
    this.#forgetOldTerm();
    const { from, client, seq } = request;
    const latest = this.#latest.get(from);
    if (latest?.client === client && latest.seq > seq) return;
    this.#latest.set(from, request);
    const until = now + this.#keepMs;
    const known = this.#requested.get(from);
    if (known?.request.client === client && known.request.seq === seq) known.until = until;
    else this.#requested.set(from, newRequested(request, until));
  }

  /** Takes the next step of each request, as far as the engine takes it now. */
  advance(now: number): void {
    this.#isDue = false;
    this.#forgetOldTerm();
    for (const [node, requested] of this.#requested) {
      if (now >= requested.until) this.#requested.delete(node);
      else this.#advance(node, requested, now);
    }
  }

  #advance(node: NodeId, requested: Requested, now: number): void {
    const raft = this.#raft;
    const { goal } = requested.request;
    if (isReached(raft.membership, node, goal)) {
      if (!requested.isChanged && requested.readId === undefined) {
        requested.readId = --this.#lastReadId;
        raft.read(requested.readId, now);
      }
      return;
    }
    if (goal === "outsider" && node === raft.id && !requested.hasTransferred) {
      requested.hasTransferred = true;
      const successor = this.#successor();
      if (successor !== undefined && raft.transfer(successor, now)) return;
    }
    const taken = raft.changeMembership(nextStep(raft.membership, node, goal), now);
    if (typeof taken !== "string") requested.isChanged = true;
    else if (taken === "invalid") this.#refuse(node, requested.request);
  }

  /** Returns the other voter whose log agrees furthest. */
  #successor(): NodeId | undefined {
    const raft = this.#raft;
    const match = (id: NodeId) => raft.matchOf(id) ?? -1;
    const others = raft.membership.voters.filter((id) => id !== raft.id);
    return others.sort((a, b) => match(b) - match(a))[0];
  }

  #refuse(node: NodeId, request: ChangeRequest): void {
    this.#requested.delete(node);
    this.#refusals.push(replyTo(request, "last_voter"));
  }

  /** Returns the replies to requests that are done, after a turn with these batches. */
  settle(batches: ReadonlyArray<Pick<Ready, "reads">>): ChangeReply[] {
    const raft = this.#raft;
    const replies = this.#refusals.splice(0);
    // A leader that removed itself leads no more, but its removal is committed.
    const isCommitted = raft.isMembershipCommitted;
    for (const [node, { request, isChanged, readId }] of this.#requested) {
      const isConfirmed = isChanged ||
        batches.some(({ reads }) => reads.some(({ id }) => id === readId));
      if (!isConfirmed || !isCommitted || !isReached(raft.membership, node, request.goal)) continue;
      this.#requested.delete(node);
      replies.push(replyTo(request, "done"));
    }
    this.#isDue = isCommitted && !this.#wasCommitted && this.#requested.size > 0;
    this.#wasCommitted = isCommitted;
    return replies;
  }

  #forgetOldTerm(): void {
    const { isLeader, term } = this.#raft;
    if (!isLeader || term !== this.#term) {
      this.#requested.clear();
      this.#latest.clear();
    }
    this.#term = term;
  }
}

function replyTo({ from, to, client, seq }: ChangeRequest, outcome: ChangeReply["outcome"]): ChangeReply {
  return { type: "change_ok", from: to, to: from, client, seq, outcome };
}
