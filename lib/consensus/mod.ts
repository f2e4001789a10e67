/** Consensus: Raft, with everything that a replicated state machine needs around it. */

export type { MembershipChange } from "./raft/configuration.ts";
export { type Proposed, Raft, type Refusal, type Status, type Surroundings } from "./raft/raft.ts";
export { BrokenLogError, RaftRecords, type RecordStore } from "./raft/storage.ts";
export {
  Replica,
  REPLICA_DEFAULTS,
  type ReplicaConfig,
  type ReplicaMessage,
  type StateMachine,
  type Turn,
} from "./replica.ts";
export type {
  Answer,
  CommandKind,
  Forward,
  ForwardAnswer,
  Outcome,
  RequestSettings,
} from "./client_requests.ts";
export { Sessions } from "./sessions.ts";
export {
  type Entry,
  type LeaseBounds,
  type Membership,
  type Message,
  type NodeId,
  RAFT_DEFAULTS,
  type RaftConfig,
  type Ready,
  type Restored,
  type Role,
  type Snapshot,
} from "./raft/types.ts";
