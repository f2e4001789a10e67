/** The worker's side of `job.ts`. Tested by `tests/bench/cluster/module_test.ts`. */

/// <reference lib="deno.worker" />

import { checkHistory } from "../../checkers/check_history.ts";
import { historyToJepsen } from "../../checkers/jepsen.ts";
import type { Event } from "../../checkers/history.ts";
import { parseHistory, resultText } from "../../checkers/parse.ts";
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
import { BoundedLines } from "../store/bounded_lines.ts";
import { charactersOf, FILE_LIMIT_MB } from "../store/file_limit.ts";
import { chunksOf, linesOf } from "../store/histories/text_chunks.ts";
import { ModuleProgram } from "../cluster/module/program.ts";
import { loadProgram } from "../cluster/builtin_nodes.ts";
import { readHistory } from "../store/history_file.ts";
import { BenchError, StartError } from "../errors.ts";
import { findingsOf } from "../findings/findings.ts";
import { withoutEnd } from "../run/early_end.ts";
import { eventLine } from "../store/run_store.ts";
import { DeliveryCounter, operationCoverage } from "../run/coverage.ts";
import { limitedMessages, RECORDED_LENGTH_MAX } from "../run/message_limit.ts";
import { StateLines, STATES_LENGTH_MAX } from "../run/state_journal.ts";
import { judge } from "../run/verdict.ts";
import { runVirtual } from "../run/virtual_run.ts";

/** The maximum number of characters kept of a node's log in virtual time, because they are kept in memory. */
const LOG_LENGTH_MAX = 1_000_000;
/** Interval between progress reports, in ms. */
const PROGRESS_MS = 200;

const tell = (message: WorkerMessage) => self.postMessage(message);

/** The module that was loaded last. It is kept because a sweep runs it under every seed. */
let loaded:
  | { readonly memory: SharedArrayBuffer; readonly args: string; readonly program: ModuleProgram }
  | undefined;

async function executeJob({ job, watch, module }: WorkerRequest): Promise<void> {
  try {
    if (job.kind === "check") return tell(checked(job));
    const { result, ...value } = job.kind === "virtual" ? await virtual(job, watch, module) : judged(job);
    tell({ kind: "result", value, text: resultText(result) });
  } catch (error) {
    const named = error instanceof Error ? error : new Error(String(error));
    const node = error instanceof StartError ? { node: error.node } : {};
    tell({ kind: "error", name: named.name, message: named.message, ...node });
  }
}

async function virtual(
  job: VirtualJob,
  watch: Int32Array,
  module: WorkerRequest["module"],
): Promise<JobResult> {
  const { test } = job;
  if (job.form === "both") {
    const [objects, text] = [
      await virtual({ ...job, form: "objects", keepHistory: "always" }, watch, module),
      await virtual({ ...job, form: "text", keepHistory: "always" }, watch, module),
    ];
    requireSameHistory(objects, text);
    return text;
  }
  const began = performance.now();
  const program = module === undefined
    ? loadProgram({ workload: test.workload, args: job.nodeArguments })
    : moduleProgram(module, job.nodeArguments);
  const history: Event[] = [];
  const lengthMax = charactersOf(job.fileLimitMb ?? FILE_LIMIT_MB);
  const logs = new Map<string, BoundedLines>();
  const lines: string[] = [];
  const messages = job.keepMessages
    ? limitedMessages((line) => lines.push(line), Math.min(lengthMax, RECORDED_LENGTH_MAX))
    : undefined;
  const states: string[] = [];
  const deliveries = new DeliveryCounter();
  const nodeNumbers = new Map(test.nodes.map((node, i) => [node, i + 1]));
  const hitStates: Record<string, Record<string, number>> = {};
  const observations = await runVirtual({
    test,
    seed: job.seed,
    program,
    storage: job.storage,
    form: job.form,
    schedule: job.schedule,
    fileLimitMb: job.fileLimitMb,
    record: (event) => history.push(event),
    log: (node, text, timeMs) => {
      let log = logs.get(node);
      if (log === undefined) logs.set(node, log = new BoundedLines(Math.min(lengthMax, LOG_LENGTH_MAX)));
      log.push(`${timeMs.toFixed(3)} ${text}`);
    },
    ...(messages === undefined ? job.keepCoverage ? { messages: deliveries } : {} : {
      messages: messages.sink,
      states: (now) =>
        new StateLines(now, (line) => states.push(line), Math.min(lengthMax, STATES_LENGTH_MAX)),
    }),
    hit: (how, state) => {
      const row = hitStates[how] ??= {};
      row[state] = (row[state] ?? 0) + 1;
    },
    working: (node) => {
      watch[1] = node === undefined ? 0 : nodeNumbers.get(node) ?? 0;
      Atomics.add(watch, 0, 1);
    },
  });
  if (typeof program !== "function") program.end();
  const ran = performance.now();
  messages?.end();
  const result = judge(history, { test, observations });
  const end = performance.now();
  // A module whose worker was ended is not run again, neither for its messages nor to shrink the run. Each run would time out.
  const ended = typeof program !== "function" && program.hasEnded;
  const keep = !ended && (job.keepHistory === "always" || result.valid !== true);
  return {
    result,
    ...(keep
      ? { history: history.map(eventLine), logs: new Map([...logs].map(([node, log]) => [node, log.lines])) }
      : {}),
    ...(messages === undefined ? {} : { messages: lines, states }),
    faultSchedule: observations.faultSchedule,
    ...(job.keepCoverage
      ? {
        coverage: {
          operations: operationCoverage(history, observations.faultSchedule),
          messages: deliveries.counts,
          states: hitStates,
        },
      }
      : {}),
    operations: countOperations(history),
    tookMs: end - began,
    checkMs: end - ran,
    events: observations.events,
    virtualMs: observations.virtualMs,
  };
}

/** Rejects a run whose nodes change a message after they sent or received it: the text of a message cannot change. */
function requireSameHistory(objects: JobResult, text: JobResult): void {
  const [one = [], other = []] = [objects.history, text.history];
  const at = one.findIndex((line, i) => line !== other[i]);
  if (at < 0 && one.length === other.length) return;
  throw new BenchError(
    `a node changes a message after it sent or received it: event ${
      at < 0 ? one.length : at
    } of the history is ` +
      `${other[at] ?? "missing"} if messages travel as text, but ${
        one[at] ?? "missing"
      } if they travel as objects. ` +
      "Copy the fields that change.",
  );
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

function judged({ test, observations, path }: JudgeJob): JobResult {
  const began = performance.now();
  const { reading, checking } = progressTellers();
  const lines = linesOf(chunksOf(path, { progress: reading }));
  const history = parseHistory(lines, { cutOff: observations.interrupted ? "drop" : "error" });
  const result = judge(history, { test, observations, control: { progress: checking } });
  const tookMs = performance.now() - began;
  return { result, operations: countOperations(history), tookMs, checkMs: tookMs, events: 0 };
}

function checked(job: CheckJob): WorkerMessage {
  const { path, workload, interrupted, availability, consistencyModels, elle } = job;
  const { reading, checking } = progressTellers();
  const { history, isModelOnly } = readHistory(path, { workload, interrupted, progress: reading });
  const judgment = historyToJepsen(checkHistory(workload, history, {
    availability,
    consistencyModels,
    elle,
    countStats: !isModelOnly,
    control: { progress: checking },
  }));
  const text = resultText(interrupted ? withoutEnd(judgment) : judgment);
  return { kind: "checked", text, findings: findingsOf(parseExactJson(text), history) };
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
