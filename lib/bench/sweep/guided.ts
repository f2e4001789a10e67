/**
 * Plans the runs of a guided sweep. The plan of a run depends on the results of earlier seeds alone, and not on the
 * number of concurrent runs.
 *
 * Tested by `tests/bench/sweep/guided_test.ts`.
 */

import { SeededRandom } from "../../sim/random.ts";
import type { JobResult, VirtualJob } from "../worker/job.ts";
import { Guide } from "./guide.ts";
import type { SweepOptions } from "./seeds.ts";

/** The number of settings among which the guide chooses for a run. */
const CANDIDATES = 4;
/** The probability that a run has the settings of its seed, as in a plain sweep. */
const PLAIN_PROBABILITY = 0.15;
/** The least and greatest number of seeds directly before a run whose results its plan does not use. */
const UNKNOWN_MIN = 2;
const UNKNOWN_MAX = 63;
/** The part of earlier seeds whose results a plan does not use, within these bounds. More runs can then be concurrent. */
const UNKNOWN_PART = 1 / 4;

/** Returns the number of seeds whose results the plan of the run at an index uses. */
export function knownAt(index: number): number {
  const unknown = Math.min(Math.max(Math.floor(index * UNKNOWN_PART), UNKNOWN_MIN), UNKNOWN_MAX);
  return Math.max(0, index - unknown);
}

/** The settings of a guided sweep. */
export interface GuidedOptions extends Omit<SweepOptions, "job"> {
  /** Returns the run of a seed with the settings that another seed, `shape`, draws. */
  readonly job: (seed: number, shape: number) => VirtualJob;
}

/** Returns the settings of a sweep whose runs depend on what earlier ones reached. They serve one sweep only. */
export function guidedOptions(options: GuidedOptions): SweepOptions {
  const plan = new GuidedPlan(options.job);
  return {
    ...options,
    job: (seed) => plan.job(seed),
    ran: (job, ran) => {
      plan.ran(job, ran);
      options.ran?.(job, ran);
    },
  };
}

/** A run that waits for the results of earlier seeds. */
interface WaitingRun {
  readonly seed: number;
  readonly planned: (job: VirtualJob) => void;
}

/** Plans runs in the order of their seeds. */
export class GuidedPlan {
  readonly #guide = new Guide();
  readonly #candidate: GuidedOptions["job"];
  readonly #waiting: WaitingRun[] = [];
  readonly #indices = new Map<number, number>(); // seed → index, of runs without a result
  readonly #results = new Map<number, { readonly job: VirtualJob; readonly ran: JobResult }>(); // by index
  #asked = 0;
  #planned = 0;
  #learned = 0;

  constructor(candidate: GuidedOptions["job"]) {
    this.#candidate = candidate;
  }

  /** Resolves to the run of the next seed, once the results that its plan uses are there. */
  job(seed: number): Promise<VirtualJob> {
    this.#indices.set(seed, this.#asked++);
    return new Promise((planned) => {
      this.#waiting.push({ seed, planned });
      this.#plan();
    });
  }

  /** Takes the result of a run. */
  ran(job: VirtualJob, ran: JobResult): void {
    const index = this.#indices.get(job.seed);
    if (index === undefined) return;
    this.#indices.delete(job.seed);
    this.#results.set(index, { job, ran });
    this.#plan();
  }

  #plan(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (!this.#learnUntil(knownAt(this.#planned))) return;
      this.#waiting.shift();
      this.#planned++;
      next.planned(this.#choose(next.seed));
    }
  }

  /** Learns from the results before an index, in order. Returns false if one is not there yet. */
  #learnUntil(index: number): boolean {
    for (; this.#learned < index; this.#learned++) {
      const result = this.#results.get(this.#learned);
      if (result === undefined) return false;
      this.#results.delete(this.#learned);
      this.#guide.learn(result.job.test, result.ran.signals ?? new Set());
    }
    return true;
  }

  #choose(seed: number): VirtualJob {
    const random = new SeededRandom(seed).split("guided");
    const plain = this.#candidate(seed, seed);
    const others = Array.from({ length: CANDIDATES - 1 }, () => this.#candidate(seed, random.bits()));
    const chosen = random.chance(PLAIN_PROBABILITY) ? plain : this.#guide.choose([plain, ...others]);
    return { ...chosen, keepSignals: true };
  }
}
