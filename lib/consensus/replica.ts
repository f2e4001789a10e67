/**
 * A replicated state machine: a consensus engine, the state that commands change, the clients' sessions, and the path of a request
 * to the leader and back. It is pure, like the engine: requests, messages and the time go in; a turn comes out.
 *
 * A request takes four steps, and one table holds it in each (a leader and a follower may be the same node):
 *
 *  1. *request*, at the client's node: `ClientRequests.#pending`, from `submit` until it has a result or times out;
 *  2. *proposal*, at the leader: `LeaderState.proposals`, until the next batch is appended to the log. Reads, and first attempts
 *     that may change nothing, are in `LeaderState.pendingReads` instead;
 *  3. *entry*, in the log: `LeaderState.requesters` holds by index the node that gets the result, until the entry is applied;
 *  4. *result*: `Replica.#results` until the end of the turn; then it completes the request of step 1.
 *
 * Cost: a write costs what replication costs, and from a follower two messages more. A read under a lease costs nothing at the
 * leader, and those two messages from a follower. All of it is per turn, not per request.
 */

import { invariant } from "../protocol/errors.ts";
import { parseExactJson, stringifyExactJson } from "../protocol/exact_json.ts";
import { isObject, type Json, json } from "../protocol/schema.ts";
import {
  ClientRequests,
  type ClientRequestSettings,
  type CommandKind,
  type CompletedRequest,
  type Forward,
  type ForwardedRequest,
  type ForwardedResult,
  type ForwardReply,
} from "./client_requests.ts";
import type { Engine, EngineBatch, EngineMessage } from "./engine.ts";
import {
  isSessionCommand,
  isSessionRecord,
  type SessionCommand,
  type SessionOutcome,
  Sessions,
} from "./sessions.ts";
import { TokenBucket } from "./token_bucket.ts";
import type { Entry, NodeId } from "./types.ts";

/** The replicated state. It is deterministic: the same commands in the same order give the same state and results. */
export interface StateMachine {
  /** Returns the effect that a command can have, judged by the command alone. */
  kind(command: Json): CommandKind;
  /** Executes a command and returns its result. */
  apply(command: Json): Json;
  /** Returns the result of a command that would change nothing now; undefined if it would change something. */
  query(command: Json): Json | undefined;
  /** Returns the whole state. */
  snapshot(): Json;
  /** Replaces the state by that of a snapshot. */
  restore(snapshot: Json): void;
}

/** Settings of a replica. */
export interface ReplicaConfig {
  readonly requests: ClientRequestSettings;
  /** Entries after which a snapshot is taken. */
  readonly snapshotEntries: number;
  /** Entries that stay in the log before a snapshot, for peers that lag a little. */
  readonly keepEntries: number;
  /** Average interval in ms between the batches that a busy node forwards or proposes; 0: one batch per turn. */
  readonly batchIntervalMs: number;
  /** Sessions that are kept; see `sessions.ts`. */
  readonly sessionsMax: number;
}

/** Settings that suit a local network. */
export const REPLICA_DEFAULTS = {
  requests: { resendMs: 300, timeoutMs: 900, forwardedMax: 1000, pendingMax: 100_000 },
  snapshotEntries: 10_000,
  keepEntries: 1000,
  batchIntervalMs: 0,
  sessionsMax: 1000,
} as const satisfies ReplicaConfig;

/** A message between replicas: the engine's own, or forwarded requests and their results. */
export type ReplicaMessage<M extends EngineMessage> = M | Forward | ForwardReply;

/** The work of a turn: store all batches in order and sync; then send; then hand out the completed requests. */
export interface Turn<M extends EngineMessage, B extends EngineBatch<M>> {
  readonly batches: readonly B[];
  readonly messages: readonly ReplicaMessage<M>[];
  readonly completed: readonly CompletedRequest[];
}

/** A client's messages that are remembered, so that duplicates are recognized. */
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

/** Leader-only state, reset at the start of each term. */
interface LeaderState {
  readonly term: number;
  readonly seen: Map<string, { readonly seqs: Set<number>; max: number }>; // by client
  /** The requester of each entry that is not applied yet, by index. */
  readonly requesters: Map<number, Requester>;
  /** The commands that are in the log and not applied yet, by client and serial. */
  readonly inLog: Set<string>;
  readonly pendingReads: Map<number, PendingRead>;
  /** The commands that are not in the log yet. */
  proposals: Proposal[];
}

/** One node's part of a replicated state machine. */
export class Replica<
  M extends EngineMessage,
  B extends EngineBatch<M>,
  E extends Engine<M, B> = Engine<M, B>,
