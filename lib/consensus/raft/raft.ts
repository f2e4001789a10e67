/**
 * Raft as a pure state machine: messages, proposals and the time go in; what to store, to send and to apply comes out. It
 * has no clock, no chance and no disk of its own, and never waits.
 *
 * The caller gives it inputs, then takes {@linkcode Raft.ready}, and does what stands there in the order in which it
 * stands there. Calling it once per turn makes everything that arrived in the turn travel, and be synced, together.
 */

import { append, becomeFollower, commitTo, Core, resetElectionTimer, send } from "./core.ts";
import { applyBufferedAppends, flushAck, onAppend } from "./append_entries.ts";
import { campaign, isDisruptiveVote, onVoteAnswer, onVoteRequest, startPreVote } from "./election.ts";
import { invariant } from "../../protocol/errors.ts";
import { changed, type MembershipChange } from "./configuration.ts";
import { read } from "./read_index.ts";
import {
  acceptsMessage,
  coldStartOf,
  countLeaderAsVote,
  joinAtOnce,
  onApplied,
  onInstalled,
  onJoinReply,
  onJoinRequest,
  tickJoin,
} from "./diskless_rejoin.ts";
import {
  advanceCommit,
  followMembership,
  leaderDeadline,
  onAppendAccepted,
  onAppendRejected,
  onHeartbeatAnswer,
  onSnapshotAnswer,
  replicate,
  tickLeader,
} from "./replication.ts";
import { SAFETY_RULES, type SafetyRules } from "./safety_rules.ts";
import { compact, onChunk } from "./snapshot.ts";
import { transferLeadership } from "./leadership_transfer.ts";
import type {
  AppendRequest,
  Heartbeat,
  Incarnations,
  Membership,
  Message,
  NodeId,
  PersistentState,
  RaftConfig,
  Ready,
  Role,
  SnapshotChunk,
} from "./types.ts";
import type { Json } from "../../protocol/schema.ts";

/** Why a proposal was not taken; it surely is in no log. */
export type Refusal = "not_leader" | "too_many" | "transferring" | "not_yet" | "invalid";

/** Where a proposal stands in the leader's log; it is committed when that very entry (index and term) is. */
export interface Proposed {
  readonly index: number;
  readonly term: number;
}

/** What a node is doing, for people and tests. */
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
  readonly membership: Membership;
  readonly incarnations: Incarnations;
}

/** What a machine gets from its environment when it is made. */
export interface Environment {
  /** Draws a double in [0, 1). */
  readonly random: () => number;
  /** The time in ms, on a clock that never goes back. */
  readonly now: number;
  /** For tests alone, which show that each rule is needed by breaking it. */
  readonly rules?: SafetyRules;
}

/** One node's consensus. */
export class Raft {
  readonly #core: Core;

  constructor(config: RaftConfig, restored: PersistentState, environment: Environment) {
    this.#core = new Core(config, restored, { ...environment, rules: environment.rules ?? SAFETY_RULES });
  }

  get status(): Status {
    const { role, term, vote, leader, commit, applied, log, eligible, configs } = this.#core;
    const { firstIndex, lastIndex, lastTerm } = log;
    const { membership, incarnations } = configs;
    return {
      ...{ role, term, vote, leader, commit, applied, firstIndex, lastIndex, lastTerm },
      ...{ eligible, membership, incarnations },
    };
  }

  get role(): Role {
    return this.#core.role;
  }

  get term(): number {
    return this.#core.term;
  }

  get leader(): NodeId | undefined {
    return this.#core.leader;
  }

  /** How far the log of a peer is known to agree; undefined unless this is the leader and it is a member. */
  matchOf(id: NodeId): number | undefined {
    return this.#core.leadership?.progress.get(id)?.match;
  }

  /** When {@linkcode Raft.tick} must be called next, at the latest. */
  get deadline(): number {
    const core = this.#core;
    const join = core.eligible ? Infinity : core.joinAt;
    if (core.leadership !== undefined) return Math.min(join, leaderDeadline(core, core.leadership));
    return Math.min(join, core.isVoter && core.eligible ? core.electionAt : Infinity);
  }

