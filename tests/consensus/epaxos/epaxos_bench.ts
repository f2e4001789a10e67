/**
 * Measures EPaxos, Accord and Raft: `deno run tests/consensus/epaxos/epaxos_bench.ts`. Latencies and messages are measured in virtual time, and
 * depend on the seed alone. Commands per second are of one core of this machine, on which all nodes of a cluster run.
 */

import { SeededRandom } from "../../../lib/sim/random.ts";
import { type AnyMessage, type AnyReplica, type Load, measure, quantile, replicaOf } from "./support/load.ts";

const HOP_MS = 100;
const ENGINES = ["epaxos", "accord", "raft"] as const;

const encoder = new TextEncoder();

function print(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

/** Prints the latencies of a load in hops, and its messages per write. */
function printLoad(load: Omit<Load, "latencyMs" | "nodes">): void {
  const { latencies, submitted, answered, messagesPerWrite } = measure({
    ...load,
    nodes: 5,
    latencyMs: HOP_MS,
  });
  const all = latencies.flat().sort((a, b) => a - b);
  const hops = (fraction: number) => (quantile(all, fraction) / HOP_MS).toFixed(2);
  const medians = latencies.map((each) => (quantile(each, 0.5) / HOP_MS).toFixed(2)).join(" ");
  print(
    `${load.engine}, ${load.rate} writes per second, ${100 * load.conflicts} % on one key: ` +
      `median ${hops(0.5)} hops (by node: ${medians}), 99th percentile ${hops(0.99)}, ` +
      `${messagesPerWrite.toFixed(1)} messages per write, ${answered} of ${submitted} answered`,
  );
}

/** Nodes that exchange messages without delay. Messages to a node that wait share a turn. */
class Direct {
  readonly replicas: ReadonlyMap<string, AnyReplica>;
  now = 0;
  answered = 0;
  #queue: AnyMessage[] = [];

  constructor(engine: Load["engine"], nodes: number) {
    const ids = Array.from({ length: nodes }, (_, i) => `n${i}`);
    this.replicas = new Map(ids.map((id, i) => {
      const random = new SeededRandom(i + 1);
      return [id, replicaOf(engine, { id, nodes: ids, random, thrifty: true, batchIntervalMs: 0 })];
    }));
    for (let i = 0; i < 100; i++) this.settle(10); // Raft elects a leader
  }

  /** Advances the time, and delivers messages until there are none. */
  settle(ms: number): void {
    this.now += ms;
    for (const [id, replica] of this.replicas) {
      replica.tick(this.now);
      this.#turn(id);
    }
    while (this.#queue.length > 0) {
      const arriving = Map.groupBy(this.#queue, ({ to }) => to);
      this.#queue = [];
      for (const [id, messages] of arriving) {
        for (const message of messages) this.replicas.get(id)?.receive(message, this.now);
        this.#turn(id);
      }
    }
  }

  #turn(id: string): void {
    const turn = this.replicas.get(id)?.turn(this.now);
    this.#queue.push(...turn?.messages ?? []);
    this.answered += turn?.completed.length ?? 0;
  }
}

/** Returns the commands per second of the machines alone, with batches of 100 at each of three nodes. */
function throughput(engine: Load["engine"], conflicts: 0 | 1): number {
  const cluster = new Direct(engine, 3);
  let written = 0;
  const round = () => {
    for (const replica of cluster.replicas.values()) {
      for (let i = 0; i < 100; i++) {
        const key = conflicts === 1 ? "hot" : `k${written % 50_000}`;
        replica.submit({ key, value: written++ }, cluster.now);
      }
    }
    cluster.settle(1);
  };
  for (let i = 0; i < 100; i++) round(); // warm-up
  const before = cluster.answered;
  const startedAt = performance.now();
  for (let i = 0; i < 400; i++) round();
  return (cluster.answered - before) / (performance.now() - startedAt) * 1000;
}

function main(): void {
  for (const engine of ENGINES) {
    for (const conflicts of [0, 1] as const) {
      const runs = [1, 2, 3].map(() => throughput(engine, conflicts)).sort((a, b) => a - b);
      print(
        `${engine}, machines alone, 3 nodes, ${100 * conflicts} % on one key: ` +
          `${Math.round(runs[1] ?? NaN)} commands per second and core`,
      );
    }
  }
  for (const engine of ENGINES) {
    for (const conflicts of [0, 0.02, 0.1, 0.5, 1]) {
      printLoad({ engine, conflicts, rate: 100, durationMs: 20_000 });
    }
    for (const conflicts of [0, 1]) printLoad({ engine, conflicts, rate: 1000, durationMs: 5000 });
  }
}

if (import.meta.main) main();
