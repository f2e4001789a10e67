/**
 * Types of the Raft machine: messages, the batch of a turn, and settings. Section numbers in this module (§…) are those of Diego
 * Ongaro's dissertation, "Consensus: Bridging Theory and Practice" (Stanford, 2014).
 *
 * Tested by `tests/consensus/raft/storage_test.ts`.
 */

import type { SnapshotPiece } from "../snapshot_transfer.ts";
import type { Entry, Incarnations, Membership, NodeId, ReadState, Snapshot } from "../types.ts";

/** The state that must survive a restart besides the log (§3.8). */
export interface HardState {
  readonly term: number;
  readonly vote: NodeId | undefined;
  /** True if the incarnation may vote: see `diskless_rejoin.ts`. Always true if there are no incarnations. */
  readonly eligible: boolean;
  /** The progress of a cold start, or its members. */
  readonly coldStart?: ColdStart | undefined;
}

/** The clean replies to the join requests of a cold start: see `diskless_rejoin.ts`. */
export interface ColdStart {
  /** The current round. */
  readonly round: number;
  /** The incarnations that replied in the current round, by node id. */
  readonly replies: Incarnations;
  /** The incarnations that replied in the previous round; undefined in the first. */
  readonly previousReplies?: Incarnations | undefined;
  /** All incarnations that were in term 0 at one moment, once a cold start has shown that. */
  readonly members?: Incarnations | undefined;
}

/** The state that a node finds when it starts. */
export interface PersistentState {
  readonly hardState: HardState;
  readonly snapshot: Snapshot | undefined;
  /** Consecutive entries that follow the snapshot. */
  readonly entries: readonly Entry[];
  /** The first membership, if neither the snapshot nor the log holds one. Empty for a node that will be added. */
  readonly membership: Membership;
}

/** The incarnations of a message's sender and receiver. */
export interface Stamp {
  readonly from: string;
  /** The incarnation that a reply, or a commit index, is meant for. */
  readonly to?: string | undefined;
  /** True if the sender may vote: see `diskless_rejoin.ts`. */
  readonly eligible: boolean;
}

interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's current term. */
  readonly term: number;
  readonly stamp?: Stamp | undefined;
}

/** A request for a vote in `term` (§3.4), or for a pre-vote about the term after it (§9.6). */
export interface VoteRequest extends Envelope {
  readonly type: "pre_vote" | "vote";
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** True if the leader asked for this election (§3.10), so that it may disrupt that leader. */
  readonly transfer: boolean;
  /** The sender's clock in ms. The reply repeats it, which gives the round-trip time. */
  readonly at: number;
}

/** The reply to a {@linkcode VoteRequest}. */
export interface VoteReply extends Envelope {
  readonly type: "pre_vote_ok" | "vote_ok";
  readonly granted: boolean;
  /** `at` of the request. */
  readonly at: number;
}

/** Entries that follow (`prevIndex`, `prevTerm`) (§3.5). Every append gets a reply. */
export interface AppendRequest extends Envelope {
  readonly type: "append";
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry[];
  readonly commit: number;
  /** True if other appends are unanswered, so that a gap means a late message and not a different log. */
  readonly pipelined: boolean;
  /** The leader's round of sending. Replies repeat it, which proves leadership as of that round (§6.4). */
  readonly round: number;
}

/** The logs agree up to `match`. One reply acknowledges all appends of a turn. */
export interface AppendAccepted extends Envelope {
  readonly type: "append_ok";
  readonly match: number;
  readonly round: number;
}

/** The log has no entry (`prevIndex`, …). The logs can agree at (`hintIndex`, `hintTerm`), but not later (§3.5). */
export interface AppendRejected extends Envelope {
  readonly type: "append_rejected";
  readonly prevIndex: number;
  readonly hintIndex: number;
  readonly hintTerm: number;
  readonly round: number;
}

/** A sign of the leader. `commit` never exceeds the entries that the receiver is known to hold. */
export interface Heartbeat extends Envelope {
  readonly type: "heartbeat";
  readonly commit: number;
  readonly round: number;
  /** True if the receiver must reply. */
  readonly ask: boolean;
}

/** The reply to a {@linkcode Heartbeat} that asks for one. */
export interface HeartbeatReply extends Envelope {
  readonly type: "heartbeat_ok";
  readonly round: number;
}

/** A piece of a snapshot (§5.3). */
export interface SnapshotChunk extends Envelope, SnapshotPiece {
  readonly type: "snapshot";
  readonly round: number;
}

/** The snapshot of entry `index` has arrived up to `offset`. */
export interface SnapshotReply extends Envelope {
  readonly type: "snapshot_ok";
  readonly index: number;
  readonly offset: number;
  readonly round: number;
}

/** The receiver's term is over: the sender's is later. */
export interface Stale extends Envelope {
  readonly type: "stale";
}

/** A request to start an election at once (§3.10). */
export interface TimeoutNow extends Envelope {
  readonly type: "timeout_now";
}

