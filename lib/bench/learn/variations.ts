/** Further seeds of an attempt that passed once, in virtual time: other latencies, shorter runs, more frequent faults. */

import type { Line } from "../grade/challenges.ts";
import { hadEffect } from "../nemesis/fault_effects.ts";
import type { Interruption } from "../run/interruption.ts";
import type { JobResult, VirtualJob } from "../worker/job.ts";
import { numberAt } from "../store/result_map.ts";
import { type FailedRun, sweep } from "../sweep/sweep.ts";

/** Mean latencies in ms, exponentially distributed, where a challenge's line names none. */
const LATENCIES_MS = [0, 1, 5, 10, 20] as const;
/** The longest time for which operations begin, in s: more seeds show more than longer runs. */
const TIME_LIMIT_S_MAX = 8;
/** Mean time from a fault's beginning to its end and to the next one's beginning, in s. */
const FAULT_INTERVAL_S = 2;
/** The most seeds that are drawn for each that counts. */
const DRAWS_MAX = 3;

/** The outcome of a sweep over variations. */
export interface Swept {
  /** The number of seeds that count, because each fault had an effect or could have none. */
  readonly counted: number;
  /** The number of seeds that do not count, because a fault had no effect. */
  readonly spared: number;
  /** The failing run of the lowest seed. */
  readonly failure: FailedRun | undefined;
}

/** Returns the job that a seed makes of a line's own job. */
export function variationOf(job: VirtualJob, line: Line, seed: number): VirtualJob {
  const { test } = job;
  const meanMs = LATENCIES_MS[seed % LATENCIES_MS.length] ?? 0;
  const isOpen = !line.arguments.includes("--latency");
  return {
    ...job,
    seed,
    test: {
      ...test,
      ...(isOpen ? { latency: { dist: "exponential", meanMs }, latencyMs: meanMs } : {}),
      timeLimitS: Math.min(test.timeLimitS, TIME_LIMIT_S_MAX),
      nemesisIntervalS: Math.min(test.nemesisIntervalS, FAULT_INTERVAL_S),
    },
  };
}

/** Runs variations of a line until `count` of them count, or one fails. Seeds begin after the line's own. */
export async function sweepVariations(
  job: VirtualJob,
  { line, count, interruption }: {
    readonly line: Line;
    readonly count: number;
    readonly interruption: Interruption;
  },
): Promise<Swept> {
  let counted = 0;
  let drawn = 0;
  let ended = 0;
  function* seeds(): Generator<number> {
    // Faults that have no effect in as many seeds as are asked for can have none: nodes talk to services alone.
    while (counted < count && drawn < count * DRAWS_MAX && !(counted === 0 && ended >= count)) {
      yield job.seed + 1 + drawn++;
    }
  }
  const { result, failures } = await sweep({
    seeds: seeds(),
    jobs: Math.min(navigator.hardwareConcurrency, count),
    keepGoing: false,
    job: (seed) => variationOf(job, line, seed),
    ran: (_job, ran) => {
      ended++;
      if (counts(ran)) counted++;
    },
    interruption,
  });
  const failure = failures[0];
  return counted === 0
    ? { counted: result.seeds, spared: 0, failure }
    : { counted, spared: result.seeds - counted, failure };
}

/** Returns true if every fault of a run had an effect, or could have none because nodes sent each other nothing. */
export function counts({ result }: Pick<JobResult, "result">): boolean {
  const sent = numberAt(result.net, "servers", "msg-count") ?? 0;
  return sent === 0 || (result.faults ?? []).every(hadEffect);
}
