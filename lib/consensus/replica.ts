/**
 * A replicated state machine: consensus, the state that commands change, the clients' sessions, and the way of a request
 * to the leader and back. Pure as the rest of this room: requests, messages and the time in; what to store, to send and to
 * answer out.
 *
 * A write costs what replication costs, and from a follower one message there and one back; a read under a lease costs
 * nothing at the leader and that one pair from a follower; all of it per turn, not per request.
 */

import type { Json } from "../protocol/schema.ts";
import { invariant } from "../protocol/errors.ts";
import { TokenBucket } from "./token_bucket.ts";
import { type Environment, Raft } from "./raft/raft.ts";
import {
  type Answer,
  ClientRequests,
  type ClientRequestSettings,
  type CommandKind,
  type Forward,
  type ForwardedRequest,
  type ForwardedResult,
  type ForwardReply,
} from "./client_requests.ts";
import {
  isSessionCommand,
  type SessionCommand,
  type SessionOutcome,
  type SessionRecord,
  Sessions,
} from "./sessions.ts";
import type { Entry, Message, NodeId, PersistentState, RaftConfig, Ready } from "./raft/types.ts";

/** The state that is replicated. Deterministic: the same commands in the same order give the same state and results. */
export interface StateMachine {
  /** Says how a command must be treated, by the command alone. */
  kind(command: Json): CommandKind;
  /** Does what the command says, and returns its result. */
  apply(command: Json): Json;
  /** The result of a command that would change nothing now; undefined if it would change something. */
  query(command: Json): Json | undefined;
  /** The whole state. */
  snapshot(): Json;
  /** Takes another state instead. */
  restore(snapshot: Json): void;
}

/** Settings of a replica. */
export interface ReplicaConfig {
  readonly raft: RaftConfig;
  readonly requests: ClientRequestSettings;
  /** A snapshot is taken after so many entries. */
  readonly snapshotEntries: number;
  /** So many entries before a snapshot stay, for those who lag a little. */
  readonly keepEntries: number;
  /** A busy node sends requests on, or proposes them, once in so many ms on average; 0: at the end of each turn. */
  readonly batchIntervalMs: number;
  /** Clients that are remembered; see `sessions.ts`. */
  readonly sessionsMax: number;
}

/** Settings that suit a local network. */
export const REPLICA_DEFAULTS = {
  requests: { resendMs: 300, timeoutMs: 5000, forwardedMax: 1000, pendingMax: 100_000 },
  snapshotEntries: 10_000,
  keepEntries: 1000,
  batchIntervalMs: 0,
  sessionsMax: 1000,
} as const satisfies Omit<ReplicaConfig, "raft">;

/** What replicas say to each other. */
export type ReplicaMessage = Message | Forward | ForwardReply;

/** What a turn wants done: store all batches in order and sync; then send; then answer. */
export interface Turn {
  readonly batches: readonly Ready[];
  readonly messages: readonly ReplicaMessage[];
  readonly answers: readonly Answer[];
}

/** How many of a client's messages are remembered, so that a doubled one is known. */
const SEQS_REMEMBERED = 1000;

interface Requester {
  readonly node: NodeId;
  readonly client: string;
  readonly serial: number;
}

interface Proposal {
  readonly command: SessionCommand;
  readonly requester: Requester;
}

interface PendingRead {
  readonly forward: Forward;
  readonly request: ForwardedRequest;
}

/** What only a leader keeps; it begins anew with each term. */
interface LeaderState {
  readonly term: number;
  readonly seen: Map<string, { readonly seqs: Set<number>; max: number }>;
  /** Who is to be told of an entry's result, by index. */
  readonly requesters: Map<number, Requester>;
  /** What is in the log and not applied yet, by client and serial. */
  readonly inLog: Set<string>;
  readonly pendingReads: Map<number, PendingRead>;
  /** What is not in the log yet. */
  proposals: Proposal[];
}

