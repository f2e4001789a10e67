/**
 * What the consensus machine is made of: entries, messages, and what it asks of whoever drives it. Section numbers in
 * this room (§…) are those of Diego Ongaro's dissertation, "Consensus: Bridging Theory and Practice" (Stanford, 2014).
 */

import type { Json } from "../../protocol/schema.ts";

/** A server's name. */
export type NodeId = string;

/** Who is in the cluster (§4). Voters decide; learners get the log and have no say (§4.2.1). */
export interface Membership {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

/** The incarnation of each node that counts, by node id; see `diskless_rejoin.ts`. */
export type Incarnations = Readonly<Record<NodeId, string>>;

/** What an entry says. */
export type Payload =
  | { readonly kind: "noop" }
  | { readonly kind: "command"; readonly command: Json }
  | { readonly kind: "membership"; readonly membership: Membership }
  | { readonly kind: "rejoin"; readonly node: NodeId; readonly incarnation: string };

/** One entry of the log. Indexes count from 1. */
export interface Entry {
  readonly index: number;
  readonly term: number;
  readonly payload: Payload;
}

/** What must survive a restart besides the log (§3.8). */
export interface HardState {
  readonly term: number;
  readonly vote: NodeId | undefined;
  /** True if the incarnation may vote: see `diskless_rejoin.ts`. Always true where there are no incarnations. */
  readonly eligible: boolean;
  /** How far a cold start has come, or who took part in it. */
  readonly coldStart?: ColdStart | undefined;
}

/** The clean answers to the hellos of a cold start: see `diskless_rejoin.ts`. */
export interface ColdStart {
  /** The current round. */
  readonly round: number;
  /** The incarnations that answered the current round, by node id. */
  readonly answers: Incarnations;
  /** The incarnations that answered the round before; undefined in the first. */
  readonly before?: Incarnations | undefined;
  /** All incarnations that were in term 0 at one moment, once a cold start has shown that. */
  readonly members?: Incarnations | undefined;
}

/** What a snapshot says besides the state itself (§5.1). */
export interface SnapshotMeta {
  /** The last entry that the snapshot replaces. */
  readonly index: number;
  /** That entry's term. */
  readonly term: number;
  readonly membership: Membership;
  readonly incarnations: Incarnations;
}

/** The state after the entry `index`; `data` is opaque to the machine. */
export interface Snapshot extends SnapshotMeta {
  readonly data: string;
}

/** Which incarnation of a node a message comes from, and which of the receiver asked, or is meant. */
export interface Stamp {
  readonly from: string;
  readonly to?: string;
  /** Whether the sender may vote: see `diskless_rejoin.ts`. */
  readonly eligible: boolean;
}

interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's current term. */
  readonly term: number;
  readonly stamp?: Stamp;
}

/** Would you vote for me in term + 1? (§9.6) or: vote for me in `term` (§3.4). */
export interface VoteRequest extends Envelope {
  readonly type: "pre_vote" | "vote";
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Set when the leader asked for this election (§3.10): it needs no protection from it. */
  readonly transfer: boolean;
  /** The sender's clock, ms: the answer gives it back, which tells how far away its sender is. */
  readonly at: number;
}

/** The answer to a {@linkcode VoteRequest}. */
export interface VoteAnswer extends Envelope {
  readonly type: "pre_vote_ok" | "vote_ok";
  readonly granted: boolean;
  /** From the request. */
  readonly at: number;
}

/** Entries that follow (`prevIndex`, `prevTerm`) (§3.5). Always answered. */
export interface AppendRequest extends Envelope {
  readonly type: "append";
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry[];
  readonly commit: number;
  /** Whether others were sent just before, so that a gap means that they are late, not that the logs differ. */
  readonly pipelined: boolean;
  /** Counts the leader's rounds of sending; answers give it back, so that it proves leadership as of that round (§6.4). */
  readonly round: number;
}

/** The log agrees up to `match`. One such answer stands for all appends of a turn. */
export interface AppendAccepted extends Envelope {
  readonly type: "append_ok";
  readonly match: number;
  readonly round: number;
}

/** The log has no entry (`prevIndex`, …); it may agree at (`hintIndex`, `hintTerm`), not later (§3.5). */
export interface AppendRejected extends Envelope {
  readonly type: "append_rejected";
  readonly prevIndex: number;
  readonly hintIndex: number;
  readonly hintTerm: number;
  readonly round: number;
}

/** I lead; the log is committed up to `commit`, which never passes what the receiver is known to hold. */
export interface Heartbeat extends Envelope {
  readonly type: "heartbeat";
  readonly commit: number;
  readonly round: number;
  /** Whether an answer is wanted. */
  readonly ask: boolean;
}

/** The answer to a {@linkcode Heartbeat} that asks for one. */
export interface HeartbeatAnswer extends Envelope {
  readonly type: "heartbeat_ok";
  readonly round: number;
}

/** A piece of a snapshot (§5.3): `data` stands at `offset` of `total` UTF-16 code units. */
export interface SnapshotChunk extends Envelope {
  readonly type: "snapshot";
  readonly meta: SnapshotMeta;
  readonly offset: number;
  readonly total: number;
  readonly data: string;
  readonly round: number;
}

