/** Consensus: Raft, with everything that a replicated state machine needs around it. */

export type { MembershipChange } from "./raft/configuration.ts";
export { type Environment, type Proposed, Raft, type Refusal, type Status } from "./raft/raft.ts";
export { MissingEntriesError, RaftStorage, type StorageOps } from "./raft/storage.ts";
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
  ClientRequestSettings,
  CommandKind,
  Forward,
  ForwardReply,
  RequestOutcome,
} from "./client_requests.ts";
export { Sessions } from "./sessions.ts";
export {
  type Entry,
  type LeaseBounds,
  type Membership,
  type Message,
  type NodeId,
  type PersistentState,
  RAFT_DEFAULTS,
  type RaftConfig,
  type Ready,
  type Role,
  type Snapshot,
} from "./raft/types.ts";