  /** Lets time pass. */
  tick(now: number): void {
    const core = this.#core;
    core.now = Math.max(core.now, now);
    tickJoin(core);
    if (core.leadership !== undefined) tickLeader(core, core.leadership);
    else if (core.now >= core.electionAt) startPreVote(core);
  }

  /** Takes a message that has arrived. */
  step(message: Message, now: number): void {
    const core = this.#core;
    core.now = Math.max(core.now, now);
    if (message.to !== core.id || !acceptsMessage(core, message)) return;
    if (message.type === "join") return onJoinRequest(core, message);
    if (message.type === "join_ok") return onJoinReply(core, message);
    if ((message.type === "vote" || message.type === "pre_vote") && isDisruptiveVote(core, message)) return;
    if (message.term < core.term && message.type !== "pre_vote_ok") return this.#refuseOld(message);
    if (message.term > core.term && message.type !== "pre_vote") {
      becomeFollower(core, message.term, undefined);
    }
    this.#dispatch(message);
  }

  /** Proposes commands, which stand in the log one after another; only a leader takes them. */
  propose(commands: readonly Json[], now: number): Proposed | Refusal {
    const core = this.#core;
    core.now = Math.max(core.now, now);
    const { leadership } = core;
    if (leadership === undefined) return "not_leader";
    if (leadership.transferee !== undefined) return "transferring";
    if (core.log.lastIndex - core.commit + commands.length > core.config.uncommittedMax) return "too_many";
    const index = core.log.lastIndex + 1;
    append(core, commands.map((command) => ({ kind: "command", command })));
    leadership.uncommittedSince ??= core.now;
    return { index, term: core.term };
  }