/** The snapshot of entry `index` has arrived up to `offset`. */
export interface SnapshotAnswer extends Envelope {
  readonly type: "snapshot_ok";
  readonly index: number;
  readonly offset: number;
  readonly round: number;
}

/** Your term is over: mine is later. */
export interface Stale extends Envelope {
  readonly type: "stale";
}

/** Stand for election at once (§3.10). */
export interface TimeoutNow extends Envelope {
  readonly type: "timeout_now";
}

/** I have just started, with no memory; see `diskless_rejoin.ts`. */
export interface JoinRequest extends Envelope {
  readonly type: "join";
  /** Counts the sender's rounds of asking everybody; the answer gives it back. */
  readonly round: number;
  /** The nonce that the receiver gave in its last answer. */
  readonly nonce: number | undefined;
}

/** The answer to a {@linkcode JoinRequest}. */
export interface JoinReply extends Envelope {
  readonly type: "join_ok";
  readonly round: number;
  /** Whether the sender never met another incarnation of the receiver, and is in term 0. */
  readonly clean: boolean;
  /** Given by a leader: it readmits who gives this back. */
  readonly nonce: number | undefined;
  /** The members of a cold start that the receiver's incarnation took part in. */
  readonly members: Incarnations | undefined;
}

/** What nodes say to each other. */
export type Message =
  | VoteRequest
  | VoteAnswer
  | AppendRequest
  | AppendAccepted
  | AppendRejected
  | Heartbeat
  | HeartbeatAnswer
  | SnapshotChunk
  | SnapshotAnswer
  | Stale
  | TimeoutNow
  | JoinRequest
  | JoinReply;

type Bare<M> = M extends Message ? Omit<M, "from" | "term" | "stamp"> : never;

/** A message before its sender signs it. */
export type Unsigned = Bare<Message>;

/** What a node is at the moment. */
export type Role = "follower" | "precandidate" | "candidate" | "leader";

/** A read that may now be served from any state that holds the entry `index` (§6.4). */
export interface ReadState {
  readonly id: number;
  readonly index: number;
}

/**
 * What a turn wants done, in this order: store, and sync; send; apply. Nothing may be sent before what stands here is
 * durable (§3.8), and the next turn's must not be looked at before this one's is done.
 */
export interface Ready {
  readonly hardState?: HardState;
  /** Replaces every stored entry up to its index, and whatever follows that does not continue it. */
  readonly snapshot?: Snapshot;
  /** Whether `snapshot` came from the leader, so that the state has to be restored from it. */
  readonly restore: boolean;
  /** Forget stored entries from here on, before appending. */
  readonly truncateFrom?: number;
  readonly entries: readonly Entry[];
  /** Entries before this one are no longer needed. */
  readonly discardBefore?: number;
  readonly messages: readonly Message[];
  /** Newly committed, in order, each handed out once. */
  readonly committed: readonly Entry[];
  readonly reads: readonly ReadState[];
  readonly role: Role;
  readonly leader: NodeId | undefined;
  readonly term: number;
}

/** How far clocks may be wrong for leases to hold (§6.4.1). */
export interface LeaseBounds {
  /** The greatest error of a clock's rate against real time: 0.05 is 5 %. */
  readonly driftMax: number;
  /** By how much, in ms, a clock may jump forward within one election time-out. */
  readonly jumpMsMax: number;
}

/** How a node behaves. Times in ms. */
export interface RaftConfig {
  readonly id: NodeId;
  /** The least election time-out T; each wait is drawn from [T, 2T) (§3.4). A follower votes against its leader after T. */
  readonly electionTimeoutMs: number;
  /** After this long without a message to a peer, it gets a heartbeat. Well below the election time-out. */
  readonly heartbeatMs: number;
  /** After this long without an answer, entries are sent again, and a thrifty leader asks everybody. */
  readonly retryMs: number;
  /** Entries in one append. */
  readonly appendEntriesMax: number;
  /** Appends to a peer that wait for an answer; past it, entries wait. */
  readonly inflightMax: number;
  /** Entries that are not committed; past it, proposals are refused. */
  readonly uncommittedMax: number;
  /** Reads that wait for their confirmation; past it, reads are refused. */
  readonly readsMax: number;
  /** UTF-16 code units of a snapshot in one message. */
  readonly snapshotChunkChars: number;
  /** Bounds for leader leases; without them every read asks a majority. */
  readonly lease: LeaseBounds | undefined;
  /** Whether the leader asks a bare majority first, and the others learn by the next heartbeat. */
  readonly thrifty: boolean;
  /**
   * The name under which this node remembers: drawn when its store is made, or at each start without a store. Undefined for a
   * node whose store is never lost.
   */
  readonly incarnation: string | undefined;
}

/** What a node finds when it starts. */
export interface PersistentState {
  readonly hardState: HardState;
  readonly snapshot: Snapshot | undefined;
  /** Consecutive, and following the snapshot. */
  readonly entries: readonly Entry[];
  /** The first membership, where neither snapshot nor log says otherwise; empty for one that will be added. */
  readonly membership: Membership;
}

/** Settings that suit a local network; `id` is the caller's. */
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
} as const satisfies Omit<RaftConfig, "id">;