/** A request of a node that started without its state; see `diskless_rejoin.ts`. */
export interface JoinRequest extends Envelope {
  readonly type: "join";
  /** The sender's round of requests. The reply repeats it. */
  readonly round: number;
  /** The nonce that the receiver issued in its last reply. */
  readonly nonce: number | undefined;
}

/** The reply to a {@linkcode JoinRequest}. */
export interface JoinReply extends Envelope {
  readonly type: "join_ok";
  readonly round: number;
  /** True if the sender has seen no other incarnation of the receiver, and is in term 0. */
  readonly clean: boolean;
  /** Issued by a leader, which lets the node rejoin that returns it. */
  readonly nonce: number | undefined;
  /** The members of a cold start that the receiver's incarnation took part in. */
  readonly members: Incarnations | undefined;
}

/** A question for the leader, of a node that is not a voter; see `outsider.ts`. */
export interface Locate extends Envelope {
  readonly type: "locate";
}

/** The reply to a {@linkcode Locate}, and to requests of a node that does not know of its removal. */
export interface Located extends Envelope {
  readonly type: "located";
  /** The leader of the sender's term, if the sender is or heard it lately. */
  readonly leader: NodeId | undefined;
  /** The index of a committed configuration without the receiver; 0 if the sender knows none. */
  readonly removedAt: number;
}

/** A message between nodes. */
export type Message =
  | VoteRequest
  | VoteReply
  | AppendRequest
  | AppendAccepted
  | AppendRejected
  | Heartbeat
  | HeartbeatReply
  | SnapshotChunk
  | SnapshotReply
  | Stale
  | TimeoutNow
  | JoinRequest
  | JoinReply
  | Locate
  | Located;

type WithoutSender<M> = M extends Message ? Omit<M, "from" | "term" | "stamp"> : never;

/** A message without its sender's fields. */
export type Unsigned = WithoutSender<Message>;

/** The role of a node. */
export type Role = "follower" | "precandidate" | "candidate" | "leader";

/** The work of a turn. `README.md` gives the contract as a numbered list. */
export interface Ready {
  readonly hardState?: HardState | undefined;
  /** Replaces every stored entry up to its index, and what follows it unless that continues it. */
  readonly snapshot?: Snapshot | undefined;
  /** True if `snapshot` came from the leader, so that the state must be restored from it. */
  readonly restore: boolean;
  /** The index from which stored entries must be deleted before `entries` are appended. */
  readonly truncateFrom?: number | undefined;
  readonly entries: readonly Entry[];
  /** Entries below this index are not needed any more. */
  readonly discardBefore?: number | undefined;
  readonly messages: readonly Message[];
  /** Newly committed entries in order; each is handed out once. */
  readonly committed: readonly Entry[];
  readonly reads: readonly ReadState[];
  readonly role: Role;
  readonly leader: NodeId | undefined;
  readonly term: number;
}

/** The clock errors that a lease allows for (§6.4.1). */
export interface LeaseBounds {
  /** The greatest error of a clock's rate against real time: 0.05 is 5 %. */
  readonly driftMax: number;
  /** The greatest forward jump of a clock, in ms, within one election timeout. */
  readonly jumpMsMax: number;
}

/** Settings of a node. Times are in ms. */
export interface RaftConfig {
  readonly id: NodeId;
  /** The minimum election timeout T. Each timeout is drawn from [T, 2T) (§3.4). A follower grants other votes after T. */
  readonly electionTimeoutMs: number;
  /** The time without a message after which a peer gets a heartbeat. Well below the election timeout. */
  readonly heartbeatMs: number;
  /** The time without a reply after which entries are sent again, and a thrifty leader sends to every peer. */
  readonly retryMs: number;
  /** Entries per append. */
  readonly appendEntriesMax: number;
  /** Unanswered appends per peer. Above it, entries wait. */
  readonly inflightMax: number;
  /** Uncommitted entries. Above it, proposals are refused. */
  readonly uncommittedMax: number;
  /** Unconfirmed reads. Above it, reads are refused. */
  readonly readsMax: number;
  /** UTF-16 code units of a snapshot per message. */
  readonly snapshotChunkChars: number;
  /** Bounds for leader leases. Without them every read needs the replies of a majority. */
  readonly lease: LeaseBounds | undefined;
  /** True if the leader sends to a bare majority first. The other nodes learn by the next heartbeat. */
  readonly thrifty: boolean;
  /**
   * The node's incarnation, drawn when its store is created, or at each start without a store. Undefined for a node whose store is
   * never lost.
   */
  readonly incarnation: string | undefined;
  /** The nodes that this node asks for the leader while it is not a voter. */
  readonly contacts: readonly NodeId[];
}

/** Settings that suit a local network, without the node's id. */
export const RAFT_DEFAULTS = {
  electionTimeoutMs: 300,
  heartbeatMs: 60,
  retryMs: 60,
  appendEntriesMax: 1000,
  inflightMax: 64,
  uncommittedMax: 100_000,
  readsMax: 100_000,
  snapshotChunkChars: 64 * 1024,
  lease: { driftMax: 0.05, jumpMsMax: 0 },
  thrifty: false,
  incarnation: undefined,
  contacts: [],
} as const satisfies Omit<RaftConfig, "id">;