/** One node's part of a replicated state machine. */
export class Replica {
  readonly raft: Raft;
  readonly #config: ReplicaConfig;
  readonly #machine: StateMachine;
  readonly #sessions: Sessions;
  readonly #requests: ClientRequests;
  #leaderState: LeaderState | undefined;
  #nextReadId = 1;
  readonly #forwardTokens: TokenBucket;
  readonly #proposalTokens: TokenBucket;
  /** When there is to be a turn for what is being gathered. */
  #nextBatchAt = Infinity;
  #results = new Map<string, { to: NodeId; session: number; results: ForwardedResult[] }>(); // by client
  #messages: ReplicaMessage[] = [];
  #snapshotIndex: number;
  #applied: number;

  /** `client` names this incarnation of the node, unlike any other's: random. */
  constructor(
    config: ReplicaConfig,
    options: {
      readonly client: string;
      readonly machine: StateMachine;
      readonly restored: PersistentState;
      readonly environment: Environment;
      readonly sessions?: Sessions;
    },
  ) {
    this.#config = config;
    this.#machine = options.machine;
    this.#sessions = options.sessions ?? new Sessions(config.sessionsMax);
    this.#requests = new ClientRequests(options.client, config.requests);
    this.raft = new Raft(config.raft, options.restored, options.environment);
    this.#forwardTokens = new TokenBucket(config.batchIntervalMs, options.environment.now);
    this.#proposalTokens = new TokenBucket(config.batchIntervalMs, options.environment.now);
    const { snapshot } = options.restored;
    this.#snapshotIndex = this.#applied = snapshot?.index ?? 0;
    if (snapshot !== undefined) this.#restore(snapshot.data);
  }

  /** The index of the last entry that is applied. */
  get applied(): number {
    return this.#applied;
  }

  /** ClientRequests that wait for an answer. */
  get pending(): number {
    return this.#requests.pending;
  }

