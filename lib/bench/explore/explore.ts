/**
 * Explores every schedule of a small cluster within bounds.
 *
 * Tested by `tests/bench/explore/explore_test.ts`.
 */

import type { Judge } from "../../checkers/check_history.ts";
import { SeededRandom } from "../../sim/random.ts";
import { verdictForSweep } from "../replay/case.ts";
import { judge, type TestResult } from "../run/verdict.ts";
import type { RedrawFrom } from "../run/virtual_run.ts";
import { divide } from "./divide.ts";
import { finalOrders } from "./final_reads.ts";
import type { SampleSpec } from "./exploration.ts";
import { sample, trialSteps } from "./sample.ts";
import { search, type SearchPart, type SearchResult } from "./search.ts";
import { searchStates, type StateSearchResult } from "./state_search.ts";
import { World } from "./world.ts";
import type { Explored, WorldOptions } from "./world_options.ts";

/** The maximum number of steps of an execution. Nodes that answer each other forever would never end one. */
const STEPS_MAX = 1000;

/** The cluster to explore. */
export interface Scope extends Omit<WorldOptions, "watchesAll" | keyof Recording> {
  /** The judge of each execution. Default: that of the test's workload. */
  readonly judge?: Judge;
}

/** The receivers of the details of an execution. */
export type Recording = Pick<WorldOptions, "messages" | "states" | "log">;

/** A schedule: the steps in their order. */
export type Steps = readonly string[];

/** A schedule that fails. */
export interface FailingSchedule {
  readonly steps: Steps;
  readonly explored: Explored;
  readonly result: TestResult;
}

/** The result of an exploration. */
interface Exploration extends SearchResult {
  /** True if an operation succeeded in some schedule. */
  readonly hasSucceeded: boolean;
  /** The first schedule found that fails. */
  readonly failing: FailingSchedule | undefined;
}

/** The settings of an exploration. */
interface ExploreOptions {
  /** Called after each execution; returns true to end the exploration. */
  readonly stopped: (counts: Omit<SearchResult, "exhausted">) => boolean;
  /** The part of the exploration to run. Default: all. */
  readonly part?: SearchPart | undefined;
  /** False for an exploration of all orders, to compare with. */
  readonly reduces?: boolean;
}

/** Explores the schedules of a scope until one fails. */
export async function explore(scope: Scope, options: ExploreOptions): Promise<Exploration> {
  let failing: FailingSchedule | undefined;
  let hasSucceeded = false;
  const result = await search<Explored>({
    ...options,
    stepsMax: STEPS_MAX,
    begin: () => World.begin(scope),
    visit: (explored, steps) => {
      hasSucceeded ||= succeeds(explored);
      failing = failingOf(scope, explored, steps);
      return failing === undefined;
    },
  });
  return { ...result, hasSucceeded, failing };
}

/** Explores every state of a scope whose nodes watch all of their state, until a schedule fails. */
export async function exploreStates(
  scope: Scope,
  { stopped }: Pick<ExploreOptions, "stopped">,
): Promise<Exploration & StateSearchResult> {
  let failing: FailingSchedule | undefined;
  let hasSucceeded = false;
  const result = await searchStates<Explored>({
    stopped,
    stepsMax: STEPS_MAX,
    begin: () => World.begin({ ...scope, watchesAll: true }),
    visit: (explored, steps) => {
      hasSucceeded ||= succeeds(explored);
      failing = failingOf(scope, explored, steps);
      return failing === undefined;
    },
  });
  return { ...result, hasSucceeded, failing };
}

/** Divides an exploration into at least this number of parts, if it has as many, or into those so far when it is stopped. */
export async function divideExploration(
  scope: Scope,
  { parts, stopped }: { readonly parts: number; readonly stopped: () => boolean },
): Promise<SearchPart[]> {
  return await divide({ parts, stopped, begin: () => World.begin(scope) });
}

