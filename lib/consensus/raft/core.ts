/**
 * The state of one Raft node, and the steps that several parts of the machine take.
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import { invariant } from "../../protocol/errors.ts";
import type { IncomingSnapshot } from "../snapshot_transfer.ts";
import type { Entry, NodeId, Payload, Snapshot } from "../types.ts";
import { Configurations } from "./configuration.ts";
import { Log } from "./log.ts";
import type { Search } from "./outsider.ts";
import { PendingReady } from "./pending_ready.ts";
import type { Progress } from "./progress.ts";
import { RejoinState } from "./rejoin_state.ts";
import type { SafetyRules } from "./safety_rules.ts";
import { Timeouts } from "./timeouts.ts";
import type { AppendRequest, PersistentState, RaftConfig, Role, Stamp, Unsigned } from "./types.ts";

/** The first election timeout of a fresh cluster, as a fraction of the usual one: there is no leader to wait for. */
const FRESH_START_FACTOR = 0.25;

/** A read that waits until a majority has answered a round (§6.4). */
export interface PendingRead {
  readonly id: number;
  readonly round: number;
}

/** The acknowledgement of the appends of this turn. */
export interface PendingAck {
  readonly to: NodeId;
  readonly match: number;
  readonly round: number;
  readonly stamp: Stamp | undefined;
}

/** Data from the leader that cannot be used, or acknowledged, yet. */
export interface Inbound {
  snapshot: IncomingSnapshot | undefined;
  /** Appends that overtook the ones before them, by `prevIndex`. */
  readonly outOfOrderAppends: Map<number, AppendRequest>;
  pendingAck: PendingAck | undefined;
}

/** A transfer of leadership that is in progress (§3.10). */
export interface Transfer {
  readonly to: NodeId;
  readonly until: number;
  /** True if this node has asked the other node to start an election. */
  isAsked: boolean;
}

/** A nonce that was issued to an incarnation; see `diskless_rejoin.ts`. */
export interface Nonce {
  readonly incarnation: string;
  readonly value: number;
}

/** Leader-only state, reset at the start of each term. */
export interface Leadership {
  readonly progress: Map<NodeId, Progress>;
  /** The latest round of sending. */
  round: number;
  /** The rounds that no majority has answered yet, with the time at which each began. */
  readonly pendingRounds: { readonly round: number; readonly at: number }[];
  /** The latest round that a majority has answered, and the time at which it began. */
  confirmedRound: number;
  confirmedAt: number;
  readonly reads: PendingRead[];
  /** The entry with which this leadership began. */
  readonly firstIndex: number;
  /** The time at which the oldest uncommitted entry was written. */
  uncommittedSince: number | undefined;
  transfer: Transfer | undefined;
  /** True if a transfer was started in this term, after which no lease is valid. */
  leaseRevoked: boolean;
  readonly nonces: Map<NodeId, Nonce>;
  noncesIssued: number;
}

/** The environment that a machine needs. */
export interface Environment {
  /** Draws a double in [0, 1). */
  readonly random: () => number;
  /** The time in ms, on a clock that never goes back. */
  readonly now: number;
}

/** The whole state of a node. The functions that change it are in the files named after what they do. */
export class Core {
  readonly config: RaftConfig;
  readonly rules: SafetyRules;
  readonly random: () => number;
  /** The time of the current input. */
  now: number;

  role: Role = "follower";
  term: number;
  vote: NodeId | undefined;
  leader: NodeId | undefined;
  readonly log: Log;
  readonly configs: Configurations;
  /** The latest snapshot that is stored. */
  snapshot: Snapshot | undefined;
  /** Invariant: applied <= commit <= log.lastIndex. */
  commit: number;
  applied: number;

  /** The time of the last message from a leader. */
  contactAt: number;
  electionAt: number;
  readonly votes = new Map<NodeId, boolean>();
  /** Defined if and only if `role` is leader. */
  leadership: Leadership | undefined;

  readonly timeouts: Timeouts;
  readonly search: Search;
  readonly rejoin: RejoinState;
  readonly inbound: Inbound = { snapshot: undefined, outOfOrderAppends: new Map(), pendingAck: undefined };
  readonly pending: PendingReady;