  /**
   * Asks to read (§6.4): `id` comes back in `Ready.reads` with the index whose state may be read, or never, if the
   * leadership ends before. Says whether it was taken: only a leader takes reads.
   */
  read(id: number, now: number): boolean {
    this.#core.now = Math.max(this.#core.now, now);
    return read(this.#core, id);
  }

  /** Proposes one change of membership (§4.1); only a leader takes it, and one at a time. */
  changeMembership(change: MembershipChange, now: number): Proposed | Refusal {
    const core = this.#core;
    core.now = Math.max(core.now, now);
    const { leadership } = core;
    if (leadership === undefined) return "not_leader";
    if (leadership.transferee !== undefined) return "transferring";
    const { committedInTerm } = core;
    const underway = core.configs.index > core.commit;
    if (!core.rules.mayChangeMembership({ committedInTerm, underway })) return "not_yet";
    if ("add" in change && change.as === "voter" && !this.#isCaughtUp(change.add)) return "not_yet";
    const membership = changed(core.configs.membership, change);
    if (typeof membership === "string") return "invalid";
    append(core, [{ kind: "membership", membership }]);
    leadership.uncommittedSince ??= core.now;
    followMembership(core);
    return { index: core.log.lastIndex, term: core.term };
  }

  /** Hands leadership to another voter (§3.10). */
  transfer(to: NodeId, now: number): boolean {
    this.#core.now = Math.max(this.#core.now, now);
    return transferLeadership(this.#core, to);
  }

  /** Takes note of a snapshot of the state after entry `index`, so that the log before it can go (§5.1). */
  compact(options: { readonly index: number; readonly data: string; readonly keep: number }): void {
    compact(this.#core, options);
  }

  /** Ends the turn: everything that there is to do now. */
  ready(now: number): Ready {
    const core = this.#core;
    core.now = Math.max(core.now, now);
    if (core.leadership !== undefined) {
      advanceCommit(core);
      replicate(core, core.leadership);
    }
    flushAck(core);
    const committed = this.#takeCommitted();
    const ready: Ready = {
      ...this.#takeHardState(),
      ...(core.snapshotToStore === undefined ? {} : { snapshot: core.snapshotToStore }),
      restore: core.restore,
      ...(core.truncateFrom === undefined ? {} : { truncateFrom: core.truncateFrom }),
      entries: core.unstored,
      ...(core.discardBefore === undefined ? {} : { discardBefore: core.discardBefore }),
      messages: core.messages,
      committed,
      reads: core.readStates,
      role: core.role,
      leader: core.leader,
      term: core.term,
    };
    core.snapshotToStore = core.truncateFrom = core.discardBefore = undefined;
    core.restore = false;
    core.unstored = [];
    core.messages = [];
    core.readStates = [];
    return ready;
  }

  #takeHardState(): Pick<Ready, "hardState"> {
    const { term, vote, eligible, storedHardState: stored } = this.#core;
    const isStored = term === stored.term && vote === stored.vote && eligible === stored.eligible;
    if (isStored && !this.#core.coldStartChanged) return {};
    const hardState = { term, vote, eligible, coldStart: coldStartOf(this.#core) };
    this.#core.coldStartChanged = false;
    this.#core.storedHardState = hardState;
    return { hardState };
  }

  #takeCommitted(): Ready["committed"] {
    const core = this.#core;
    if (core.commit === core.applied) return [];
    const from = core.applied + 1;
    const committed = core.log.slice(from, { to: core.commit, max: core.commit - core.applied });
    invariant(committed.length === core.commit - core.applied, "what is committed is in the log");
    core.applied = core.commit;
    for (const entry of committed) onApplied(core, entry);
    if (core.leadership !== undefined && !core.isVoter && core.configs.index <= core.commit) {
      becomeFollower(core, core.term, undefined); // §4.2.2: its own removal is committed
      core.leader = undefined;
    }
    return committed;
  }

  /** A message of a term that is over; its sender learns so, lest it wait for an answer (§3.3). */
  #refuseOld(message: Message): void {
    const core = this.#core;
    switch (message.type) {
      case "append":
      case "heartbeat":
      case "snapshot":
        send(core, { type: "stale", to: message.from }, { answers: message.stamp });
        break;
      case "pre_vote":
        onVoteRequest(core, message);
        break;
      case "vote":
        send(core, { type: "vote_ok", to: message.from, granted: false, at: message.at }, {
          answers: message.stamp,
        });
        break;
      default: // an answer that nobody waits for any more
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
        return onVoteAnswer(core, message);
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
        if (core.restore) onInstalled(core, core.configs.incarnations);
        return;
      case "append_ok":
        return onAppendAccepted(core, message);
      case "append_rejected":
        return onAppendRejected(core, message);
      case "heartbeat_ok":
        return onHeartbeatAnswer(core, message);
      case "snapshot_ok":
        return onSnapshotAnswer(core, message);
      case "timeout_now":
        if (core.role !== "leader" && message.term === core.term) campaign(core, { transfer: true });
        return;
      case "stale":
      case "join":
      case "join_ok":
        return;
    }
  }

  #follow({ from, term }: AppendRequest | Heartbeat | SnapshotChunk): void {
    const core = this.#core;
    invariant(core.role !== "leader", `${from} leads term ${term}, and so does ${core.id} (§3.6.3)`);
    if (core.leader !== from || core.term !== term) joinAtOnce(core);
    becomeFollower(core, term, from);
    countLeaderAsVote(core, from);
    core.contactAt = core.now;
    resetElectionTimer(core);
  }

  #onHeartbeat({ from, commit, round, ask, stamp }: Heartbeat): void {
    // `commit` rests on what the incarnation that it was meant for had acknowledged.
    if (stamp?.to === this.#core.config.incarnation) commitTo(this.#core, commit);
    if (ask) send(this.#core, { type: "heartbeat_ok", to: from, round }, { answers: stamp });
  }

  #isCaughtUp(id: NodeId): boolean {
    const core = this.#core;
    const match = core.leadership?.progress.get(id)?.match;
    return match !== undefined && match >= core.commit;
  }
}
