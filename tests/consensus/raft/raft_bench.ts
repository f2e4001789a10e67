/**
 * Measures the cost of consensus: `deno run --allow-read tests/consensus/raft/raft_bench.ts`. Times are of one core of this machine.
 * Messages and failover are measured in virtual time, and depend on the seed alone.
 */

import { type NodeId, Replica, REPLICA_DEFAULTS } from "../../../lib/consensus/mod.ts";
import { type RaftMessage, toBody } from "../../../lib/consensus/raft/messages.ts";
import {
  type Message,
  Raft,
  RAFT_DEFAULTS,
  type RaftConfig,
  type RaftReplica,
  RaftStorage,
  type Ready,
} from "../../../lib/consensus/raft/mod.ts";
import { LossyDisk } from "./support/lossy_disk.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { Register } from "../support/register.ts";
import { simulate } from "./support/simulation.ts";
import { World } from "./support/world.ts";

interface ClusterOptions {
  readonly nodes: number;
  readonly raft?: Partial<RaftConfig>;
  readonly snapshotEntries?: number;
  /** True if messages are encoded and parsed, as between processes. */
  readonly encoded?: boolean;
  readonly disks?: boolean;
}

/** Replicas that exchange messages without delay. Time advances only when there are none. */
class Direct {
  readonly replicas = new Map<NodeId, RaftReplica>();
  readonly disks = new Map<NodeId, LossyDisk>();
  now = 0;
  messages = 0;
  answered = 0;
  readonly #encoded: boolean;
  #queue: RaftMessage[] = [];

  constructor({ nodes, raft, snapshotEntries, encoded, disks }: ClusterOptions) {
    const voters = Array.from({ length: nodes }, (_, i) => `n${i}`);
    this.#encoded = encoded ?? false;
    for (const [i, id] of voters.entries()) {
      const random = new SeededRandom(i + 1);
      if (disks) this.disks.set(id, new LossyDisk());
      const config = {
        ...REPLICA_DEFAULTS,
        snapshotEntries: snapshotEntries ?? REPLICA_DEFAULTS.snapshotEntries,
      };
      const persistent = {
        hardState: { term: 0, vote: undefined, eligible: true },
        snapshot: undefined,
        entries: [],
        membership: { voters, learners: [] },
      };
      const environment = { random: () => random.next(), now: 0 };
      const engine = new Raft({ ...RAFT_DEFAULTS, ...raft, id }, persistent, environment);
      const options = { client: id, machine: new Register(), engine, snapshot: undefined, now: 0 };
      this.replicas.set(id, new Replica<Message, Ready, Raft>(config, options));
    }
    while (this.leader === undefined) this.pass(10);
    this.pass(200);
  }

  readonly #records = new Map<NodeId, RaftStorage>();

  get leader(): NodeId | undefined {
    return [...this.replicas].find(([, { engine }]) => engine.role === "leader")?.[0];
  }