  constructor(config: RaftConfig, persistent: PersistentState, rules: SafetyRules, environment: Environment) {
    const { snapshot, entries, hardState, membership } = persistent;
    const { random, now } = environment;
    this.config = config;
    this.rules = rules;
    this.random = random;
    this.now = now;
    this.snapshot = snapshot;
    const base = { index: snapshot?.index ?? 0, term: snapshot?.term ?? 0 };
    this.log = new Log(base, entries);
    this.configs = new Configurations({
      index: base.index,
      membership: snapshot?.membership ?? membership,
      incarnations: snapshot?.incarnations ?? {},
    });
    for (const entry of entries) this.configs.append(entry);
    this.term = hardState.term;
    this.vote = hardState.vote;
    invariant(this.term >= this.log.lastTerm, () => `the stored term ${this.term} is below the log's`);
    this.commit = this.applied = base.index;
    this.contactAt = rules.contactBeforeStart(now, this.term);
    const startFactor = Number.isFinite(this.contactAt) ? 1 : FRESH_START_FACTOR;
    this.electionAt = now + config.electionTimeoutMs * (startFactor + random());
    this.timeouts = new Timeouts(config);
    this.search = { removedAt: 0, askAt: now, isLeaderAlive: false };
    this.rejoin = new RejoinState(hardState, config.incarnation, now);
    this.pending = new PendingReady({ ...hardState, eligible: this.rejoin.eligible });
  }

  get id(): NodeId {
    return this.config.id;
  }

  get voters(): readonly NodeId[] {
    const { index, membership } = this.configs;
    const inForce = this.rules.configurationInForce(index, this.commit);
    return (inForce === index ? membership : this.configs.at(inForce).membership).voters;
  }

  get isVoter(): boolean {
    return !this.wasRemoved && this.voters.includes(this.id);
  }

  /** True if this node votes, or receives the log. */
  get isMember(): boolean {
    return this.isVoter || (!this.wasRemoved && this.configs.membership.learners.includes(this.id));
  }

  /** True if a committed configuration lacks this node, and is later than the ones in its own log. */
  get wasRemoved(): boolean {
    return this.search.removedAt > this.configs.index;
  }

  /** True if this node leads and has committed an entry of its own term. */
  get committedInTerm(): boolean {
    return this.leadership !== undefined && this.commit >= this.leadership.firstIndex;
  }

  /** True if this node may vote, and so may start an election. */
  get mayVote(): boolean {
    return this.rules.mayVoteIfEligible(this.rejoin.eligible);
  }
}

/** Draws a new election timeout, which starts now (§3.4). */
export function resetElectionTimer(core: Core): void {
  core.electionAt = core.now + core.timeouts.electionMs * (1 + core.random());
}

/** Sends a message. `toIncarnation` is the incarnation of the receiver that it is meant for, if any. */
export function send(core: Core, message: Unsigned, toIncarnation?: string): void {
  const { incarnation } = core.config;
  const stamp = incarnation === undefined
    ? undefined
    : { from: incarnation, to: toIncarnation, eligible: core.rejoin.eligible };
  core.pending.messages.push({ ...message, from: core.id, term: core.term, stamp });
}

/** Becomes a follower in a term (§3.3), of its leader if that is known. */
export function becomeFollower(core: Core, term: number, leader: NodeId | undefined): void {
  invariant(term >= core.term, () => `the term went back from ${core.term} to ${term}`);
  if (term > core.term) {
    core.term = term;
    core.vote = undefined;
    core.leader = undefined;
    core.inbound.outOfOrderAppends.clear();
    core.inbound.pendingAck = undefined; // it is valid in the old term only
  }
  if (leader !== undefined) {
    invariant(
      core.leader === undefined || core.leader === leader,
      () => `two leaders in term ${term}: ${core.leader} and ${leader}`,
    );
    core.leader = leader;
  }
  if (core.role !== "follower") resetElectionTimer(core);
  core.role = "follower";
  core.leadership = undefined;
  core.votes.clear();
}

/** Appends new entries of the current term to the log. */
export function append(core: Core, payloads: readonly Payload[]): void {
  for (const payload of payloads) {
    appendEntry(core, { index: core.log.lastIndex + 1, term: core.term, payload });
  }
}

/** Appends one entry to the log. */
export function appendEntry(core: Core, entry: Entry): void {
  core.log.append(entry);
  core.configs.append(entry);
  core.pending.entries.push(entry);
}

/** Removes the entries from an index on, which conflict with the leader's (§3.5). */
export function truncate(core: Core, from: number): void {
  invariant(core.role !== "leader", "a leader never overwrites its own log (§3.6.3)");
  invariant(
    from > core.commit,
    () => `entry ${from} is committed (up to ${core.commit}) and cannot be overwritten`,
  );
  core.log.truncate(from);
  core.configs.truncate(from);
  core.pending.truncate(from);
}

/** Advances the commit index. */
export function commitTo(core: Core, index: number): void {
  if (index <= core.commit) return;
  invariant(
    index <= core.log.lastIndex,
    () => `committed up to ${index}, but the log ends at ${core.log.lastIndex}`,
  );
  core.commit = index;
}

/** Returns one value per voter: `own` for this node, and `ofPeer` for each peer whose replies count. */
export function valuesByVoter(core: Core, own: number, ofPeer: (progress: Progress) => number): number[] {
  return core.voters.map((id) => {
    if (id === core.id) return own;
    const progress = core.leadership?.progress.get(id);
    return progress?.countsTowardQuorum ? ofPeer(progress) : -Infinity;
  });
}
