/** The state of a consensus machine, and the steps that every part of it takes. */

import { invariant } from "../../protocol/errors.ts";
import { Log } from "./log.ts";
import { Configurations } from "./configuration.ts";
import { timeoutMs } from "./timeouts.ts";
import type { Progress } from "./progress.ts";
import type { SafetyRules } from "./safety_rules.ts";
import type {
  AppendRequest,
  Entry,
  HardState,
  Incarnations,
  Message,
  NodeId,
  Payload,
  PersistentState,
  RaftConfig,
  ReadState,
  Role,
  Snapshot,
  SnapshotMeta,
  Stamp,
  Unsigned,
} from "./types.ts";

/** A read that waits until a majority has answered a round (§6.4). */
export interface PendingRead {
  readonly id: number;
  readonly round: number;
}

/** A snapshot that is arriving. */
export interface IncomingSnapshot {
  readonly from: NodeId;
  readonly term: number;
  readonly meta: SnapshotMeta;
  readonly pieces: string[];
  length: number;
}

/** What is to be answered to the appends of this turn. */
export interface PendingAck {
  readonly to: NodeId;
  readonly match: number;
  readonly round: number;
  readonly stamp: Stamp | undefined;
}

/** What a leader remembers while it leads; made anew with each leadership. */
export interface Leadership {
  readonly progress: Map<NodeId, Progress>;
  /** The latest round of sending, and when each round began that no majority has answered yet. */
  round: number;
  readonly pendingRounds: { readonly round: number; readonly at: number }[];
  /** The latest round that a majority has answered, and when it began. */
  confirmedRound: number;
  confirmedAt: number;
  readonly reads: PendingRead[];
  /** The entry with which this leadership began. */
  readonly firstIndex: number;
  /** When the oldest entry was written that is not committed. */
  uncommittedSince: number | undefined;
  transferee: NodeId | undefined;
  transferUntil: number;
  /** Whether the transferee was told to stand. */
  transferAsked: boolean;
  leaseRevoked: boolean;
  /** Who said join and must give a number back: see `diskless_rejoin.ts`. */
  readonly nonces: Map<NodeId, { readonly incarnation: string; readonly number: number }>;
  noncesIssued: number;
}

/** Everything that a node knows. Its functions are in the files named after what they do. */
export class Core {
  readonly config: RaftConfig;
  readonly rules: SafetyRules;
  readonly random: () => number;
  /** The time of the input that is being handled. */
  now: number;

  role: Role = "follower";
  term: number;
  vote: NodeId | undefined;
  leader: NodeId | undefined;
  readonly log: Log;
  readonly configs: Configurations;
  /** The latest snapshot that is stored. */
  snapshot: Snapshot | undefined;
  commit: number;
  applied: number;

  /** When a leader was last heard from. */
  contactAt: number;
  electionAt: number;
  /** How long messages and their answers took lately, ms, the latest last: see `timeouts.ts`. */
  readonly roundTrips: number[] = [];
  /** How long one is taken to take, ms; 0 until the first was answered. */
  roundTripMs = 0;
  readonly votes = new Map<NodeId, boolean>();
  leadership: Leadership | undefined;
  incoming: IncomingSnapshot | undefined;

  /** Whether this incarnation may vote, and how it gets there: see `diskless_rejoin.ts`. */
  eligible: boolean;
  joinAt: number;
  /** How long it waits for answers before it asks again, in ms. */
  joinBackoffMs = 0;
  readonly seenIncarnations = new Map<NodeId, { readonly incarnation: string; seenMany: boolean }>();
  /** Who answered the current round of hellos cleanly, and in which incarnation; and the same of the round before. */
  readonly cleanReplies: Map<NodeId, string>;
  previousCleanReplies: ReadonlyMap<NodeId, string> | undefined;
  joinRound: number;
  /** All incarnations that were in term 0 at one moment, once that is known. */
  coldStartMembers: Incarnations | undefined;
  /** Whether any of the four above has changed since they were stored. */
  coldStartChanged = false;
  readonly noncesReceived = new Map<NodeId, number>();

  // What the next turn hands out.
  messages: Message[] = [];
  unstored: Entry[] = [];
  truncateFrom: number | undefined;
  discardBefore: number | undefined;
  snapshotToStore: Snapshot | undefined;
  restore = false;
  storedHardState: HardState;
  readStates: ReadState[] = [];
  /** Appends that overtook the ones before them, by `prevIndex`. */
  readonly outOfOrderAppends = new Map<number, AppendRequest>();
  /** The answer to the appends of this turn. */
  pendingAck: PendingAck | undefined;

