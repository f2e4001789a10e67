/**
 * Random schedules with a guarantee, for spaces that are too large to exhaust.
 *
 * The steps are divided into chains, in which each step makes the next one possible. Each chain gets a random priority, and the step of
 * the chain with the highest priority happens next. At d - 1 random steps, the priority of the current chain falls below all others. A
 * failure that needs d ordered steps is found by each schedule with a probability of at least 1 / (w · k^(d-1)), for w chains and k
 * steps: Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs" (ASPLOS 2010), for messages Ozkan et
 * al., "Randomized Testing of Distributed Systems with Probabilistic Guarantees" (OOPSLA 2018).
 *
 * A schedule depends on the seed and its number alone, so that any worker can run it. Trials with priorities alone yield k before the
 * first schedule. The guarantee covers failures within the first k steps.
 *
 * Tested by `tests/bench/explore/sample_test.ts`.
 */

import type { SeededRandom } from "../../sim/random.ts";
import type { Execution } from "./search.ts";

/** The number of trials whose longest one yields the number of steps. */
const TRIALS = 8;

/** The settings of random schedules. */
interface ScheduleOptions<T> {
  /** Begins an execution. */
  readonly begin: () => Promise<Execution<T>>;
  /** The maximum number of steps of a schedule. */
  readonly stepsMax: number;
  readonly random: SeededRandom;
}

/** The settings of a sample. */
export interface SampleOptions<T> extends ScheduleOptions<T> {
  /** Receives the outcome of each execution with its steps. Returns false to end the sample. */
  readonly visit: (outcome: T, steps: readonly string[]) => boolean;
  /** Returns true to end the sample before its last schedule. */
  readonly stopped: (schedules: number) => boolean;
  /** The number of the first schedule. Default: 0. */
  readonly first?: number;
  /** The number of schedules. */
  readonly schedules: number;
  /** The number of steps among which priorities fall: see {@linkcode trialSteps}. */
  readonly steps: number;
  /** The number of steps whose order makes the failures that the guarantee covers. */
  readonly depth: number;
}

/** The result of a sample. */
export interface SampleResult {
  readonly schedules: number;
  /** The maximum number of chains in a schedule. */
  readonly chains: number;
}

/** Runs random schedules until one is refused by `visit`. */
export async function sample<T>(options: SampleOptions<T>): Promise<SampleResult> {
  const { visit, stopped, depth, random, steps, first = 0 } = options;
  let [schedules, chains] = [0, 1];
  while (schedules < options.schedules && !stopped(schedules)) {
    const schedule = new Priorities(random.split(first + schedules), depth, steps);
    const { execution, taken } = await run(schedule, options);
    schedules++;
    chains = Math.max(chains, schedule.chains);
    if (!visit(await execution.finish(), taken)) break;
  }
  return { schedules, chains };
}

/** Returns the number of steps of the longest of some random schedules. */
export async function trialSteps<T>(options: ScheduleOptions<T>): Promise<number> {
  let steps = 1;
  for (let trial = 0; trial < TRIALS; trial++) {
    const { taken } = await run(new Priorities(options.random.split("trial").split(trial), 1, 0), options);
    steps = Math.max(steps, taken.length);
  }
  return steps;
}

/** Returns the least probability with which a sample finds a failure of a depth. */
export function guaranteeOf(
  { chains, schedules, steps, depth }: SampleResult & Pick<SampleOptions<unknown>, "steps" | "depth">,
): number {
  return 1 - (1 - 1 / (chains * steps ** (depth - 1))) ** schedules;
}

/** Runs one schedule, up to its last step. */
async function run<T>(schedule: Priorities, { begin, stepsMax }: ScheduleOptions<T>) {
  const execution = await begin();
  const taken: string[] = [];
  for (
    let ids = execution.enabled();
    ids.length > 0 && taken.length < stepsMax;
    ids = execution.enabled()
  ) {
    const id = schedule.next(ids, (each) => execution.creatorOf(each));
    await execution.execute(id);
    taken.push(id);
  }
  return { execution, taken };
}

/** The priorities of one schedule. */
class Priorities {
  readonly #random: SeededRandom;
  /** The numbers of the steps at which a priority falls. */
  readonly #falls: ReadonlySet<number>;
  /** The chain of each step. */
  readonly #chainOf = new Map<string, number>();
  /** The last step of each chain. */
  readonly #tails: string[] = [];
  /** The priority of each chain. */
  readonly #priorities: number[] = [];
  #taken = 0;
  #fallen = 0;

  constructor(random: SeededRandom, depth: number, steps: number) {
    this.#random = random;
    this.#falls = new Set(Array.from({ length: depth - 1 }, () => random.below(steps)));
  }

  /** The number of chains so far. */
  get chains(): number {
    return this.#tails.length;
  }

  /** Returns the step to take. */
  next(ids: readonly string[], creatorOf: (id: string) => string | undefined): string {
    for (const id of ids) if (!this.#chainOf.has(id)) this.#assign(id, creatorOf(id));
    let highest = this.#highest(ids);
    if (this.#falls.has(this.#taken)) {
      this.#priorities[this.#chain(highest)] = -1 - this.#fallen++;
      highest = this.#highest(ids);
    }
    this.#taken++;
    return highest;
  }

  /** Adds a step to the chain that ends with its creator, or to a new one. */
  #assign(id: string, creator: string | undefined): void {
    const chain = creator === undefined ? -1 : this.#tails.indexOf(creator);
    this.#chainOf.set(id, chain < 0 ? this.#tails.length : chain);
    if (chain < 0) this.#priorities.push(this.#random.next());
    this.#tails[chain < 0 ? this.#tails.length : chain] = id;
  }

  #chain(id: string): number {
    return this.#chainOf.get(id) ?? 0;
  }

  #highest(ids: readonly string[]): string {
    let highest = ids[0] ?? "";
    const priority = (id: string) => this.#priorities[this.#chain(id)] ?? 0;
    for (const id of ids) if (priority(id) > priority(highest)) highest = id;
    return highest;
  }
}
