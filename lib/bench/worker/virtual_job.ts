/**
 * Runs a test in virtual time in this thread, and judges it. Both the bench's workers and the playground's use it.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

import type { CheckControl } from "../../checkers/result.ts";
import type { Event } from "../../checkers/history.ts";
import { loadProgram } from "../cluster/builtin_nodes.ts";
import type { NodeProgram } from "../cluster/program.ts";
import { BenchError } from "../errors.ts";
import type { ExplorationOutcome } from "../explore/exploration.ts";
import { DeliveryCounter, effectCoverage, operationCoverage } from "../run/coverage.ts";
import { SignalCollector } from "../run/signals.ts";
import { limitedMessages, RECORDED_LENGTH_MAX } from "../run/message_limit.ts";
import { StateLines, STATES_LENGTH_MAX } from "../run/state_journal.ts";
import { allOf } from "../run/message_journal.ts";
import { failedJudgeOf, judge, type TestResult } from "../run/verdict.ts";
import type { Enter } from "../run/workload_guard.ts";
import { type RemoteProgram, runVirtual } from "../run/virtual_run.ts";
import { BoundedLines } from "../store/bounded_lines.ts";
import { charactersOf, FILE_LIMIT_MB } from "../store/file_limit.ts";
import { eventLine } from "../store/format.ts";
import { parseResult } from "../store/parse_result.ts";
import { countOperations, type JobResult, type VirtualJob } from "./job.ts";

/** The maximum number of characters kept of a node's log in virtual time, because they are kept in memory. */
const LOG_LENGTH_MAX = 1_000_000;

/** The program and the observer of a job. */
export interface JobContext {
  /** The program of a module, in another thread or in this one. Default: the built-in node. */
  readonly program?: JobProgram | NodeProgram;
  /** Receives the node that runs now, so that the bench can name a node that hangs. */
  readonly working: (node: string | undefined) => void;
  /** Receives the part of a workload file that runs now. */
  readonly entered?: Enter;
  /** Runs the check within limits. `unjudged` returns the run as if its judge threw. Default: runs it. */
  readonly check?: (
    judge: (control: CheckControl) => TestResult,
    unjudged: () => JobResult,
  ) => TestResult;
  /** Called when the run has ended and its check begins. */
  readonly checking?: () => void;
  /** Receives the counts of an exploration at times. */
  readonly progress?: (counts: ExplorationOutcome) => void;
}

/** A module's program, whose thread may have been ended. */
export interface JobProgram extends RemoteProgram {
  readonly hasEnded: boolean;
  /** Ends a run, so that work that the run started does not reach the next one. */
  end(): void;
}