  /** When {@linkcode Replica.tick} must be called next. */
  get deadline(): number {
    return Math.min(this.raft.deadline, this.#requests.deadline, this.#nextBatchAt);
  }

  /** Adds a client's request; its answer comes with a later turn under the returned id. Undefined: too many wait. */
  submit(command: Json, now: number): number | undefined {
    return this.#requests.submit(command, { kind: this.#machine.kind(command), now });
  }

  /** Takes a message. */
  receive(message: ReplicaMessage, now: number): void {
    if (message.type === "forward") this.#onForward(message, now);
    else if (message.type === "forward_ok") this.#onAnswer(message);
    else this.raft.step(message, now);
  }

  /** Lets time pass. */
  tick(now: number): void {
    this.raft.tick(now);
  }

  /** Ends the turn. */
  turn(now: number): Turn {
    const batches: Ready[] = [];
    let again = true;
    while (again) {
      this.#nextBatchAt = Infinity;
      this.#forwardRequests(now);
      this.#propose(now);
      const ready = this.raft.ready(now);
      batches.push(ready);
      this.#messages.push(...ready.messages);
      if (ready.restore && ready.snapshot !== undefined) {
        this.#restore(ready.snapshot.data);
        this.#snapshotIndex = this.#applied = ready.snapshot.index;
      }
      for (const entry of ready.committed) this.#apply(entry);
      for (const { id, index } of ready.reads) this.#serveRead(id, index);
      again = this.#compact() || this.#canPropose(now) || this.#canForward(now);
    }
    this.#sendResults();
    const messages = this.#messages;
    this.#messages = [];
    return { batches, messages, answers: this.#requests.takeAnswers() };
  }

  #canPropose(now: number): boolean {
    return (this.#leaderStateNow()?.proposals.length ?? 0) > 0 && this.#proposalTokens.hasToken(now);
  }

  #canForward(now: number): boolean {
    const { leader } = this.raft;
    if (leader === undefined || !this.#requests.hasUnsent) return false;
    return leader === this.#config.raft.id || this.#forwardTokens.hasToken(now);
  }

  /** Sends the own clients' requests to the leader, which may be this node. */
  #forwardRequests(now: number): void {
    const { leader, term } = this.raft;
    const from = this.#config.raft.id;
    const away = leader !== from;
    const gathers = away && !this.#forwardTokens.hasToken(now);
    if (gathers && this.#requests.pending > 0) this.#scheduleBatch(this.#forwardTokens.nextTokenAt);
    const to = leader === undefined || gathers ? undefined : { leader, term };
    const forwards = this.#requests.drain(to, { from, now });
    if (away && forwards.length > 0) this.#forwardTokens.take(now);
    for (const forward of forwards) {
      if (forward.to === from) this.#onForward(forward, now);
      else this.#messages.push(forward);
    }
  }

  #scheduleBatch(at: number): void {
    this.#nextBatchAt = Math.min(this.#nextBatchAt, at);
  }

  #leaderStateNow(): LeaderState | undefined {
    const { role, term } = this.raft;
    if (role !== "leader") this.#leaderState = undefined;
    else if (this.#leaderState?.term !== term) {
      this.#leaderState = {
        term,
        seen: new Map(),
        requesters: new Map(),
        inLog: new Set(),
        pendingReads: new Map(),
        proposals: [],
      };
    }
    return this.#leaderState;
  }

  #onForward(forward: Forward, now: number): void {
    const leaderState = this.#leaderStateNow();
    if (
      leaderState === undefined || forward.term !== leaderState.term ||
      this.#isDuplicate(leaderState, forward)
    ) return;
    const { from: node, client, session, lowestPending } = forward;
    if (forward.register) {
      const requester = { node, client, serial: 0 };
      leaderState.proposals.push({ command: { kind: "register", client }, requester });
    }
    for (const request of forward.requests) {
      const [serial, attempt, command] = request;
      const kind = this.#machine.kind(command);
      if (kind === "read" || (kind === "conditional" && attempt === 1)) {
        const id = this.#nextReadId++;
        leaderState.pendingReads.set(id, { forward, request });
        if (!this.raft.read(id, now)) leaderState.pendingReads.delete(id);
      } else if (session !== 0) {
        const requester = { node, client, serial };
        leaderState.proposals.push({
          command: { kind: "command", session, serial, lowestPending, command },
          requester,
        });
      }
    }
  }

  #isDuplicate(leaderState: LeaderState, { client, seq }: Forward): boolean {
    let known = leaderState.seen.get(client);
    if (known === undefined) leaderState.seen.set(client, known = { seqs: new Set(), max: 0 });
    if (known.seqs.has(seq) || seq <= known.max - SEQS_REMEMBERED) return true;
    known.seqs.add(seq);
    known.max = Math.max(known.max, seq);
    if (known.seqs.size > SEQS_REMEMBERED) {
      for (const each of known.seqs) if (each <= known.max - SEQS_REMEMBERED) known.seqs.delete(each);
    }
    return false;
  }

  /** Puts what came into the log, all at once. What cannot go there now, the clients send again. */
  #propose(now: number): void {
    const leaderState = this.#leaderStateNow();
    if (leaderState === undefined || leaderState.proposals.length === 0) return;
    if (!this.#proposalTokens.hasToken(now)) return this.#scheduleBatch(this.#proposalTokens.nextTokenAt);
    const { proposals } = leaderState;
    leaderState.proposals = [];
    this.#proposalTokens.take(now);
    const proposed = this.raft.propose(proposals.map(({ command }) => command), now);
    if (typeof proposed === "string") return;
    for (const [i, { requester }] of proposals.entries()) {
      leaderState.requesters.set(proposed.index + i, requester);
      leaderState.inLog.add(keyOf(requester));
    }
  }

  #apply({ index, payload }: Entry): void {
    invariant(index === this.#applied + 1, `entry ${index} is applied after ${this.#applied}`);
    this.#applied = index;
    if (payload.kind !== "command") return;
    const { command } = payload;
    invariant(isSessionCommand(command), `entry ${index} holds no command of a session`);
    const outcome = this.#sessions.execute(index, command, (each) => this.#machine.apply(each));
    this.#settleOwn(command, outcome);
    const leaderState = this.#leaderStateNow();
    const requester = leaderState?.requesters.get(index);
    if (leaderState === undefined || requester === undefined) return;
    leaderState.requesters.delete(index);
    leaderState.inLog.delete(keyOf(requester));
    this.#respond(requester, [requester.serial, 0, outcome]);
  }

  /** What the log says of the own clients' requests, whoever put it there. */
  #settleOwn(command: SessionCommand, outcome: SessionOutcome): void {
    if (command.kind === "register") {
      if (command.client === this.#requests.client && outcome.kind === "registered") {
        this.#requests.onRegistered(outcome.session);
      }
    } else if (command.session === this.#requests.session) {
      this.#requests.complete([command.serial, 0, outcome]);
    }
  }

  #serveRead(id: number, index: number): void {
    const leaderState = this.#leaderStateNow();
    const reading = leaderState?.pendingReads.get(id);
    if (leaderState === undefined || reading === undefined) return;
    leaderState.pendingReads.delete(id);
    invariant(this.#applied >= index, `a read at ${index} is served from the state at ${this.#applied}`);
    const { forward: { from: node, client, session, lowestPending }, request: [serial, attempt, command] } =
      reading;
    const requester = { node, client, serial };
    if (this.#machine.kind(command) === "conditional") {
      if (leaderState.inLog.has(keyOf(requester))) return; // a later copy of it is under way, and decides
      const known = this.#sessions.outcome(session, serial);
      if (known !== undefined) return this.#respond(requester, [serial, 0, known]);
    }
    const result = this.#machine.query(command);
    if (result !== undefined) return this.#respond(requester, [serial, attempt, { kind: "result", result }]);
    invariant(this.#machine.kind(command) !== "read", "a read always has a result");
    leaderState.proposals.push({
      command: { kind: "command", session, serial, lowestPending, command },
      requester,
    });
  }

  #respond({ node, client }: Requester, result: ForwardedResult): void {
    const [, , outcome] = result;
    if (client === this.#requests.client) {
      if (outcome.kind === "registered") this.#requests.onRegistered(outcome.session);
      else this.#requests.complete(result);
      return;
    }
    let known = this.#results.get(client);
    if (known === undefined) this.#results.set(client, known = { to: node, session: 0, results: [] });
    if (outcome.kind === "registered") known.session = outcome.session;
    else known.results.push(result);
  }

  #sendResults(): void {
    const from = this.#config.raft.id;
    for (const [client, { to, session, results }] of this.#results) {
      this.#messages.push({ type: "forward_ok", from, to, client, session, results });
    }
    this.#results.clear();
  }

  #onAnswer({ client, session, results }: ForwardReply): void {
    if (client !== this.#requests.client) return; // meant for another incarnation
    if (session !== 0) this.#requests.onRegistered(session);
    for (const result of results) this.#requests.complete(result);
  }

  #compact(): boolean {
    if (this.#applied - this.#snapshotIndex < this.#config.snapshotEntries) return false;
    this.#snapshotIndex = this.#applied;
    const data = JSON.stringify({ sessions: this.#sessions.toRecords(), state: this.#machine.snapshot() });
    this.raft.compact({ index: this.#applied, data, keep: this.#config.keepEntries });
    return true;
  }

  #restore(data: string): void {
    const { sessions, state } = JSON.parse(data) as { sessions: SessionRecord[]; state: Json };
    this.#sessions.restore(sessions);
    this.#machine.restore(state);
  }
}

function keyOf({ client, serial }: Requester): string {
  return `${client}/${serial}`;
}
