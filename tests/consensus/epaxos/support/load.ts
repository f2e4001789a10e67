/**
 * Loads a cluster with writes at a steady rate, in virtual time, with links of one latency. Measures what clients see at each node.
 */

import { assert } from "@std/assert";
import { AccordReplica } from "../../../../lib/consensus/accord/replica.ts";
import { EpaxosReplica } from "../../../../lib/consensus/epaxos/replica.ts";
import type { DrivenReplica } from "../../../../lib/consensus/driver.ts";
import { type NodeId, Replica, REPLICA_DEFAULTS, type StateMachine } from "../../../../lib/consensus/mod.ts";
import { type Message, Raft, RAFT_DEFAULTS, type Ready } from "../../../../lib/consensus/raft/mod.ts";
import { TokenBucket } from "../../../../lib/consensus/token_bucket.ts";
import { isObject, type Json } from "../../../../lib/protocol/schema.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";
import { MachineNetwork } from "../../../support/machine_network.ts";

/** The set-up of a load. Times are in ms. */
export interface Load {
  readonly engine: "raft" | "epaxos" | "accord";
  readonly nodes: number;
  /** The latency of each link, or the latency of a message between two nodes. */
  readonly latencyMs: number | ((from: number, to: number, random: SeededRandom) => number);
  /** Writes per second, over all nodes. */
  readonly rate: number;
  /** The fraction of writes that use one key. Each other write has a key of its own. */
  readonly conflicts: number;
  readonly durationMs: number;
  /** A node that fails a third of the time into the load. Its own clients do not count. */
  readonly failed?: number;
  /** The time by which each node's clock is ahead. Default: 0. */
  readonly aheadMs?: readonly number[];
  /** True if requests go to a bare quorum first. Default: true. */
  readonly thrifty?: boolean;
  readonly seed?: number;
}

/** The results of a load. */
export interface LoadResult {
  /** The latencies of answered writes by node, sorted. */
  readonly latencies: readonly (readonly number[])[];
  readonly submitted: number;
  readonly answered: number;
  /** Messages between nodes per submitted write. */
  readonly messagesPerWrite: number;
  /** The longest time without an answer at any node that serves. */
  readonly pauseMs: number;
}

/** The time before the load, in which Raft elects a leader. */
const WARM_UP_MS = 5000;
/** The time after the load in which late answers still count. */
const REST_MS = 5000;
/** The default of the nodes' setting. */
const BATCH_INTERVAL_MS = 8;
/** The pace of turns of `ReplicaDriver`. */
const TURN_INTERVAL_MS = 0.5;
const TURNS_BURST = 8;

class LastValues implements StateMachine {
  readonly #values = new Map<string, Json>();

  kind(): "write" {
    return "write";
  }

  apply(command: Json): Json {
    assert(isObject(command));
    this.#values.set(String(command["key"]), command["value"] ?? null);
    return null;
  }

  query(): undefined {}

  snapshot(): Json {
    return [...this.#values];
  }

  restore(): void {}
}

/** A message of either engine. */
export type AnyMessage = { readonly from: NodeId; readonly to: NodeId };

/** A replica of either engine, whose messages only its own engine reads. */
export interface AnyReplica extends Omit<DrivenReplica<AnyMessage, unknown>, "receive"> {
  receive(message: AnyMessage, now: number): void;
}

interface Server {
  readonly index: number;
  readonly id: NodeId;
  readonly replica: AnyReplica;
  readonly aheadMs: number;
  readonly turns: TokenBucket;
  readonly submittedAt: Map<number, number>;
  readonly latencies: number[];
  isTurnPlanned: boolean;
  timerAt: number;
  isDown: boolean;
  answeredAt: number;
  pauseMs: number;
}

/** Runs a load. */
export function measure(load: Load): LoadResult {
  return new Loaded(load).run();
}

/** Returns the value below which a fraction of sorted values is. */
export function quantile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.floor(fraction * sorted.length)] ?? NaN;
}

class Loaded {
  readonly #load: Load;
  readonly #random: SeededRandom;
  readonly #network: MachineNetwork<AnyMessage>;
  readonly #servers: readonly Server[];
  #messages = 0;
  #submitted = 0;

