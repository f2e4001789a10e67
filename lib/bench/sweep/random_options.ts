/**
 * Draws all test settings that the command line leaves open from a seed.
 *
 * Tested by `tests/bench/sweep/findings_test.ts`.
 */

import { SeededRandom } from "../../sim/random.ts";
import { drawFaultParameters, DRAWN_PARAMETERS, type FaultKind } from "../nemesis/faults.ts";
import { concurrencyOf, type TestOptions } from "../run/options.ts";
import { workloadOf } from "../workloads/registry.ts";

/** The settings that may be drawn, as keys of a test's settings. */
const RANDOMIZED = [
  "nodeCount",
  "concurrency",
  "rate",
  "latency",
  "latencyDist",
  "nemesisInterval",
  "timeLimit",
  ...DRAWN_PARAMETERS,
];

/** Returns the settings that a command line fixes, from the keys of those that it gives. */
export function explicitOptions(given: ReadonlySet<string>): ReadonlySet<string> {
  const fixed = new Set(RANDOMIZED.filter((key) => given.has(key)));
  if (given.has("nodes")) fixed.add("nodeCount");
  if (given.has("consistencyModels")) fixed.add("consistencyModels");
  return fixed;
}

/**
 * Returns the test of a seed: `base`, with settings that are not fixed drawn at random: 1 to 7 nodes, one to four clients
 * per node, 5 to 200 operations per second for 3 to 10 s, latencies of 0 to 50 ms, and some of the faults, from every 0.3 s to every 3 s.
 */
export function randomizeOptions(
  base: TestOptions,
  { seed, fixed, concurrency }: {
    readonly seed: number;
    readonly fixed: ReadonlySet<string>;
    /** The number of clients as the command line gives it: `N` or `Nn`. */
    readonly concurrency?: string | undefined;
  },
): TestOptions {
  const random = new SeededRandom(seed).split("shape");
  // Draws every setting, even if unused, so that fixing one does not change the others.
  const nodeCount = random.pick([1, 2, 3, 3, 4, 5, 5, 7]);
  const clients = random.pick([2, 2, 4]);
  const rate = Math.round(5 * Math.pow(40, random.next()));
  const meanMs = random.pick([0, 1, 5, 10, 20, 50]);
  const dist = random.pick(["constant", "uniform", "exponential"] as const);
  const intervalS = Math.round(300 * Math.pow(10, random.next())) / 1000;
  const timeLimitS = 3 + random.below(8);
  const parameters = drawFaultParameters(random);
  const faults = someOf(base.faults, random);

  const open = (key: string) => !fixed.has(key);
  const drawn = open("nodeCount") ? Array.from({ length: nodeCount }, (_, i) => `n${i}`) : base.nodes;
  const clientsOf = ({ length }: readonly string[]) =>
    open("concurrency") ? clients * length : concurrencyOf(concurrency ?? `${base.concurrency}`, length);
  // A fixed number of clients may not suit the drawn number of nodes. It suits that of the base.
  const suits =
    workloadOf(base.workload).problem?.({ ...base, nodes: drawn, concurrency: clientsOf(drawn) }) ===
      undefined;
  const nodes = suits ? drawn : base.nodes;
  const latency = {
    meanMs: open("latency") ? meanMs : base.latency.meanMs,
    dist: open("latencyDist") ? dist : base.latency.dist,
  };
  return {
    ...base,
    nodes,
    concurrency: clientsOf(nodes),
    rate: open("rate") ? rate : base.rate,
    latency,
    latencyMs: latency.meanMs,
    timeLimitS: open("timeLimit") ? timeLimitS : base.timeLimitS,
    nemesisIntervalS: open("nemesisInterval") ? intervalS : base.nemesisIntervalS,
    ...Object.fromEntries(Object.entries(parameters).filter(([key]) => open(key))),
    faults,
  };
}

/** Selects one, two, three, half, or all of the kinds with equal probability, since many faults at once hide each other. */
function someOf(faults: readonly FaultKind[], random: SeededRandom): readonly FaultKind[] {
  const { length } = faults;
  const count = random.pick([1, 2, 3, Math.ceil(length / 2), length]);
  const drawn = new Set(random.shuffle(faults).slice(0, count));
  return faults.filter((kind) => drawn.has(kind));
}
