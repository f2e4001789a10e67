/**
 * Raft as a pure state machine: messages, proposals and the time go in, and a batch of what to store, send and apply comes out. It has
 * no clock, no randomness and no disk of its own, and never waits. `README.md` gives the contract of a turn.
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import { invariant } from "../../protocol/errors.ts";
import type { Json } from "../../protocol/schema.ts";
import type { Engine, ProposalPosition, Refusal } from "../engine.ts";
import type { Entry, Incarnations, Membership, NodeId } from "../types.ts";
import { applyBufferedAppends, flushAck, onAppend } from "./append_entries.ts";
import { changeMembership, type MembershipChange } from "./configuration.ts";
import {
  append,
  becomeFollower,
  commitTo,
  Core,
  type Environment,
  resetElectionTimer,
  send,
} from "./core.ts";
import {
  acceptsMessage,
  countLeaderAsVote,
  joinAtOnce,
  onApplied,
  onInstalled,
  onJoinReply,
  onJoinRequest,
  tickJoin,
} from "./diskless_rejoin.ts";
import { campaign, isDisruptiveVote, onVoteReply, onVoteRequest, startPreVote } from "./election.ts";
import { transferLeadership } from "./leadership_transfer.ts";
import { informOutsider, onLocate, onLocated, searchDeadline, tickSearch } from "./outsider.ts";
import { holdsLease, read } from "./read_index.ts";
import {
  advanceCommit,
  followMembership,
  isQuorumAlive,
  leaderDeadline,
  onAppendAccepted,
  onAppendRejected,
  onHeartbeatReply,
  onSnapshotReply,
  replicate,
  tickLeader,
} from "./replication.ts";
import { SAFETY_RULES, type SafetyRules } from "./safety_rules.ts";
import { compact, onChunk } from "./snapshot.ts";
import type {
  AppendRequest,
  HardState,
  Heartbeat,
  Message,
  PersistentState,
  RaftConfig,
  Ready,
  Role,
  SnapshotChunk,
} from "./types.ts";

/** The visible state of a node. */
export interface Status {
  readonly role: Role;
  readonly term: number;
  readonly vote: NodeId | undefined;
  readonly leader: NodeId | undefined;
  readonly commit: number;
  readonly applied: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly eligible: boolean;
  /** True if the node leads and held a lease at its last input. */
  readonly lease: boolean;
  readonly membership: Membership;
  readonly incarnations: Incarnations;
}

/** One node's consensus. */
export class Raft implements Engine<Message, Ready> {
  readonly #core: Core;

  /** `rules` is for tests only, which show that each rule is necessary by breaking it. */
  constructor(
    config: RaftConfig,
    persistent: PersistentState,
    environment: Environment,
    rules: SafetyRules = SAFETY_RULES,
  ) {
    this.#core = new Core(config, persistent, rules, environment);
  }

  get id(): NodeId {
    return this.#core.id;
  }

