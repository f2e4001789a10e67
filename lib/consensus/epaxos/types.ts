/**
 * Messages, records and settings of EPaxos. Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { AdmissionPart } from "../leaderless/admission.ts";
import type { LeaderlessMessage } from "../leaderless/messages.ts";
import type { RecordBatch } from "../leaderless/record_storage.ts";
import type { Commands, Floor, InstanceId } from "../leaderless/types.ts";

/** The progress of an instance at one node. */
export type Phase = "unknown" | "preaccepted" | "accepted" | "committed";

/** The dependencies of an instance: of each coordinator, its conflicting instances up to a number. */
export type Deps = Floor;

/** The commands and dependencies with which a coordinator begins an instance. */
export interface Proposal {
  readonly id: InstanceId;
  readonly commands: readonly Json[];
  readonly deps: Deps;
}

/** The part of an instance's state that a node promises to others, and stores. */
export interface InstanceRecord {
  readonly id: InstanceId;
  /** The highest ballot that the node takes part in. */
  readonly ballot: number;
  /** The ballot in which `commands` and `deps` were accepted. */
  readonly acceptedBallot: number;
  readonly phase: Phase;
  /** Undefined while they are unknown. */
  readonly commands: Commands | undefined;
  readonly deps: Deps;
  /** The commands and dependencies with which the coordinator began. */
  readonly initialCommands: Commands | undefined;
  readonly initialDeps: Deps;
}

/** An item of a message. */
export type Part =
  | AdmissionPart
  | {
    readonly type: "announce";
    readonly id: InstanceId;
    /** The time at which it is proposed, by the fastest clock. */
    readonly at: number;
    readonly uses: readonly (readonly [key: string, writes: boolean])[];
  }
  | ({ readonly type: "pre_accept" } & Proposal)
  | { readonly type: "pre_accept_ok"; readonly id: InstanceId; readonly deps: Deps }
  | ({ readonly type: "accept"; readonly ballot: number } & Decision)
  | { readonly type: "accept_ok"; readonly id: InstanceId; readonly ballot: number }
  | ({ readonly type: "commit" } & Decision)
  | { readonly type: "recover"; readonly id: InstanceId; readonly ballot: number }
  | { readonly type: "recover_ok"; readonly record: InstanceRecord }
  | ({ readonly type: "validate"; readonly ballot: number } & Proposal)
  | {
    readonly type: "validate_ok";
    readonly id: InstanceId;
    readonly ballot: number;
    readonly conflicts: readonly (readonly [id: InstanceId, isCommitted: boolean])[];
  }
  | { readonly type: "waiting"; readonly id: InstanceId; readonly count: number }
  | { readonly type: "refused"; readonly id: InstanceId; readonly ballot: number }
  | { readonly type: "fetch"; readonly id: InstanceId };

/** An instance with its commands and dependencies: the conflicting ones among these. */
export interface Decision {
  readonly id: InstanceId;
  readonly commands: Commands;
  readonly deps: Deps;
}

/** A message. */
export type EpaxosMessage = LeaderlessMessage<Part>;

/** The state that replaces older records. */
export interface EpaxosSnapshot {
  /** The number of this node's last instance. */
  readonly number: number;
  readonly executed: Floor;
  /** The instances whose records are deleted. */
  readonly floor: Floor;
  /** Instances that were executed beyond a gap. */
  readonly executedBeyond: readonly InstanceId[];
  readonly state: Json;
  readonly instances: readonly InstanceRecord[];
}

/** The records of a turn. */
export type EpaxosBatch = RecordBatch<InstanceRecord, EpaxosSnapshot>;
