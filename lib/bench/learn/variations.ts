/**
 * Further seeds of a passing attempt in virtual time: other latencies, shorter runs, more frequent faults.
 *
 * Tested by `tests/bench/learn/attempt_test.ts`.
 */

import type { ChallengeTest } from "../grade/challenges.ts";
import { hadEffect } from "../nemesis/fault_effects.ts";
import type { Interruption } from "../run/interruption.ts";
import type { JobResult, VirtualJob } from "../worker/job.ts";
import { parseResult } from "../store/parse_result.ts";
import type { FailedRun } from "../sweep/seeds.ts";
import { sweep } from "../sweep/sweep.ts";
import { variationOf } from "./variation.ts";

/** Maximum number of seeds drawn per seed that counts. */
const DRAWS_MAX = 3;

/** The outcome of a sweep over variations. */
export interface VariationResult {
  /** Number of seeds that count, because each fault had an effect or could not have one. */
  readonly counted: number;
  /** Number of seeds that do not count, because a fault had no effect. */
  readonly spared: number;
  /** The failing run of the lowest seed. */
  readonly failure: FailedRun | undefined;
}

/** Runs variations of a test until `count` of them count or one fails. Seeds start after the test's own seeds. */
export async function sweepVariations(
  job: VirtualJob,
  { line, count, interruption }: {
    readonly line: ChallengeTest;
    readonly count: number;
    readonly interruption: Interruption;
  },
): Promise<VariationResult> {
  let counted = 0;
  let drawn = 0;
  let ended = 0;
  function* seeds(): Generator<number> {
    // If no seed shows an effect of a fault, the fault cannot have one: the nodes only talk to services.
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

/** True if every fault of a run had an effect, or could not have one because nodes sent each other nothing. */
export function counts({ result }: Pick<JobResult, "result">): boolean {
  const sent = parseResult(result).servers?.messageCount ?? 0;
  return sent === 0 || (result.faults ?? []).every(hadEffect);
}