  get status(): Status {
    const { role, term, vote, leader, commit, applied, log, rejoin, configs, leadership } = this.#core;
    const lease = leadership !== undefined && holdsLease(this.#core, leadership);
    const { firstIndex, lastIndex, lastTerm } = log;
    const { membership, incarnations } = configs;
    return {
      ...{ role, term, vote, leader, commit, applied, firstIndex, lastIndex, lastTerm },
      ...{ eligible: rejoin.eligible, lease, membership, incarnations },
    };
  }

  /** Returns at most `max` entries from the end of the log. */
  lastEntries(max: number): readonly Entry[] {
    const { firstIndex, lastIndex } = this.#core.log;
    const from = Math.max(firstIndex, lastIndex - max + 1);
    return this.#core.log.slice(from, lastIndex, max);
  }

  get role(): Role {
    return this.#core.role;
  }

  get isLeader(): boolean {
    return this.#core.role === "leader";
  }

  /** True if this node votes or receives the log, as far as it knows. */
  get isMember(): boolean {
    return this.#core.isMember;
  }

  get membership(): Membership {
    return this.#core.configs.membership;
  }

  /** True if the newest configuration is committed, so that another change may follow. */
  get isMembershipCommitted(): boolean {
    return this.#core.configs.index <= this.#core.commit;
  }

  get isEligible(): boolean {
    return this.#core.rejoin.eligible;
  }

  get term(): number {
    return this.#core.term;
  }

  get leader(): NodeId | undefined {
    return this.#core.leader;
  }

  /** Returns the index up to which a peer's log is known to agree; undefined unless this node leads and the peer is a member. */
  matchOf(id: NodeId): number | undefined {
    return this.#core.leadership?.progress.get(id)?.match;
  }

  get deadline(): number {
    const { rejoin, leadership, isVoter, electionAt } = this.#core;
    const joinAt = rejoin.eligible ? Infinity : rejoin.joinAt;
    if (leadership !== undefined) return Math.min(joinAt, leaderDeadline(this.#core, leadership));
    const searchAt = searchDeadline(this.#core);
    return Math.min(joinAt, searchAt, isVoter && rejoin.eligible ? electionAt : Infinity);
  }

  tick(now: number): void {
    const core = this.#at(now);
    tickJoin(core);
    tickSearch(core);
    if (core.leadership !== undefined) tickLeader(core, core.leadership);
    else if (core.now >= core.electionAt) startPreVote(core);
  }

  step(message: Message, now: number): void {
    const core = this.#at(now);
    if (message.to !== core.id || !acceptsMessage(core, message)) return;
    informOutsider(core, message);
    if (message.type === "join") return onJoinRequest(core, message);
    if (message.type === "join_ok") return onJoinReply(core, message);
    if (message.type === "locate") return onLocate(core, message);
    if ((message.type === "vote" || message.type === "pre_vote") && isDisruptiveVote(core, message)) return;
    if (message.term < core.term && message.type !== "pre_vote_ok") return this.#onOldTerm(message);
    if (message.term > core.term && message.type !== "pre_vote") {
      becomeFollower(core, message.term, undefined);
    }
    this.#dispatch(message);
  }

  propose(commands: readonly Json[], now: number): ProposalPosition | Refusal {
    const core = this.#at(now);
    const { leadership } = core;
    if (leadership === undefined) return "not_leader";
    if (leadership.transfer !== undefined) return "transferring";
    if (core.log.lastIndex - core.commit + commands.length > core.config.uncommittedMax) return "too_many";
    const index = core.log.lastIndex + 1;
    append(core, commands.map((command) => ({ kind: "command", command })));
    leadership.uncommittedSince ??= core.now;
    return { index, term: core.term };
  }

  read(id: number, now: number): boolean {
    return read(this.#at(now), id);
  }

  /** Proposes one change of membership (§4.1). Only a leader takes it, and one at a time. */
  changeMembership(change: MembershipChange, now: number): ProposalPosition | Refusal {
    const core = this.#at(now);
    const { leadership, committedInTerm } = core;
    if (leadership === undefined) return "not_leader";
    if (leadership.transfer !== undefined) return "transferring";
    const isChanging = core.configs.index > core.commit;
    if (!core.rules.mayChangeMembership(committedInTerm, isChanging)) return "not_yet";
    if ("add" in change && change.as === "voter" && !this.#isCaughtUp(change.add)) return "not_yet";
    const membership = changeMembership(core.configs.membership, change);
    if ("problem" in membership) return "invalid";
    if (!isQuorumAlive(core, membership.voters)) return "not_yet"; // the change would stop the cluster
    append(core, [{ kind: "membership", membership }]);
    leadership.uncommittedSince ??= core.now;
    followMembership(core);
    return { index: core.log.lastIndex, term: core.term };
  }

  /** Starts a transfer of leadership to another voter (§3.10). Returns false if that is not possible. */
  transfer(to: NodeId, now: number): boolean {
    return transferLeadership(this.#at(now), to);
  }

  compact(
    { index, data, keep }: { readonly index: number; readonly data: string; readonly keep: number },
  ): void {
    compact(this.#core, index, data, keep);
  }

  ready(now: number): Ready {
    const core = this.#at(now);
    if (core.leadership !== undefined) {
      advanceCommit(core);
      replicate(core, core.leadership);
    }
    flushAck(core);
    const committed = this.#takeCommitted();
    const hardState = this.#takeHardState();
    const { role, leader, term } = core;
    return { ...core.pending.take(), hardState, committed, role, leader, term };
  }

  #at(now: number): Core {
    this.#core.now = Math.max(this.#core.now, now);
    return this.#core;
  }

  /** Returns the hard state if it has changed. */
  #takeHardState(): HardState | undefined {
    const { term, vote, rejoin, pending } = this.#core;
    const { eligible } = rejoin;
    const stored = pending.storedHardState;
    const isStored = term === stored.term && vote === stored.vote && eligible === stored.eligible;
    if (isStored && !rejoin.isColdStartChanged) return undefined;
    rejoin.isColdStartChanged = false;
    pending.storedHardState = { term, vote, eligible, coldStart: rejoin.coldStartToStore(term) };
    return pending.storedHardState;
  }

  #takeCommitted(): readonly Entry[] {
    const core = this.#core;
    if (core.commit === core.applied) return [];
    const committed = core.log.slice(core.applied + 1, core.commit, core.commit - core.applied);
    invariant(committed.length === core.commit - core.applied, "committed entries are in the log");
    core.applied = core.commit;
    for (const entry of committed) onApplied(core, entry);
    if (core.leadership !== undefined && !core.isVoter && core.configs.index <= core.commit) {
      becomeFollower(core, core.term, undefined); // §4.2.2: its own removal is committed
      core.leader = undefined;
    }
    return committed;
  }

  /** Handles a message of an earlier term. Its sender gets a reply with this term, so that it does not wait for one (§3.3). */
  #onOldTerm(message: Message): void {
    const core = this.#core;
    const { from: to, stamp } = message;
    switch (message.type) {
      case "append":
      case "heartbeat":
      case "snapshot":
        return send(core, { type: "stale", to }, stamp?.from);
      case "pre_vote":
        return onVoteRequest(core, message);
      case "vote":
        return send(core, { type: "vote_ok", to, granted: false, at: message.at }, stamp?.from);
      default: // a reply that this node does not wait for any more
    }
  }

  #dispatch(message: Message): void {
    const core = this.#core;
    switch (message.type) {
      case "pre_vote":
      case "vote":
        return onVoteRequest(core, message);
      case "pre_vote_ok":
      case "vote_ok":
        return onVoteReply(core, message);
      case "append":
        this.#follow(message);
        onAppend(core, message);
        return applyBufferedAppends(core);
      case "heartbeat":
        this.#follow(message);
        return this.#onHeartbeat(message);
      case "snapshot":
        this.#follow(message);
        onChunk(core, message);
        if (core.pending.restore) onInstalled(core, core.configs.incarnations);
        return;
      case "append_ok":
        return onAppendAccepted(core, message);
      case "append_rejected":
        return onAppendRejected(core, message);
      case "heartbeat_ok":
        return onHeartbeatReply(core, message);
      case "snapshot_ok":
        return onSnapshotReply(core, message);
      case "timeout_now":
        if (core.role !== "leader" && message.term === core.term) campaign(core, true);
        return;
      case "located":
        return onLocated(core, message);
      case "stale": // its term was handled before
      case "join":
      case "join_ok":
      case "locate":
        return;
    }
  }

  /** Follows the sender of a message that only a leader sends. */
  #follow({ from, term }: AppendRequest | Heartbeat | SnapshotChunk): void {
    const core = this.#core;
    invariant(core.role !== "leader", () => `${from} leads term ${term}, and so does ${core.id} (§3.6.3)`);
    if (core.leader !== from || core.term !== term) joinAtOnce(core);
    becomeFollower(core, term, from);
    countLeaderAsVote(core, from);
    core.contactAt = core.now;
    resetElectionTimer(core);
  }

  #onHeartbeat({ from, commit, round, ask, stamp }: Heartbeat): void {
    // `commit` depends on the acknowledgements of the incarnation that the heartbeat is meant for.
    if (stamp?.to === this.#core.config.incarnation) commitTo(this.#core, commit);
    if (ask) send(this.#core, { type: "heartbeat_ok", to: from, round }, stamp?.from);
  }

  /** A voter whose replies do not count yet would be a vote less. */
  #isCaughtUp(id: NodeId): boolean {
    const progress = this.#core.leadership?.progress.get(id);
    return progress !== undefined && progress.countsTowardQuorum && progress.match >= this.#core.commit;
  }
}