  constructor(load: Load) {
    this.#load = load;
    this.#random = new SeededRandom(load.seed ?? 1);
    const ids = Array.from({ length: load.nodes }, (_, i) => `n${i}`);
    const { latencyMs } = load;
    this.#network = new MachineNetwork<AnyMessage>({
      delays: (from, to) => [
        typeof latencyMs === "number"
          ? latencyMs
          : latencyMs(ids.indexOf(from), ids.indexOf(to), this.#random),
      ],
      receive: (to, _, message) => this.#input(to, (replica, now) => replica.receive(message, now)),
    });
    this.#servers = ids.map((id, index) => ({
      index,
      id,
      aheadMs: load.aheadMs?.[index] ?? 0,
      replica: this.#replica(id, ids),
      turns: new TokenBucket(TURN_INTERVAL_MS, 0, TURNS_BURST),
      submittedAt: new Map(),
      latencies: [],
      isTurnPlanned: false,
      timerAt: Infinity,
      isDown: false,
      answeredAt: WARM_UP_MS,
      pauseMs: 0,
    }));
  }

  run(): LoadResult {
    const { durationMs, failed, rate } = this.#load;
    for (const server of this.#servers) this.#plan(server);
    this.#network.run(WARM_UP_MS);
    this.#messages = 0;
    const end = WARM_UP_MS + durationMs;
    const next = () => {
      if (this.#network.now >= end) return;
      this.#submit();
      this.#network.after(this.#random.exponential(1000 / rate), next);
    };
    next();
    this.#network.run(WARM_UP_MS + durationMs / 3);
    const victim = failed === undefined ? undefined : this.#servers[failed];
    if (victim !== undefined) victim.isDown = true;
    this.#network.run(end);
    const messages = this.#messages;
    this.#network.run(end + REST_MS);
    const serving = this.#servers.filter(({ isDown }) => !isDown);
    return {
      latencies: serving.map(({ latencies }) => [...latencies].sort((a, b) => a - b)),
      submitted: this.#submitted,
      answered: serving.reduce((sum, { latencies }) => sum + latencies.length, 0),
      messagesPerWrite: messages / this.#submitted,
      pauseMs: Math.max(...serving.map(({ pauseMs }) => pauseMs)),
    };
  }

  #submit(): void {
    const server = this.#random.pick(this.#servers);
    if (server.isDown || server.index === this.#load.failed) return;
    const key = this.#random.chance(this.#load.conflicts) ? "hot" : `k${this.#submitted}`;
    const value = this.#submitted++;
    this.#input(server.id, (replica, now) => {
      const request = replica.submit({ key, value }, now);
      if (request !== undefined) server.submittedAt.set(request, this.#network.now);
    });
  }

  #input(id: NodeId, act: (replica: AnyReplica, now: number) => void): void {
    const server = this.#servers.find((each) => each.id === id);
    if (server === undefined || server.isDown) return;
    act(server.replica, this.#network.now + server.aheadMs);
    if (server.isTurnPlanned) return;
    const waitMs = server.turns.take(this.#network.now);
    if (waitMs === 0) return this.#turn(server);
    server.isTurnPlanned = true;
    this.#network.after(waitMs, () => {
      server.isTurnPlanned = false;
      this.#turn(server);
    });
  }

  #turn(server: Server): void {
    const { now } = this.#network;
    const { messages, completed } = server.replica.turn(now + server.aheadMs);
    this.#messages += messages.length;
    for (const message of messages) this.#network.send(server.id, message.to, message);
    for (const { id, outcome } of completed) {
      const at = server.submittedAt.get(id);
      server.submittedAt.delete(id);
      if (at === undefined || outcome.kind !== "result") continue;
      server.latencies.push(now - at);
      server.pauseMs = Math.max(server.pauseMs, now - server.answeredAt);
      server.answeredAt = now;
    }
    this.#plan(server);
  }

  #plan(server: Server): void {
    const at = server.replica.deadline - server.aheadMs;
    if (!Number.isFinite(at) || at >= server.timerAt) return;
    server.timerAt = at;
    this.#network.at(Math.max(at, this.#network.now + 0.05), () => {
      if (server.timerAt !== at) return;
      server.timerAt = Infinity;
      if (server.isDown) return;
      server.replica.tick(this.#network.now + server.aheadMs);
      this.#turn(server);
    });
  }

  #replica(id: NodeId, nodes: readonly NodeId[]): AnyReplica {
    const { engine, thrifty = true } = this.#load;
    return replicaOf(engine, {
      id,
      nodes,
      random: this.#random,
      thrifty,
      batchIntervalMs: BATCH_INTERVAL_MS,
    });
  }
}

interface ReplicaOptions {
  readonly id: NodeId;
  readonly nodes: readonly NodeId[];
  readonly random: SeededRandom;
  readonly thrifty: boolean;
  readonly batchIntervalMs: number;
}

/** Returns a replica that starts at time 0, and whose commands write a value under a key. */
export function replicaOf(engine: Load["engine"], options: ReplicaOptions): AnyReplica {
  const replicaOfEngine = { raft: raftReplica, epaxos: epaxosReplica, accord: accordReplica }[engine];
  return replicaOfEngine(options) as AnyReplica;
}

function raftReplica({ id, nodes, random, thrifty, batchIntervalMs }: ReplicaOptions) {
  const engine = new Raft({ ...RAFT_DEFAULTS, id, thrifty }, {
    hardState: { term: 0, vote: undefined, eligible: true },
    snapshot: undefined,
    entries: [],
    membership: { voters: nodes, learners: [] },
  }, { random: () => random.next(), now: 0 });
  return new Replica<Message, Ready, Raft>({ ...REPLICA_DEFAULTS, batchIntervalMs }, {
    client: id,
    machine: new LastValues(),
    engine,
    snapshot: undefined,
    now: 0,
  });
}

/** Returns the settings and surroundings that both engines without a leader have. */
function leaderless({ id, nodes, random, thrifty, batchIntervalMs }: ReplicaOptions) {
  const settings = {
    id,
    nodes,
    incarnation: id,
    thrifty,
    retryMs: RAFT_DEFAULTS.retryMs,
    recoveryMs: 1000,
    requestTimeoutMs: 5000,
    pendingMax: REPLICA_DEFAULTS.requests.pendingMax,
    batchIntervalMs,
    snapshotRecords: REPLICA_DEFAULTS.snapshotEntries,
  };
  const surroundings = {
    machine: new LastValues(),
    keysOf: (command: Json) => [{ key: isObject(command) ? String(command["key"]) : "", writes: true }],
    random: () => random.next(),
    now: 0,
  };
  return [settings, surroundings] as const;
}

const STORED = { snapshot: undefined, records: [], admission: { isAdmitted: true, incarnations: {} } };

function epaxosReplica(options: ReplicaOptions) {
  const [settings, surroundings] = leaderless(options);
  return new EpaxosReplica(settings, { ...surroundings, stored: STORED });
}

function accordReplica(options: ReplicaOptions) {
  const [settings, surroundings] = leaderless(options);
  return new AccordReplica(settings, { ...surroundings, stored: STORED });
}
