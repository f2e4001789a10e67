/**
 * Connects a replica to a node: its messages, its timer and its clients' requests. The engine's own driver adds the rest.
 *
 * Tested by `tests/consensus/raft/driver_test.ts`.
 */

import { CODE, RpcError } from "../protocol/errors.ts";
import type { Body } from "../protocol/message.ts";
import type { Json } from "../protocol/schema.ts";
import type { DeferredReply } from "../runtime/deferred_reply.ts";
import type { Node } from "../runtime/node.ts";
import type { CompletedRequest } from "./client_requests.ts";
import type { NodeId } from "./types.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Turns that can follow each other at once. Above it they are paced, and messages that arrive in between share a turn. */
const TURNS_BURST = 8;
/** Average interval in ms between the turns of a busy node. */
const TURN_INTERVAL_MS = 0.5;
/** The shortest timer in ms. A shorter one would fire early on clocks that round. */
const TIMER_MS_MIN = 0.05;
/**
 * The time in ms after its start during which a node sends nothing on its own initiative. Maelstrom stops reading from a node that
 * sends to a peer which it has not registered yet, so the node waits until every peer is likely to be up.
 */
const STARTUP_QUIET_MS = 100;

/** A replicated state machine, as a node uses it. */
export interface Replicated {
  /** False while this node has lost its state and has not rejoined: its copy may be older than what it returned before. */
  readonly isEligible: boolean;
  /**
   * Resolves to the command's result. Rejects with `RpcError`: 0 if there was no result in time, or it is lost, so that the command
   * may have been applied; 11 if the command was not started.
   */
  submit(command: Json): Promise<Json>;
}

/** A replica as its driver sees it: requests, messages and the time go in, and turns come out. Messages are `M`, batches to store `B`. */
export interface DrivenReplica<M, B> {
  /** False while the node has lost its state and has not rejoined. */
  readonly isEligible: boolean;
  /** The time at which {@linkcode DrivenReplica.tick} must be called next. */
  readonly deadline: number;
  /** Adds a client's request and returns its id; undefined if too many are pending. A later turn completes it. */
  submit(command: Json, now: number): number | undefined;
  receive(message: M, now: number): void;
  tick(now: number): void;
  /** Ends the turn and returns its work: store the batches and sync, then send, then hand out the completed requests. */
  turn(now: number): {
    readonly batches: readonly B[];
    readonly messages: readonly M[];
    readonly completed: readonly CompletedRequest[];
  };
}

/** The parts of a driver that depend on the engine. */
export interface EngineBinding<M, B> {
  readonly replica: DrivenReplica<M, B>;
  /** Writes a batch to the node's store, which is synced at the end of the node's turn, before anything is sent. */
  readonly save: (batch: B) => void;
  /** Returns the body that carries a message. */
  readonly toBody: (message: M) => Body;
}

/** Gives inputs to a replica and carries out its turns. */
export class ReplicaDriver<M extends { readonly to: NodeId }, B> implements Replicated {
  readonly #node: Node;
  readonly #binding: EngineBinding<M, B>;
  readonly #replies = new Map<number, DeferredReply<Json>>(); // by request
  readonly #turns: TokenBucket;
  readonly #silentUntil: number;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #isTurnPlanned = false;

  constructor(node: Node, binding: EngineBinding<M, B>) {
    this.#node = node;
    this.#binding = binding;
    this.#turns = new TokenBucket(TURN_INTERVAL_MS, node.now(), TURNS_BURST);
    this.#silentUntil = node.now() + STARTUP_QUIET_MS;
    this.#setTimer();
  }

  get isEligible(): boolean {
    return this.#binding.replica.isEligible;
  }

  submit(command: Json): Promise<Json> {
    const reply = this.#node.deferReply<Json>();
    const id = this.#binding.replica.submit(command, this.#node.now());
    if (id === undefined) {
      reply.fail(new RpcError(CODE.temporarilyUnavailable, "too many requests are pending on this node"));
    } else this.#replies.set(id, reply);
    this.endTurnSoon();
    return reply.promise;
  }

  /** Gives the replica a message from a peer. */
  receive(message: M): void {
    this.#binding.replica.receive(message, this.#node.now());
    this.endTurnSoon();
  }

  /** Ends the replica's turn after an input: now, or as soon as the pace of a busy node allows. */
  endTurnSoon(): void {
    if (this.#isTurnPlanned) return;
    const waitMs = this.#turns.take(this.#node.now());
    if (waitMs === 0) return this.#endTurn();
    this.#isTurnPlanned = true;
    this.#node.after(waitMs, () => {
      this.#isTurnPlanned = false;
      this.#endTurn();
    });
  }

  /** Stores, sends and replies. The node syncs its store at the end of its own turn, before anything leaves. */
  #endTurn(): void {
    const { replica, save, toBody } = this.#binding;
    const { batches, messages, completed } = replica.turn(this.#node.now());
    for (const batch of batches) save(batch);
    for (const message of messages) this.#node.send(message.to, toBody(message));
    for (const request of completed) this.#reply(request);
    this.#setTimer();
  }

  #reply({ id, outcome }: CompletedRequest): void {
    const reply = this.#replies.get(id);
    this.#replies.delete(id);
    if (outcome.kind === "result") reply?.send(outcome.result);
    else reply?.fail(new RpcError(CODE.timeout, REASONS[outcome.kind])); // plant: definite-error
  }

  /** Sets the timer, unless it fires early enough already. A timer that fires early does no harm. */
  #setTimer(): void {
    const at = this.#binding.replica.deadline;
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === Infinity) return;
    const delayMs = Math.max(at, this.#silentUntil) - this.#node.now();
    const cancel = this.#node.after(Math.max(TIMER_MS_MIN, delayMs), () => {
      this.#timer = undefined;
      this.#binding.replica.tick(this.#node.now());
      this.#endTurn();
    });
    this.#timer = { at, cancel };
  }
}

const REASONS = {
  timed_out: "no quorum responded in time; the operation may still take effect",
  unknown: "the result was lost; the operation may have taken effect",
} as const;
