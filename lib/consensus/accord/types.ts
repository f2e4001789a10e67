/** Messages, records and settings of Accord. Tested by `tests/consensus/accord/simulation_test.ts`. */

import type { Json } from "../../protocol/schema.ts";
import type { AdmissionPart } from "../leaderless/admission.ts";
import type { LeaderlessMessage } from "../leaderless/messages.ts";
import type { RecordBatch } from "../leaderless/record_storage.ts";
import type { Commands, Floor, InstanceId } from "../leaderless/types.ts";

/** A point in time of a hybrid logical clock (`hybrid_clock.ts`): unique, ordered as a number; 0 before all. */
export type Timestamp = number;

/** The transactions that can come before one in the order of execution. */
export interface Dependencies {
  readonly ids: readonly InstanceId[];
  /** All transactions up to here, which a majority has executed. */
  readonly floor: Floor;
}

/** The progress of a transaction at one node. */
export type Phase =
  | "unknown"
  /** The node has voted for a timestamp. */
  | "preaccepted"
  /** The node has accepted the timestamp of a ballot, with preliminary dependencies. */
  | "accepted"
  /** The node has accepted the timestamp and the final dependencies of a ballot. */
  | "stable"
  | "committed";

/** The part of a transaction's state that a node promises to others, and stores. */
export interface TransactionRecord {
  readonly id: InstanceId;
  /** The highest ballot that the node takes part in. */
  readonly ballot: number;
  /** The ballot in which `executeAt` and `deps` were accepted. */
  readonly acceptedBallot: number;
  readonly phase: Phase;
  /** Undefined while they are unknown. */
  readonly commands: Commands | undefined;
  /** The timestamp that the coordinator proposed; 0 while it is unknown. */
  readonly initialAt: Timestamp;
  /** The timestamp that the node votes for, or that is accepted or decided. */
  readonly executeAt: Timestamp;
  readonly deps: Dependencies;
}

/** A transaction as its coordinator proposes it. */
export interface Proposal {
  readonly id: InstanceId;
  readonly initialAt: Timestamp;
  readonly commands: Commands;
}

/** A transaction with a place in the order of execution. */
export interface Decision extends Proposal {
  readonly executeAt: Timestamp;
  readonly deps: Dependencies;
}

/** A node's vote for a timestamp. */
export interface Vote {
  readonly executeAt: Timestamp;
  readonly deps: Dependencies;
}

/** Observations of a node about a transaction that may have been decided at its initial timestamp. */
export interface Evidence {
  /** True if a conflicting transaction proves that it was not. */
  readonly isRefuted: boolean;
  /** Conflicting transactions whose decision tells. */
  readonly awaited: readonly InstanceId[];
}

/** An item of a message. */
export type Part =
  | AdmissionPart
  | ({ readonly type: "pre_accept" } & Proposal)
  | ({ readonly type: "pre_accept_ok"; readonly id: InstanceId } & Vote)
  | ({ readonly type: "accept"; readonly ballot: number } & Decision)
  | {
    readonly type: "accept_ok";
    readonly id: InstanceId;
    readonly ballot: number;
    /** The dependencies that the request lacks. */
    readonly deps: Dependencies;
  }
  | ({ readonly type: "stabilize"; readonly ballot: number } & Decision)
  | { readonly type: "stabilize_ok"; readonly id: InstanceId; readonly ballot: number }
  | ({ readonly type: "commit" } & Decision)
  | {
    readonly type: "recover";
    readonly id: InstanceId;
    readonly ballot: number;
    readonly initialAt: Timestamp;
    /** Undefined if the sender does not know them. */
    readonly commands: Commands | undefined;
  }
  | ({ readonly type: "recover_ok"; readonly record: TransactionRecord } & Evidence)
  | { readonly type: "refused"; readonly id: InstanceId; readonly ballot: number }
  | { readonly type: "fetch"; readonly id: InstanceId };

/** A message. */
export type AccordMessage = LeaderlessMessage<Part>;

/** The latest timestamps of a key: of transactions that used it, and of those that wrote it. */
export interface KeyTimes {
  readonly used: Timestamp;
  readonly written: Timestamp;
}

/** The state that replaces older records. */
export interface AccordSnapshot {
  /** The number of this node's last transaction. */
  readonly number: number;
  readonly clock: Timestamp;
  readonly executed: Floor;
  /** The transactions whose records are deleted. */
  readonly floor: Floor;
  /** Transactions that were executed beyond a gap. */
  readonly executedBeyond: readonly InstanceId[];
  /** The timestamps of each key: known, and executed. */
  readonly keys: readonly (readonly [key: string, known: KeyTimes, executed: KeyTimes])[];
  readonly state: Json;
  readonly records: readonly TransactionRecord[];
}

/** The records of a turn. */
export type AccordBatch = RecordBatch<TransactionRecord, AccordSnapshot>;
