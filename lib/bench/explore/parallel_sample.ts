/**
 * Runs random schedules on several workers.
 *
 * A worker runs a block of schedules for a slice of time, and the rest of the block returns to the schedules that are left. After a
 * failure, the schedules before it still run, so that the first failing one is the same for every number of workers.
 *
 * Tested by `tests/bench/explore/parallel_sample_test.ts`.
 */

import type { JobResult } from "../worker/job.ts";
import type { ExplorationOutcome, ExplorationSpec, SampleSpec } from "./exploration.ts";
import { type FrontierRun, NOTHING_DONE, type ParallelOptions, SLICE_MS } from "./parallel.ts";
import { guaranteeOf } from "./sample.ts";

/** The maximum number of schedules of a block. */
const BLOCK_SCHEDULES = 100;

/** The settings of a run. */
export interface ParallelSampleOptions<W> extends Omit<ParallelOptions<W>, "shard" | "executionsMax"> {
  /** The number of the first schedule. */
  readonly first: number;
  /** The number of schedules. */
  readonly schedules: number;
  /** The number of steps whose order makes the failures that the guarantee covers. */
  readonly depth: number;
}

/** Runs a sample until all schedules have run, one fails or the time is over. */
export async function runSample<W>(options: ParallelSampleOptions<W>): Promise<FrontierRun> {
  const [first] = options.workers;
  const trial = first === undefined ? undefined : await options.run(first, { countsSteps: true });
  if (trial === undefined) return { frontier: NOTHING_DONE }; // interrupted
  if (trial.exploration === undefined) return { frontier: NOTHING_DONE, failed: { spec: {}, ran: trial } };
  return await new SampleRun(options, trial.exploration.depth).all();
}

/** Schedules that no worker has. */
interface Block {
  readonly first: number;
  readonly schedules: number;
}

/** A schedule that fails, and its number. */
interface Found {
  readonly number: number;
  readonly spec: Partial<ExplorationSpec>;
  readonly ran: JobResult;
}

/** A run of a sample. */
class SampleRun<W> {
  readonly #options: ParallelSampleOptions<W>;
  readonly #now: () => number;
  /** The number of steps in which priorities fall. */
  readonly #steps: number;
  /** The schedules that are left, in their order. */
  #left: Block[];
  #schedules = 0;
  #longest = 0;
  #chains = 1;
  #hasSucceeded = false;
  #found: Found | undefined;
  #isInterrupted = false;

  constructor(options: ParallelSampleOptions<W>, steps: number) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#steps = steps;
    this.#left = [{ first: options.first, schedules: options.schedules }];
  }

  async all(): Promise<FrontierRun> {
    await Promise.all(this.#options.workers.map((worker) => this.#work(worker)));
    const frontier = { parts: [], done: this.#outcome, isDivided: false };
    return { frontier, ...(this.#found === undefined ? {} : { failed: this.#found }) };
  }

  get #outcome(): ExplorationOutcome {
    const { depth, first } = this.#options;
    const schedules = this.#found === undefined ? this.#schedules : this.#found.number - first + 1;
    return {
      schedules,
      pruned: 0,
      depth: this.#longest,
      exhausted: false,
      hasSucceeded: this.#hasSucceeded,
      probability: guaranteeOf({ chains: this.#chains, schedules, steps: this.#steps, depth }),
    };
  }

  async #work(worker: W): Promise<void> {
    const { run, depth, endsAt } = this.#options;
    while (!this.#isInterrupted && this.#now() < endsAt) {
      const block = this.#next();
      if (block === undefined) return;
      const timeLimitMs = Math.max(1, Math.min(SLICE_MS, endsAt - this.#now()));
      const sample: SampleSpec = { ...block, steps: this.#steps, depth };
      const ran = await run(worker, { sample, timeLimitMs });
      if (ran === undefined) this.#isInterrupted = true;
      else this.#add(ran, sample);
    }
  }

  /** Takes the first schedules that are left; undefined if there are none before a failure. */
  #next(): Block | undefined {
    const block = this.#left.shift();
    if (block === undefined || block.first > (this.#found?.number ?? Infinity)) return undefined;
    const rest = block.schedules - BLOCK_SCHEDULES;
    if (rest <= 0) return block;
    this.#left.unshift({ first: block.first + BLOCK_SCHEDULES, schedules: rest });
    return { first: block.first, schedules: BLOCK_SCHEDULES };
  }

  #add(ran: JobResult, sample: SampleSpec): void {
    const { exploration } = ran;
    // A node that hangs has no outcome: its schedule is one of the block.
    const number = sample.first + Math.max(0, (exploration?.schedules ?? 1) - 1);
    if (exploration === undefined || exploration.steps !== undefined) {
      if (number < (this.#found?.number ?? Infinity)) this.#found = { number, spec: { sample }, ran };
    }
    if (exploration === undefined) return;
    const { schedules, depth, chains = 1, hasSucceeded } = exploration;
    this.#schedules += schedules;
    this.#longest = Math.max(this.#longest, depth);
    this.#chains = Math.max(this.#chains, chains);
    this.#hasSucceeded ||= hasSucceeded === true;
    const left = sample.schedules - schedules;
    if (left > 0 && exploration.steps === undefined) {
      this.#left = [...this.#left, { first: sample.first + schedules, schedules: left }]
        .sort((a, b) => a.first - b.first);
    }
    this.#options.progress(this.#outcome);
  }
}