  #turn(id: NodeId, replica: RaftReplica): void {
    const { batches, messages, completed } = replica.turn(this.now);
    const disk = this.disks.get(id);
    if (disk !== undefined) {
      let records = this.#records.get(id);
      if (records === undefined) this.#records.set(id, records = new RaftStorage(disk));
      for (const ready of batches) records.save(ready);
      disk.sync();
    }
    this.messages += messages.length;
    this.answered += completed.length;
    for (const message of messages) {
      if (this.#encoded) {
        JSON.parse(JSON.stringify({ src: message.from, dest: message.to, body: toBody(message) }));
      }
      this.#queue.push(message);
    }
  }

  /** Ends a turn of each node and delivers all messages, those of a receiver in one turn. */
  settle(): void {
    for (const [id, replica] of this.replicas) this.#turn(id, replica);
    while (this.#queue.length > 0) {
      const arriving = Map.groupBy(this.#queue, ({ to }) => to);
      this.#queue = [];
      for (const [id, messages] of arriving) {
        const replica = this.replicas.get(id);
        if (replica === undefined) continue;
        for (const message of messages) replica.receive(message, this.now);
        this.#turn(id, replica);
      }
    }
  }

  /** Advances the time. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.now < end) {
      this.now = Math.min(
        end,
        Math.max(this.now + 0.1, Math.min(...[...this.replicas.values()].map((r) => r.deadline))),
      );
      for (const replica of this.replicas.values()) replica.tick(this.now);
      this.settle();
    }
  }
}

const encoder = new TextEncoder();

function print(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

let nextValue = 1;

function submit(cluster: Direct, id: NodeId, count: number): void {
  const replica = cluster.replicas.get(id);
  for (let i = 0; i < count; i++) replica?.submit({ f: "write", value: nextValue++ }, cluster.now);
}

function throughput(options: ClusterOptions, batch: number): number {
  const cluster = new Direct(options);
  const rounds = Math.ceil(60_000 / (batch * options.nodes));
  const one = () => {
    for (const id of cluster.replicas.keys()) submit(cluster, id, batch);
    cluster.settle();
  };
  for (let i = 0; i < rounds / 4; i++) one(); // warm-up
  const before = cluster.answered;
  const started = performance.now();
  for (let i = 0; i < rounds; i++) one();
  return (cluster.answered - before) / (performance.now() - started) * 1000;
}

function messagesPerEntry(options: ClusterOptions, batch: number): number {
  const cluster = new Direct(options);
  const leader = cluster.leader ?? "";
  submit(cluster, leader, 1); // opens the leader's session
  cluster.pass(100);
  const before = { messages: cluster.messages, answered: cluster.answered };
  for (let i = 0; i < 1000; i++) {
    submit(cluster, leader, batch);
    cluster.pass(5);
  }
  return (cluster.messages - before.messages) / (cluster.answered - before.answered);
}

/** Returns the time from the isolation of the leader to the next commit of another one, in election timeouts. */
function failOver(seed: number, electionTimeoutMs: number): number {
  const random = new SeededRandom(seed);
  const voters = ["n0", "n1", "n2", "n3", "n4"];
  const world = new World({
    nodes: voters,
    membership: { voters, learners: [] },
    disks: true,
    disksMayBeLost: true,
    random: random.split("world"),
    replica: (id) => ({
      ...REPLICA_DEFAULTS,
      raft: { ...RAFT_DEFAULTS, id, electionTimeoutMs, heartbeatMs: electionTimeoutMs / 5, thrifty: true },
    }),
    onChange: () => undefined,
    onCompleted: () => {},
  });
  for (const id of voters) world.start(id);
  world.run(electionTimeoutMs * (5 + random.next()));
  const leader = voters.find((id) => world.replica(id)?.engine.role === "leader") ?? "n0";
  for (const id of voters) world.blocked.add(`${leader}>${id}`).add(`${id}>${leader}`);
  const committed = world.safety.committed;
  const cutAt = world.now;
  while (world.safety.committed === committed) world.run(world.now + 1);
  return (world.now - cutAt) / electionTimeoutMs;
}

function million(): void {
  const cluster = new Direct({ nodes: 3, disks: true });
  let heapMax = 0;
  let diskMax = 0;
  let logMax = 0;
  const started = performance.now();
  const heapBefore = Deno.memoryUsage().heapUsed;
  for (let i = 0; i < 10_000; i++) {
    submit(cluster, "n0", 100);
    cluster.pass(1);
    if (i % 97 === 0) {
      heapMax = Math.max(heapMax, Deno.memoryUsage().heapUsed);
      diskMax = Math.max(diskMax, ...[...cluster.disks.values()].map((disk) => disk.size));
      const logs = [...cluster.replicas.values()].map(({ engine: { status } }) =>
        status.lastIndex - status.firstIndex + 1
      );
      logMax = Math.max(logMax, ...logs);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const mega = (bytes: number) => (bytes / 1e6).toFixed(1);
  print(
    `1,000,000 commands: ${cluster.answered} answered in ${seconds.toFixed(1)} s; heap at most ${
      mega(heapMax)
    } MB ` +
      `(${mega(heapBefore)} before), log at most ${logMax} entries, each disk at most ${mega(diskMax)} MB`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function main(): void {
  for (
    const [name, options] of [
      ["machines alone", { nodes: 3 }],
      ["messages encoded and parsed", { nodes: 3, encoded: true }],
      ["and entries stored with checksums", { nodes: 3, encoded: true, disks: true }],
    ] as const
  ) {
    const best = median([1, 2, 3].map(() => throughput(options, 100)));
    print(
      `committed entries per second and core, 3 nodes, clients at all of them, ${name}: ${Math.round(best)}`,
    );
  }
  for (const nodes of [3, 5]) {
    for (const thrifty of [false, true]) {
      const each = [1, 10, 100].map((batch) =>
        messagesPerEntry({ nodes, raft: { thrifty } }, batch).toFixed(3)
      );
      print(
        `messages per committed entry, ${nodes} nodes, thrifty ${thrifty}, batches of 1, 10, 100: ${
          each.join(", ")
        }`,
      );
    }
  }
  const overs = Array.from({ length: 200 }, (_, i) => failOver(i + 1, 300)).sort((a, b) => a - b);
  print(
    `failover, 5 nodes, 200 runs, in election timeouts: median ${median(overs).toFixed(2)}, ` +
      `90th percentile ${(overs[179] ?? NaN).toFixed(2)}, most ${(overs.at(-1) ?? NaN).toFixed(2)}`,
  );
  million();
  const started = performance.now();
  let events = 0;
  for (let seed = 1; seed <= 60; seed++) events += simulate(seed).events;
  const minutes = (performance.now() - started) / 60_000;
  print(
    `simulator: ${Math.round(60 / minutes)} seeds per minute, ${Math.round(events / 60)} events per seed`,
  );
}

if (import.meta.main) main();
