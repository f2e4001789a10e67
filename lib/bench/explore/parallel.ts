/**
 * Runs the parts of an exploration on several workers.
 *
 * A worker runs a part for a slice of time, and returns the rest of it. The rests of all parts are the frontier: what is left to do
 * if the exploration is stopped.
 *
 * Tested by `tests/bench/explore/parallel_test.ts`.
 */

import type { JobResult } from "../worker/job.ts";
import type { ExplorationOutcome, ExplorationSpec } from "./exploration.ts";
import { type SearchPart, WHOLE_SEARCH } from "./search.ts";

/** The number of parts of a divided exploration. It is the same for every number of workers and machines. */
export const PARTS = 256;
/** The time for which a worker runs a part before it returns the rest, in ms. */
export const SLICE_MS = 2000;
/** The time after which an exploration is worth being divided, in ms. */
const WHOLE_MS = 1000;

/** The share of an exploration that is done, and its rest. */
export interface Frontier {
  /** The parts that are not done. */
  readonly parts: readonly SearchPart[];
  /** The counts of what is done. `exhausted` is false if an execution was cut. */
  readonly done: Omit<ExplorationOutcome, "parts" | "rest" | "steps">;
  /** True if the parts are those of a divided exploration, of which other shards have the others. */
  readonly isDivided: boolean;
}

/** The frontier before the first execution. */
export const NOTHING_DONE: Frontier = {
  parts: [WHOLE_SEARCH],
  done: { schedules: 0, pruned: 0, depth: 0, exhausted: true, hasSucceeded: false },
  isDivided: false,
};

/** A run of a job that did not hold. */
interface Failed {
  readonly spec: Partial<ExplorationSpec>;
  readonly ran: JobResult;
}

/** The result of a run of a frontier. */
export interface FrontierRun {
  readonly frontier: Frontier;
  /** A failing schedule, or a node that hangs. */
  readonly failed?: Failed;
}

/** The settings of a run. */
export interface ParallelOptions<W> {
  /** Runs an exploration with these settings on a worker. Resolves to undefined if the user interrupts it. */
  readonly run: (worker: W, spec: Partial<ExplorationSpec>) => Promise<JobResult | undefined>;
  readonly workers: readonly W[];
  /** The shard of the parts to run, from 1. */
  readonly shard: { readonly index: number; readonly total: number };
  /** The maximum number of executions. */
  readonly executionsMax: number;
  /** The end of the exploration, on the clock of `now`. */
  readonly endsAt: number;
  /** The current time in ms. Default: `performance.now`. */
  readonly now?: () => number;
  readonly progress: (counts: ExplorationOutcome) => void;
}

/** Runs a frontier until it is empty, a schedule fails or a limit is reached. A large one that has not run yet is divided first. */
export async function runFrontier<W>(frontier: Frontier, options: ParallelOptions<W>): Promise<FrontierRun> {
  const { workers, shard, endsAt, now = () => performance.now() } = options;
  const divides = workers.length > 1 || shard.total > 1;
  if (frontier !== NOTHING_DONE || !divides) return await new Run(frontier, options).all();
  const [first] = workers;
  if (first === undefined) return { frontier };
  // A small exploration ends in this time on one worker, and is the same for all shards.
  const whole = await new Run(frontier, {
    ...options,
    workers: [first],
    endsAt: Math.min(endsAt, now() + WHOLE_MS),
  }).all();
  const hasEnded = whole.failed !== undefined || whole.frontier.parts.length === 0;
  const isAtLimit = whole.frontier.done.schedules + whole.frontier.done.pruned >= options.executionsMax;
  if (hasEnded || isAtLimit || now() >= endsAt) return whole;
  // Half of the time is left for the parts. Shards divide to the end, because all of them must have the same parts.
  const timeLimitMs = (endsAt - now()) / (shard.total > 1 ? 1 : 2);
  const divided = await options.run(first, { divide: PARTS, timeLimitMs });
  const parts = divided?.exploration?.parts;
  if (parts === undefined || now() >= endsAt) return whole; // interrupted, or not divided to the end
  const own = parts.filter((_, i) => i % shard.total === shard.index - 1);
  return await new Run({ ...NOTHING_DONE, parts: own, isDivided: true }, options).all();
}

/** A run of a frontier. */
class Run<W> {
  readonly #options: ParallelOptions<W>;
  readonly #now: () => number;
  readonly #isDivided: boolean;
  readonly #parts: SearchPart[];
  #done: Frontier["done"];
  #failed: Failed | undefined;
  /** The executions that no worker has been given. */
  #left: number;
  #isInterrupted = false;

  constructor({ parts, done, isDivided }: Frontier, options: ParallelOptions<W>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#parts = [...parts];
    this.#isDivided = isDivided;
    this.#done = done;
    this.#left = options.executionsMax - done.schedules - done.pruned;
  }

  async all(): Promise<FrontierRun> {
    await Promise.all(this.#options.workers.map((worker) => this.#work(worker)));
    const frontier = { parts: this.#parts, done: this.#done, isDivided: this.#isDivided };
    return { frontier, ...(this.#failed === undefined ? {} : { failed: this.#failed }) };
  }

  get #isOver(): boolean {
    return this.#failed !== undefined || this.#isInterrupted || this.#left <= 0 ||
      this.#now() >= this.#options.endsAt;
  }

  async #work(worker: W): Promise<void> {
    const { run, workers, endsAt } = this.#options;
    while (!this.#isOver) {
      const part = this.#parts.shift();
      if (part === undefined) return;
      const executionsMax = Math.ceil(this.#left / workers.length);
      this.#left -= executionsMax;
      const timeLimitMs = Math.max(1, Math.min(SLICE_MS, endsAt - this.#now()));
      const spec = { part, executionsMax, timeLimitMs };
      const ran = await run(worker, spec);
      if (ran === undefined) {
        this.#parts.push(part);
        this.#isInterrupted = true;
        return;
      }
      this.#left += executionsMax;
      this.#add(ran, spec);
    }
  }

  #add(ran: JobResult, spec: Partial<ExplorationSpec>): void {
    const { exploration } = ran;
    if (exploration === undefined || exploration.steps !== undefined) this.#failed ??= { spec, ran };
    if (exploration === undefined) return;
    const { schedules, pruned, depth, exhausted, hasSucceeded, rest } = exploration;
    const before = this.#done;
    this.#done = {
      schedules: before.schedules + schedules,
      pruned: before.pruned + pruned,
      depth: Math.max(before.depth, depth),
      exhausted: before.exhausted && (exhausted || rest !== undefined),
      hasSucceeded: before.hasSucceeded === true || hasSucceeded === true,
    };
    this.#left -= schedules + pruned;
    // The rest runs after the other parts, so that the parts at the front and at the end are searched alike.
    if (rest !== undefined) this.#parts.push(rest);
    this.#options.progress({ ...this.#done, exhausted: false });
  }
}
