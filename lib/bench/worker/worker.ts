/** The worker's side of `job.ts`. Tested by `tests/bench/cluster/module_test.ts`. */

/// <reference lib="deno.worker" />

import { checkHistory, type Judge } from "../../checkers/check_history.ts";
import { historyToJepsen, type JepsenHistoryResult } from "../../checkers/jepsen.ts";
import type { History } from "../../checkers/history.ts";
import { parseHistory, resultText } from "../../checkers/parse.ts";
import type { CheckControl } from "../../checkers/result.ts";
import { parseExactJson } from "../../protocol/exact_json.ts";
import {
  type CheckJob,
  countOperations,
  type JobResult,
  type JudgeJob,
  type VirtualJob,
  type WorkerMessage,
  type WorkerRequest,
} from "./job.ts";
import { chunksOf, linesOf } from "../store/histories/text_chunks.ts";
import { ModuleProgram } from "../cluster/module/program.ts";
import { readHistory } from "../store/history_file.ts";
import { importInvariants } from "../invariants/registry.ts";
import { findingsOf } from "../findings/findings.ts";
import { withoutEnd } from "../run/early_end.ts";
import { failedJudgeOf, judge, judgeOf, type TestResult } from "../run/verdict.ts";
import { importWorkload } from "../run/workload_file.ts";
import { enter, limitedCheck } from "./limited_check.ts";
import { errorMessage, resultMessage } from "./messages.ts";
import { runVirtualJob } from "./virtual_job.ts";

/** Interval between progress reports, in ms. */
const PROGRESS_MS = 200;

const tell = (message: WorkerMessage) => self.postMessage(message);
const tellUnjudged = (answer: WorkerMessage) => tell({ kind: "unjudged", answer });

/** The module that was loaded last. It is kept because a sweep runs it under every seed. */
let loaded:
  | { readonly memory: SharedArrayBuffer; readonly args: string; readonly program: ModuleProgram }
  | undefined;

async function executeJob({ job, watch, module, workload, invariants }: WorkerRequest): Promise<void> {
  try {
    if (workload !== undefined) await importWorkload(workload);
    if (invariants !== undefined) await importInvariants(invariants);
    if (job.kind === "check") return tell(checked(job, watch));
    tell(resultMessage(job.kind === "virtual" ? await virtual(job, watch, module) : judged(job, watch)));
  } catch (error) {
    tell(errorMessage(error));
  }
}

/** Runs a job in virtual time, with a module in its own worker. */
function virtual(job: VirtualJob, watch: Int32Array, module: WorkerRequest["module"]): Promise<JobResult> {
  const nodeNumbers = new Map(job.test.nodes.map((node, i) => [node, i + 1]));
  return runVirtualJob(job, {
    ...(module === undefined ? {} : { program: moduleProgram(module, job.nodeArguments) }),
    working: (node) => {
      watch[1] = node === undefined ? 0 : nodeNumbers.get(node) ?? 0;
      Atomics.add(watch, 0, 1);
    },
    entered: (part) => enter(watch, part),
    progress: (counts) => tell({ kind: "exploring", counts }),
    check: (judge, unjudged) => {
      const { checkLimits } = job.test;
      if (checkLimits !== undefined) tellUnjudged(resultMessage(unjudged()));
      return limitedCheck(judge, { watch, limits: checkLimits });
    },
  });
}

function moduleProgram(
  { memory, source }: NonNullable<WorkerRequest["module"]>,
  nodeArguments: readonly string[],
): ModuleProgram {
  const args = JSON.stringify(nodeArguments);
  if (loaded?.memory === memory && loaded.args === args) return loaded.program;
  const program = new ModuleProgram(memory, { source, args: nodeArguments });
  loaded = { memory, args, program };
  return program;
}

function judged({ test, observations, path }: JudgeJob, watch: Int32Array): JobResult {
  const began = performance.now();
  const { reading, checking } = progressTellers();
  const lines = linesOf(chunksOf(path, { progress: reading }));
  const history = parseHistory(lines, { cutOff: observations.interrupted ? "drop" : "error" });
  const jobResult = (result: TestResult): JobResult => {
    const tookMs = performance.now() - began;
    return { result, operations: countOperations(history), tookMs, checkMs: tookMs, events: 0 };
  };
  if (test.checkLimits !== undefined) {
    const workload = failedJudgeOf(test.workload);
    tellUnjudged(resultMessage(jobResult(judge(history, { test, observations, workload }))));
  }
  return jobResult(limitedCheck(
    (control) => judge(history, { test, observations, control: { ...control, progress: checking } }),
    { watch, limits: test.checkLimits },
  ));
}

function checked(job: CheckJob, watch: Int32Array): WorkerMessage {
  const { path, workload, earlyEnd, availability, consistencyModels, elle, checkLimits } = job;
  const { reading, checking } = progressTellers();
  const { history, isModelOnly } = readHistory(path, {
    workload,
    interrupted: earlyEnd !== undefined,
    progress: reading,
  });
  const options = { availability, consistencyModels, elle, countStats: !isModelOnly };
  const check = (judge: Judge, control: CheckControl) =>
    historyToJepsen(checkHistory(judge, history, { ...options, control }));
  const answer = (result: JepsenHistoryResult, events: History): WorkerMessage => {
    const text = resultText(earlyEnd === undefined ? result : withoutEnd(result, earlyEnd));
    return { kind: "checked", text, findings: findingsOf(parseExactJson(text), events) };
  };
  if (checkLimits !== undefined) tellUnjudged(answer(check(failedJudgeOf(workload), {}), []));
  return answer(
    limitedCheck(
      (control) => check(judgeOf(workload), { ...control, progress: checking }),
      { watch, limits: checkLimits },
    ),
    history,
  );
}

/** Returns the functions that report the progress of a check at intervals. Reading the history is the first half. */
function progressTellers(): Record<"reading" | "checking", (part: number) => void> {
  let told = performance.now();
  const report = (part: number): void => {
    const now = performance.now();
    if (now - told < PROGRESS_MS) return;
    told = now;
    tell({ kind: "progress", part });
  };
  return { reading: (part) => report(part / 2), checking: (part) => report((1 + part) / 2) };
}

self.onmessage = (event: MessageEvent<WorkerRequest>) => executeJob(event.data);
tell({ kind: "ready" });