/** Runs a test in virtual time and judges it. Rejects with `StartError`, `ArgumentError` or `BenchError`. */
export async function runVirtualJob(job: VirtualJob, context: JobContext): Promise<JobResult> {
  const { test } = job;
  if (job.form === "both") {
    const [objects, text] = [
      await runVirtualJob({ ...job, form: "objects", keepHistory: "always" }, context),
      await runVirtualJob({ ...job, form: "text", keepHistory: "always" }, context),
    ];
    requireSameHistory(objects, text);
    return text;
  }
  const began = performance.now();
  const program = context.program ?? await loadProgram({ workload: test.workload, args: job.nodeArguments });
  const remote = typeof context.program === "function" ? undefined : context.program;
  if (job.exploration !== undefined) {
    const { runExploration } = await import("../explore/explore_job.ts"); // other runs need not load it
    return await runExploration(job, job.exploration, { ...context, program });
  }
  const history: Event[] = [];
  const lengthMax = charactersOf(job.fileLimitMb ?? FILE_LIMIT_MB);
  const logs = new Map<string, BoundedLines>();
  const lines: string[] = [];
  const messages = job.keepMessages
    ? limitedMessages((line) => lines.push(line), Math.min(lengthMax, RECORDED_LENGTH_MAX))
    : undefined;
  const states: string[] = [];
  const deliveries = new DeliveryCounter();
  const collector = job.keepSignals ? new SignalCollector() : undefined;
  const sinks = [
    ...(collector === undefined ? [] : [collector]),
    ...(messages === undefined ? [] : [messages.sink]),
    ...(job.keepCoverage ? [deliveries] : []),
  ];
  const hitStates: Record<string, Record<string, number>> = {};
  const observations = await runVirtual({
    test,
    seed: job.seed,
    program,
    storage: job.storage,
    form: job.form,
    schedule: job.schedule,
    interventions: job.interventions,
    redraw: job.redraw,
    fileLimitMb: job.fileLimitMb,
    watched: collector,
    record: (event) => {
      history.push(event);
      collector?.recorded(event);
    },
    log: (node, text, timeMs) => {
      let log = logs.get(node);
      if (log === undefined) logs.set(node, log = new BoundedLines(Math.min(lengthMax, LOG_LENGTH_MAX)));
      log.push(`${timeMs.toFixed(3)} ${text}`);
    },
    ...(sinks.length === 0 ? {} : { messages: allOf(sinks) }),
    ...(messages === undefined ? {} : {
      states: (now: () => number) =>
        new StateLines(now, (line) => states.push(line), Math.min(lengthMax, STATES_LENGTH_MAX)),
    }),
    hit: (how, state) => {
      const row = hitStates[how] ??= {};
      row[state] = (row[state] ?? 0) + 1;
    },
    working: context.working,
    ...(context.entered === undefined ? {} : { entered: context.entered }),
  });
  remote?.end();
  const ran = performance.now();
  context.checking?.();
  messages?.end();
  const recorded = (isKept: boolean) => ({
    ...(isKept
      ? {
        history: history.map(eventLine),
        logs: new Map([...logs].map(([node, log]) => [node, log.lines])),
        ...(messages === undefined ? {} : { messages: lines, states }),
      }
      : {}),
    faultSchedule: observations.faultSchedule,
    operations: countOperations(history),
    events: observations.events,
    virtualMs: observations.virtualMs,
  });
  const check = context.check ?? ((judge) => judge({}));
  const result = check(
    (control) => judge(history, { test, observations, control }),
    () => ({
      result: judge(history, { test, observations, workload: failedJudgeOf(test.workload) }),
      ...recorded(true),
      tookMs: ran - began,
      checkMs: 0,
    }),
  );
  const end = performance.now();
  return {
    result,
    ...recorded(job.keepHistory === "always" || result.valid !== true),
    ...(remote?.hasEnded === true ? { hasHung: true } : {}),
    ...(job.keepCoverage
      ? {
        coverage: {
          operations: operationCoverage(history, observations.faultSchedule),
          messages: deliveries.counts,
          states: hitStates,
          ...effectCoverage(observations.effects),
        },
      }
      : {}),
    ...(collector === undefined ? {} : { signals: collector.signals }),
    tookMs: end - began,
    checkMs: end - ran,
  };
}

/**
 * Rejects a run whose nodes change a message after they sent or received it: the text of a message cannot change. Runs that the
 * history's limit ended are not compared: they end at different events, because the length of an object is estimated.
 */
function requireSameHistory(objects: JobResult, text: JobResult): void {
  if ([objects, text].some(({ result }) => parseResult(result).earlyEnd === "history-limit")) return;
  const [one = [], other = []] = [objects.history, text.history];
  const different = one.findIndex((line, i) => line !== other[i]);
  if (different < 0 && one.length === other.length) return;
  const at = different < 0 ? one.length : different;
  throw new BenchError(
    `a node changes a message after it sent or received it: event ${at} of the history is ` +
      `${other[at] ?? "missing"} if messages travel as text, but ${
        one[at] ?? "missing"
      } if they travel as objects. ` +
      "Copy the fields that change.",
  );
}