  constructor(
    config: RaftConfig,
    restored: PersistentState,
    { random, now, rules }: {
      readonly random: () => number;
      readonly now: number;
      readonly rules: SafetyRules;
    },
  ) {
    const { snapshot, entries, hardState } = restored;
    this.config = config;
    this.rules = rules;
    this.random = random;
    this.now = now;
    this.snapshot = snapshot;
    this.log = new Log({ index: snapshot?.index ?? 0, term: snapshot?.term ?? 0 }, entries);
    this.configs = new Configurations({
      index: snapshot?.index ?? 0,
      membership: snapshot?.membership ?? restored.membership,
      incarnations: snapshot?.incarnations ?? {},
    });
    for (const entry of entries) this.configs.append(entry);
    this.term = hardState.term;
    this.vote = hardState.vote;
    invariant(this.term >= this.log.lastTerm, `the stored term ${this.term} is below the log's`);
    this.commit = this.applied = snapshot?.index ?? 0;
    this.contactAt = rules.contactBeforeStart(now, this.term);
    // Where there was no leader yet, there is none to be patient with.
    const patience = Number.isFinite(this.contactAt) ? 1 : 0.25;
    this.electionAt = now + config.electionTimeoutMs * (patience + random());
    this.eligible = config.incarnation === undefined || hardState.eligible;
    this.storedHardState = { ...hardState, eligible: this.eligible };
    const { round = 1, answers = {}, before, members } = hardState.coldStart ?? {};
    this.coldStartMembers = members;
    this.joinRound = round;
    this.cleanReplies = new Map(Object.entries(answers));
    this.previousCleanReplies = before && new Map(Object.entries(before));
    this.joinAt = now;
  }

  get id(): NodeId {
    return this.config.id;
  }

  get voters(): readonly NodeId[] {
    return this.configs.membership.voters;
  }

  get isVoter(): boolean {
    return this.voters.includes(this.id);
  }

  get committedInTerm(): boolean {
    return this.leadership !== undefined && this.commit >= this.leadership.firstIndex;
  }
}

/** Draws how long to wait for a leader from now on (§3.4). */
export function resetElectionTimer(core: Core): void {
  core.electionAt = core.now + timeoutMs(core) * (1 + core.random());
}

/** Signs a message and puts it out to be sent. */
export function send(
  core: Core,
  message: Unsigned,
  options: { readonly answers?: Stamp | undefined; readonly incarnation?: string | undefined } = {},
): void {
  const { incarnation } = core.config;
  const to = options.answers?.from ?? options.incarnation;
  const stamp = incarnation === undefined
    ? undefined
    : { from: incarnation, eligible: core.eligible, ...(to === undefined ? {} : { to }) };
  core.messages.push({
    ...message,
    from: core.id,
    term: core.term,
    ...(stamp === undefined ? {} : { stamp }),
  });
}

/** Follows (§3.3): the later term, and its leader if it is known. */
export function becomeFollower(core: Core, term: number, leader: NodeId | undefined): void {
  invariant(term >= core.term, `the term went back from ${core.term} to ${term}`);
  if (term > core.term) {
    core.term = term;
    core.vote = undefined;
    core.leader = undefined;
    core.outOfOrderAppends.clear();
    core.pendingAck = undefined; // an answer that was not sent yet spoke for the old term
  }
  if (leader !== undefined) {
    invariant(
      core.leader === undefined || core.leader === leader,
      `two leaders in term ${term}: ${core.leader} and ${leader}`,
    );
    core.leader = leader;
  }
  if (core.role !== "follower") resetElectionTimer(core);
  core.role = "follower";
  core.leadership = undefined;
  core.votes.clear();
}

/** Writes entries to the end of the log. */
export function append(core: Core, payloads: readonly Payload[]): void {
  for (const payload of payloads) {
    appendEntry(core, { index: core.log.lastIndex + 1, term: core.term, payload });
  }
}

/** Writes one entry to the end of the log. */
export function appendEntry(core: Core, entry: Entry): void {
  core.log.append(entry);
  core.configs.append(entry);
  core.unstored.push(entry);
}

/** Forgets the entries from an index on, which conflict with the leader's (§3.5). */
export function truncate(core: Core, from: number): void {
  invariant(core.role !== "leader", "a leader never overwrites its own log (§3.6.3)");
  invariant(
    from > core.commit,
    `entry ${from} is committed (up to ${core.commit}) and cannot be overwritten`,
  );
  core.log.truncate(from);
  core.configs.truncate(from);
  core.truncateFrom = Math.min(core.truncateFrom ?? from, from);
  core.unstored = core.unstored.filter((entry) => entry.index < from);
}

/** Learns that the log is committed up to an index. */
export function commitTo(core: Core, index: number): void {
  if (index <= core.commit) return;
  invariant(
    index <= core.log.lastIndex,
    `committed up to ${index}, but the log ends at ${core.log.lastIndex}`,
  );
  core.commit = index;
}

/** One value per voter: its own, and each peer's whose answers count. */
export function valuesByVoter(core: Core, own: number, peer: (progress: Progress) => number): number[] {
  return core.voters.map((id) => {
    if (id === core.id) return own;
    const progress = core.leadership?.progress.get(id);
    return progress?.countsTowardQuorum ? peer(progress) : -Infinity;
  });
}
