/**
 * Measures EPaxos and Raft: `deno run tests/consensus/epaxos/epaxos_bench.ts`. Latencies and messages are measured in virtual time, and
 * depend on the seed alone.
 */

import { type Load, measure, quantile } from "./support/load.ts";

const HOP_MS = 100;
const ENGINES = ["epaxos", "raft"] as const;

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

function main(): void {
  for (const engine of ENGINES) {
    for (const conflicts of [0, 0.02, 0.1, 0.5, 1]) {
      printLoad({ engine, conflicts, rate: 100, durationMs: 20_000 });
    }
    for (const conflicts of [0, 1]) printLoad({ engine, conflicts, rate: 1000, durationMs: 5000 });
  }
}

if (import.meta.main) main();
