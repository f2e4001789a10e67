/** The interface between a replica and the consensus algorithm that orders its commands. */

import type { Json } from "../protocol/schema.ts";
import type { Entry, NodeId, ReadState, Snapshot } from "./types.ts";

/** A message between two engines. */
export interface EngineMessage {
  readonly type: string;
  readonly from: NodeId;
  readonly to: NodeId;
}

/** The position of a proposal in the leader's log. It is committed when the entry of that index and term is. */
export interface ProposalPosition {
  readonly index: number;
  readonly term: number;
}

/** The reason why a leader did not take a proposal, which is then in no log. */
export type Refusal = "not_leader" | "too_many" | "transferring" | "not_yet" | "invalid";

/** The part of an engine's batch that the replica handles. The driver stores the rest before anything is sent. */
export interface EngineBatch<M extends EngineMessage> {
  /** A snapshot to store. It replaces every entry up to its index. */
  readonly snapshot?: Snapshot | undefined;
  /** True if `snapshot` came from the leader, so that the state must be restored from it. */
  readonly restore: boolean;
  readonly messages: readonly M[];
  /** Newly committed entries in order; each is handed out once. */
  readonly committed: readonly Entry[];
  readonly reads: readonly ReadState[];
}

/**
 * A consensus engine: a pure state machine that takes messages, proposals and the time, and returns batches of what to store, send
 * and apply. `lib/consensus/README.md` lists the rules for calling it.
 */
export interface Engine<M extends EngineMessage, B extends EngineBatch<M>> {
  readonly id: NodeId;
  /** True while this node leads the current term. */
  readonly isLeader: boolean;
  readonly leader: NodeId | undefined;
  readonly term: number;
  /** The latest time at which {@linkcode Engine.tick} must be called next. */
  readonly deadline: number;
  /** False while the node has lost its disk and has not rejoined: its state may then be older than before the loss. */
  readonly isEligible: boolean;
  /** Handles the passing of time. */
  tick(now: number): void;
  /** Handles a message. */
  step(message: M, now: number): void;
  /** Appends commands to the log, one after another. Only a leader takes them. */
  propose(commands: readonly Json[], now: number): ProposalPosition | Refusal;
  /**
   * Requests a read. `id` comes back in `EngineBatch.reads`, or never if the leadership ends first. Returns true if the read was
   * taken: only a leader takes reads.
   */
  read(id: number, now: number): boolean;
  /** Records a snapshot of the state after entry `index`; `keep` entries before it stay in the log. */
  compact(options: { readonly index: number; readonly data: string; readonly keep: number }): void;
  /** Ends a turn and returns everything that there is to do. */
  ready(now: number): B;
}
