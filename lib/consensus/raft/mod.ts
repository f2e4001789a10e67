/** Raft, an engine for replicated state machines. */

import type { Replica } from "../replica.ts";
import type { Raft } from "./raft.ts";
import type { Message, Ready } from "./types.ts";

/** A replica whose engine is Raft. */
export type RaftReplica = Replica<Message, Ready, Raft>;

export type { MembershipChange } from "./configuration.ts";
export type { Environment } from "./core.ts";
export { Raft, type Status } from "./raft.ts";
export { RaftStorage, StorageFormatError } from "./storage.ts";
export {
  type LeaseBounds,
  type Message,
  type PersistentState,
  RAFT_DEFAULTS,
  type RaftConfig,
  type Ready,
  type Role,
} from "./types.ts";
