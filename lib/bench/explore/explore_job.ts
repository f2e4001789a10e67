/**
 * Explores in a worker, and runs the schedule of a recorded case again.
 *
 * Tested by `tests/bench/explore/command_test.ts`.
 */

import { messageLines } from "../run/message_journal.ts";
import { StateLines } from "../run/state_journal.ts";
import type { RemoteProgram } from "../run/virtual_run.ts";
import type { NodeProgram } from "../cluster/program.ts";
import { eventLine } from "../store/format.ts";
import { countOperations, type JobResult, type VirtualJob } from "../worker/job.ts";
import { judgeOf, unjudged } from "../run/verdict.ts";
import { type Enter, guarded, guardedJudge } from "../run/workload_guard.ts";
import { registeredWorkload } from "../workloads/registry.ts";
import {
  divideExploration,
  explore,
  exploreSample,
  exploreStates,
  type FailingSchedule,
  rerun,
  sampleSteps,
  type Scope,
  simplest,
} from "./explore.ts";
import type { ExplorationOutcome, ExplorationSpec } from "./exploration.ts";

/** The environment of an exploration. */
export interface ExploreContext {
  readonly program: NodeProgram | RemoteProgram;
  readonly working: (node: string | undefined) => void;
  /** Receives the part of a workload file that runs now. */
  readonly entered?: Enter;
  /** Receives the counts at times. */
  readonly progress?: (counts: ExplorationOutcome) => void;
}

/** The interval of progress reports, in ms. */
const PROGRESS_MS = 5000;

/**
 * Explores a job's cluster, or runs the steps of its exploration. The result is that of the failing schedule, if there is one. If the
 * code of a workload file fails, the exploration ends, and its result has the error.
 */
export async function runExploration(
  job: VirtualJob,
  spec: ExplorationSpec,
  context: ExploreContext,
): Promise<JobResult> {
  let problem: string | undefined;
  const guard = { fail: (text: string) => void (problem ??= text), enter: context.entered ?? (() => {}) };
  const { exploration, ...ran } = await runScope(job, spec, {
    progress: context.progress,
    hasProblem: () => problem !== undefined,
    scope: {
      test: job.test,
      workload: guarded(registeredWorkload(job.test.workload), guard),
      judge: guardedJudge(judgeOf(job.test.workload), guard),
      program: context.program,
      seed: job.seed,
      storage: job.storage,
      bounds: spec.bounds,
      operationCount: spec.operationCount,
      settleMs: spec.settleMs,
      clockDrift: spec.clockDrift,
      working: context.working,
      entered: context.entered,
    },
  });
  if (problem !== undefined && exploration?.steps === undefined) {
    return { ...ran, result: { ...ran.result, valid: "unknown", workload: unjudged(problem).workload } };
  }
  return exploration === undefined ? ran : { ...ran, exploration };
}

async function runScope(
  job: VirtualJob,
  exploration: ExplorationSpec,
  { scope, progress, hasProblem }: {
    readonly scope: Scope;
    readonly progress: ExploreContext["progress"];
    readonly hasProblem: () => boolean;
  },
): Promise<JobResult> {
  const { steps, executionsMax, timeLimitMs } = exploration;
  const began = performance.now();
  if (steps !== undefined) return await recorded(job, scope, { steps, began });
  const plan = await planOf(exploration, scope);
  if (plan !== undefined) return { ...jobResult(await rerun(scope, []), began), exploration: plan };
  let toldAt = began;
  const stopped = (sofar: Omit<ExplorationOutcome, "exhausted">) => {
    const now = performance.now();
    if (now - toldAt >= PROGRESS_MS) {
      toldAt = now;
      progress?.({ ...sofar, exhausted: false });
    }
    return hasProblem() || sofar.schedules + sofar.pruned >= executionsMax || now - began >= timeLimitMs;
  };
  const { failing, ...counts } = exploration.states === true
    ? await exploreStates(scope, { stopped })
    : exploration.sample === undefined
    ? await explore(scope, { stopped, part: exploration.part })
    : await exploreSample(scope, { ...exploration.sample, stopped });
  const shown = failing === undefined ? await rerun(scope, []) : await simplest(scope, failing);
  return {
    ...jobResult(shown, began),
    exploration: { ...counts, ...(failing === undefined ? {} : { steps: shown.steps }) },
  };
}

/** Returns the parts of a search, or the number of steps of random schedules; undefined if the task is another one. */
async function planOf(
  { divide, countsSteps, timeLimitMs }: ExplorationSpec,
  scope: Scope,
): Promise<ExplorationOutcome | undefined> {
  const nothing = { schedules: 0, pruned: 0, depth: 0, exhausted: false };
  if (divide !== undefined) {
    const endsAt = performance.now() + timeLimitMs;
    const stopped = () => performance.now() >= endsAt;
    return { ...nothing, parts: await divideExploration(scope, { parts: divide, stopped }) };
  }
  return countsSteps === true ? { ...nothing, depth: await sampleSteps(scope) } : undefined;
}

async function recorded(
  job: VirtualJob,
  scope: Scope,
  { steps, began }: { readonly steps: readonly string[]; readonly began: number },
): Promise<JobResult> {
  const { lines, sink } = messageLines();
  const states: string[] = [];
  const logs = new Map<string, string[]>();
  const shown = await rerun(scope, steps, {
    redraw: job.redraw,
    messages: job.keepMessages ? sink : undefined,
    states: job.keepMessages ? (now) => new StateLines(now, (line) => states.push(line)) : undefined,
    log: (node, text, timeMs) => {
      const log = logs.get(node) ?? [];
      logs.set(node, log);
      log.push(`${timeMs.toFixed(3)} ${text}`);
    },
  });
  return { ...jobResult(shown, began), logs, ...(job.keepMessages ? { messages: lines, states } : {}) };
}

function jobResult({ explored: { history }, result, steps }: FailingSchedule, began: number): JobResult {
  return {
    result,
    history: history.map(eventLine),
    operations: countOperations(history),
    events: steps.length,
    tookMs: performance.now() - began,
    checkMs: 0,
  };
}