/** Runs random schedules of a scope until one fails. */
export async function exploreSample(
  scope: Scope,
  { stopped, ...spec }: SampleSpec & Pick<ExploreOptions, "stopped">,
): Promise<Exploration & { readonly chains: number }> {
  let failing: FailingSchedule | undefined;
  let longest = 0;
  let hasSucceeded = false;
  const { schedules, chains } = await sample<Explored>({
    ...spec,
    ...schedulesOf(scope),
    visit: (explored, steps) => {
      longest = Math.max(longest, steps.length);
      hasSucceeded ||= succeeds(explored);
      failing = failingOf(scope, explored, steps);
      return failing === undefined;
    },
    stopped: (count) => stopped({ schedules: count, pruned: 0, depth: longest }),
  });
  return { schedules, chains, pruned: 0, depth: longest, exhausted: false, hasSucceeded, failing };
}

/** Returns the number of steps of random schedules of a scope, from trials. */
export async function sampleSteps(scope: Scope): Promise<number> {
  return await trialSteps(schedulesOf(scope));
}

function schedulesOf(scope: Scope) {
  return {
    stepsMax: STEPS_MAX,
    random: new SeededRandom(scope.seed).split("schedules"),
    begin: () => World.begin(scope),
  };
}

/**
 * Runs one schedule again. Leaves out steps that are not possible, and continues with default steps to the end, or with random ones
 * from the moment of a redraw.
 */
export async function rerun(
  scope: Scope,
  steps: Steps,
  { redraw, ...recording }: Recording & { readonly redraw?: RedrawFrom | undefined } = {},
): Promise<FailingSchedule> {
  const world = await World.begin({ ...scope, ...recording });
  const random = redraw && new SeededRandom(redraw.seed).split("future");
  const isRecorded = () => redraw === undefined || world.nextMs < redraw.atMs;
  const taken: string[] = [];
  const take = async (id: string) => {
    await world.execute(id);
    taken.push(id);
  };
  for (const id of steps) if (isRecorded() && world.enabled().includes(id)) await take(id);
  for (
    let enabled = world.enabled();
    enabled.length > 0 && taken.length < STEPS_MAX;
    enabled = world.enabled()
  ) {
    await take(isRecorded() || random === undefined ? enabled[0] ?? "" : random.pick(enabled));
  }
  const explored = await world.finish();
  return judgeExplored(scope, explored, taken);
}

/** Returns the shortest beginning of a failing schedule that has the same verdict if all later steps come in their default order. */
export async function simplest(scope: Scope, failing: FailingSchedule): Promise<FailingSchedule> {
  const verdict = verdictForSweep(failing.result);
  for (let length = 0; length < failing.steps.length; length++) {
    const tried = await rerun(scope, failing.steps.slice(0, length));
    if (verdictForSweep(tried.result) === verdict) return tried;
  }
  return failing;
}

function succeeds({ history }: Explored): boolean {
  return history.some(({ type }) => type === "ok");
}

function failingOf(scope: Scope, explored: Explored, steps: Steps): FailingSchedule | undefined {
  const judged = judgeExplored(scope, explored, steps);
  return endsSearch(judged.result) ? judged : undefined;
}

/** Returns true for a schedule that fails, and for one in which an invariant threw or had no step to check. */
function endsSearch(result: TestResult): boolean {
  return verdictForSweep(result) === false || result.invariants?.valid === "unknown";
}

/** Judges an execution in the first order of its final operations that fails, or in the order in which they began. */
function judgeExplored(scope: Scope, explored: Explored, steps: Steps): FailingSchedule {
  let first: FailingSchedule | undefined;
  for (const history of finalOrders(explored.history)) {
    const ordered = { ...explored, history };
    const judged = { steps, explored: ordered, result: resultOf(scope, ordered) };
    if (verdictForSweep(judged.result) === false) return judged;
    first ??= judged;
  }
  return first ?? { steps, explored, result: resultOf(scope, explored) };
}

function resultOf(
  { test, judge: workload }: Scope,
  { history, counts, faults, progress, invariants }: Explored,
): TestResult {
  return judge(history, {
    test,
    ...(workload === undefined ? {} : { workload }),
    observations: {
      counts,
      remarks: [],
      faults,
      effects: [],
      interrupted: false,
      convergence: undefined,
      progress,
      ...(invariants === undefined ? {} : { invariants }),
    },
  });
}
