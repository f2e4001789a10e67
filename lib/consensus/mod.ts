/** Replicated state machines, whichever engine orders their commands. The engines are in folders of their own. */

export type {
  ClientRequestSettings,
  CommandKind,
  CompletedRequest,
  Forward,
  ForwardReply,
  RequestOutcome,
} from "./client_requests.ts";
export type { Engine, EngineBatch, EngineMessage, ProposalPosition, Refusal } from "./engine.ts";
export { MissingEntriesError, type StorageOps } from "./entry_storage.ts";
export {
  Replica,
  REPLICA_DEFAULTS,
  type ReplicaConfig,
  type ReplicaMessage,
  type StateMachine,
  type Turn,
} from "./replica.ts";
export { Sessions } from "./sessions.ts";
export type { Entry, Membership, NodeId, Snapshot } from "./types.ts";
