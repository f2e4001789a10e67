/**
 * A replica whose node can leave the membership and join it again. It adds the requests for changes to the replica's own messages.
 *
 * Tested by `tests/consensus/raft/membership_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { Replica, Turn } from "../replica.ts";
import type { NodeMessage } from "./messages.ts";
import { type ChangeOutcome, type MembershipGoal, OwnChange, type OwnChangeSettings } from "./own_change.ts";
import type { Raft } from "./raft.ts";
import { RequestedChanges } from "./requested_changes.ts";
import type { Message, Ready } from "./types.ts";

/** The number of intervals of resending for which a leader keeps a request. */
const KEPT_RESENDS = 3;

/** One node's part of a replicated state machine, whose membership can change. */
export class MemberReplica {
  readonly #replica: Replica<Message, Ready, Raft>;
  readonly #own: OwnChange;
  readonly #requested: RequestedChanges;

  /** `client` is a random name of this start of the node. */
  constructor(
    replica: Replica<Message, Ready, Raft>,
    options: OwnChangeSettings & { readonly client: string },
  ) {
    this.#replica = replica;
    this.#own = new OwnChange(options.client, options);
    this.#requested = new RequestedChanges(replica.engine, KEPT_RESENDS * options.resendMs);
  }

  /** False while the node's copy may be older than what the node returned before: outside the membership it gets no entries. */
  get isEligible(): boolean {
    const { isEligible, isMember } = this.#replica.engine;
    return isEligible && isMember;
  }

  /** The time at which {@linkcode MemberReplica.tick} must be called next. */
  get deadline(): number {
    return Math.min(this.#replica.deadline, this.#own.deadline, this.#requested.deadline);
  }

  /** Adds a client's request and returns its id; undefined if too many are pending. */
  submit(command: Json, now: number): number | undefined {
    return this.#replica.submit(command, now);
  }

  /** Starts to join or leave the membership. Calls `done` once, in a later turn. */
  change(goal: MembershipGoal, now: number, done: (outcome: ChangeOutcome) => void): void {
    this.#own.start(goal, now, done);
  }

  /** Handles a message. */
  receive(message: NodeMessage, now: number): void {
    if (message.type === "change") this.#requested.receive(message, now);
    else if (message.type === "change_ok") this.#own.receive(message);
    else this.#replica.receive(message, now);
  }

  /** Handles the passing of time. */
  tick(now: number): void {
    this.#replica.tick(now);
  }

  /** Ends the turn and returns its work. */
  turn(
    now: number,
  ): Omit<Turn<Message, Ready>, "messages"> & { readonly messages: readonly NodeMessage[] } {
    const { engine } = this.#replica;
    const request = this.#own.request(engine, now);
    if (request?.to === engine.id) this.#requested.receive(request, now);
    this.#requested.advance(now);
    const turn = this.#replica.turn(now);
    const more: NodeMessage[] = request !== undefined && request.to !== engine.id ? [request] : [];
    for (const reply of this.#requested.settle(turn.batches)) {
      if (reply.to === engine.id) this.#own.receive(reply);
      else more.push(reply);
    }
    return more.length === 0 ? turn : { ...turn, messages: [...turn.messages, ...more] };
  }
}