> {
  readonly engine: E;
  readonly #config: ReplicaConfig;
  readonly #machine: StateMachine;
  readonly #sessions: Sessions;
  readonly #requests: ClientRequests;
  #leaderState: LeaderState | undefined;
  #nextReadId = 1;
  readonly #forwardTokens: TokenBucket;
  readonly #proposalTokens: TokenBucket;
  /** The time of the next turn for requests that wait for a batch. */
  #nextBatchAt = Infinity;
  readonly #results = new Map<string, { to: NodeId; session: number; results: ForwardedResult[] }>(); // by client
  #messages: ReplicaMessage<M>[] = [];
  #snapshotIndex: number;
  #applied: number;

  /** `client` is a random name of this start of the node. `snapshot` is the one that the node found in its store. */
  constructor(
    config: ReplicaConfig,
    options: {
      readonly client: string;
      readonly machine: StateMachine;
      readonly engine: E;
      readonly snapshot: { readonly index: number; readonly data: string } | undefined;
      readonly now: number;
      readonly sessions?: Sessions | undefined;
    },
  ) {
    const { client, machine, engine, snapshot, now, sessions } = options;
    this.engine = engine;
    this.#config = config;
    this.#machine = machine;
    this.#sessions = sessions ?? new Sessions(config.sessionsMax);
    this.#requests = new ClientRequests(client, config.requests);
    this.#forwardTokens = new TokenBucket(config.batchIntervalMs, now);
    this.#proposalTokens = new TokenBucket(config.batchIntervalMs, now);
    this.#snapshotIndex = this.#applied = snapshot?.index ?? 0;
    if (snapshot !== undefined) this.#restore(snapshot.data);
  }

  /** False while the node has lost its state and has not rejoined. */
  get isEligible(): boolean {
    return this.engine.isEligible;
  }

  /** The index of the last applied entry. */
  get applied(): number {
    return this.#applied;
  }

  /** The number of pending requests of this node's clients. */
  get pending(): number {
    return this.#requests.pending;
  }

  /** The time at which {@linkcode Replica.tick} must be called next. */
  get deadline(): number {
    return Math.min(this.engine.deadline, this.#requests.deadline, this.#nextBatchAt);
  }

  /** Adds a client's request and returns its id; undefined if too many are pending. A later turn completes it. */
  submit(command: Json, now: number): number | undefined {
    return this.#requests.submit(command, this.#machine.kind(command), now);
  }

  /** Handles a message. */
  receive(message: ReplicaMessage<M>, now: number): void {
    if (isForward(message)) this.#onForward(message, now);
    else if (isForwardReply(message)) this.#onForwardReply(message);
    else this.engine.step(message, now);
  }

  /** Handles the passing of time. */
  tick(now: number): void {
    this.engine.tick(now);
  }

  /** Ends the turn and returns its work. */
  turn(now: number): Turn<M, B> {
    const batches: B[] = [];
    let again = true;
    while (again) {
      this.#nextBatchAt = Infinity;
      this.#forwardRequests(now);
      this.#propose(now);
      batches.push(this.#takeBatch(now));
      again = this.#compact() || this.#canPropose(now) || this.#canForward(now);
    }
    this.#sendResults();
    const messages = this.#messages;
    this.#messages = [];
    return { batches, messages, completed: this.#requests.takeCompleted() };
  }

  #takeBatch(now: number): B {
    const batch = this.engine.ready(now);
    this.#messages.push(...batch.messages);
    if (batch.restore && batch.snapshot !== undefined) {
      this.#restore(batch.snapshot.data);
      this.#snapshotIndex = this.#applied = batch.snapshot.index;
    }
    for (const entry of batch.committed) this.#apply(entry);
    for (const { id, index } of batch.reads) this.#serveRead(id, index);
    return batch;
  }

  #canPropose(now: number): boolean {
    return (this.#leaderStateNow()?.proposals.length ?? 0) > 0 && this.#proposalTokens.hasToken(now);
  }

  #canForward(now: number): boolean {
    const { leader, id } = this.engine;
    if (leader === undefined || !this.#requests.hasUnsent) return false;
    return leader === id || this.#forwardTokens.hasToken(now);
  }

  /** Forwards this node's requests to the leader, which may be this node. */
  #forwardRequests(now: number): void {
    const { leader, term, id } = this.engine;
    const isAway = leader !== id;
    const mustWait = isAway && !this.#forwardTokens.hasToken(now);
    if (mustWait && this.#requests.pending > 0) this.#scheduleBatch(this.#forwardTokens.nextTokenAt);
    const to = leader === undefined || mustWait ? undefined : { leader, term };
    const forwards = this.#requests.drain(to, id, now);
    if (isAway && forwards.length > 0) this.#forwardTokens.take(now);
    for (const forward of forwards) {
      if (forward.to === id) this.#onForward(forward, now);
      else this.#messages.push(forward);
    }
  }

  #scheduleBatch(at: number): void {
    this.#nextBatchAt = Math.min(this.#nextBatchAt, at);
  }

  #leaderStateNow(): LeaderState | undefined {
    const { isLeader, term } = this.engine;
    if (!isLeader) this.#leaderState = undefined;
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
    const state = this.#leaderStateNow();
    if (state === undefined || forward.term !== state.term || this.#isDuplicate(state, forward)) return;
    const { from: node, client, session, lowestPending } = forward;
    if (forward.register) {
      const requester = { node, client, serial: 0 };
      state.proposals.push({ command: { kind: "register", client }, requester });
    }
    for (const request of forward.requests) {
      const [serial, attempt, command] = request;
      const kind = this.#machine.kind(command);
      if (kind === "read" || (kind === "conditional" && attempt === 1)) {
        const id = this.#nextReadId++;
        state.pendingReads.set(id, { forward, request });
        if (!this.engine.read(id, now)) state.pendingReads.delete(id);
      } else if (session !== 0) {
        const requester = { node, client, serial };
        state.proposals.push({
          command: { kind: "command", session, serial, lowestPending, command },
          requester,
        });
      }
    }
  }

  #isDuplicate(state: LeaderState, { client, seq }: Forward): boolean {
    let known = state.seen.get(client);
    if (known === undefined) state.seen.set(client, known = { seqs: new Set(), max: 0 });
    if (known.seqs.has(seq) || seq <= known.max - SEQS_REMEMBERED) return true;
    known.seqs.add(seq);
    known.max = Math.max(known.max, seq);
    for (const each of known.seqs) {
      if (each > known.max - SEQS_REMEMBERED) break; // nearly all arrive in order, so that the oldest come first
      known.seqs.delete(each);
    }
    return false;
  }

  /** Appends all proposals to the log at once. If the engine refuses them, the clients send them again. */
  #propose(now: number): void {
    const state = this.#leaderStateNow();
    if (state === undefined || state.proposals.length === 0) return;
    if (!this.#proposalTokens.hasToken(now)) return this.#scheduleBatch(this.#proposalTokens.nextTokenAt);
    const { proposals } = state;
    state.proposals = [];
    this.#proposalTokens.take(now);
    const position = this.engine.propose(proposals.map(({ command }) => command), now);
    if (typeof position === "string") return;
    for (const [i, { requester }] of proposals.entries()) {
      state.requesters.set(position.index + i, requester);
      state.inLog.add(keyOf(requester));
    }
  }

  #apply({ index, payload }: Entry): void {
    invariant(index === this.#applied + 1, () => `entry ${index} is applied after ${this.#applied}`);
    this.#applied = index;
    if (payload.kind !== "command") return;
    const { command } = payload;
    invariant(isSessionCommand(command), () => `entry ${index} does not hold a session command`);
    const outcome = this.#sessions.execute(index, command, (each) => this.#machine.apply(each));
    this.#settleOwn(command, outcome);
    const state = this.#leaderStateNow();
    const requester = state?.requesters.get(index);
    if (state === undefined || requester === undefined) return;
    state.requesters.delete(index);
    state.inLog.delete(keyOf(requester));
    this.#respond(requester, [requester.serial, 0, outcome]);
  }

  /** Completes this node's own requests by an applied entry, whichever leader proposed it. */
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
    const state = this.#leaderStateNow();
    const read = state?.pendingReads.get(id);
    if (state === undefined || read === undefined) return;
    state.pendingReads.delete(id);
    invariant(
      this.#applied >= index,
      () => `a read at ${index} is served from the state at ${this.#applied}`,
    );
    const { forward: { from: node, client, session, lowestPending }, request: [serial, attempt, command] } =
      read;
    const requester = { node, client, serial };
    if (this.#machine.kind(command) === "conditional") {
      if (state.inLog.has(keyOf(requester))) return; // a later copy is in the log, and decides
      const known = this.#sessions.outcome(session, serial);
      if (known !== undefined) return this.#respond(requester, [serial, 0, known]);
    }
    const result = this.#machine.query(command);
    if (result !== undefined) return this.#respond(requester, [serial, attempt, { kind: "result", result }]);
    invariant(this.#machine.kind(command) !== "read", "a read always has a result");
    state.proposals.push({
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
    const from = this.engine.id;
    for (const [client, { to, session, results }] of this.#results) {
      this.#messages.push({ type: "forward_ok", from, to, client, session, results });
    }
    this.#results.clear();
  }

  #onForwardReply({ client, session, results }: ForwardReply): void {
    if (client !== this.#requests.client) return; // for another incarnation of this node
    if (session !== 0) this.#requests.onRegistered(session);
    for (const result of results) this.#requests.complete(result);
  }

  #compact(): boolean {
    if (this.#applied - this.#snapshotIndex < this.#config.snapshotEntries) return false;
    this.#snapshotIndex = this.#applied;
    const data = stringifyExactJson({
      sessions: this.#sessions.toRecords(),
      state: this.#machine.snapshot(),
    });
    this.engine.compact({ index: this.#applied, data, keep: this.#config.keepEntries });
    return true;
  }

  #restore(data: string): void {
    const content: unknown = parseExactJson(data);
    invariant(isObject(content), "a snapshot is an object");
    const { sessions, state } = content;
    invariant(Array.isArray(sessions) && sessions.every(isSessionRecord), "a snapshot holds sessions");
    invariant(json.is(state), "a snapshot holds a state");
    this.#sessions.restore(sessions);
    this.#machine.restore(state);
  }
}

function isForward(message: ReplicaMessage<EngineMessage>): message is Forward {
  return message.type === "forward";
}

function isForwardReply(message: ReplicaMessage<EngineMessage>): message is ForwardReply {
  return message.type === "forward_ok";
}

function keyOf({ client, serial }: Requester): string {
  return `${client}/${serial}`;
}
