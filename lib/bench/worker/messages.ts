/** The results and errors of jobs as messages to another thread or process. Tested by `tests/bench/worker/job_process_test.ts`. */

import type { JepsenHistoryResult } from "../../checkers/jepsen.ts";
import { resultText } from "../../checkers/parse.ts";
import type { JepsenResult as Result } from "../../checkers/result.ts";
import { parseExactJson } from "../../protocol/exact_json.ts";
import { isObject } from "../../protocol/schema.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import { BenchError, StartError } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import type { TestResult } from "../run/verdict.ts";
import type { JobResult, WorkerMessage } from "./job.ts";

/** Returns the message that carries the result of a job. */
export function resultMessage({ result, ...value }: JobResult): WorkerMessage {
  return { kind: "result", value, text: resultText(result) };
}

/** Returns the message that carries an error. */
export function errorMessage(error: unknown): WorkerMessage {
  const named = error instanceof Error ? error : new Error(String(error));
  const node = error instanceof StartError ? { node: error.node } : {};
  return { kind: "error", name: named.name, message: named.message, ...node };
}

/** Returns the result of the job that a message carries. Throws its error: `StartError`, `ArgumentError` or `BenchError`. */
export function jobResultOf(message: WorkerMessage): JobResult {
  if (message.kind !== "result") throw errorOf(message);
  const result = parseExactJson(message.text);
  if (!isTestResult(result)) throw new BenchError("the worker's result is malformed");
  return { ...message.value, result };
}

/** Returns the error that a message carries, or of a message that was not expected. */
function errorOf(said: WorkerMessage): Error {
  if (said.kind !== "error") return new BenchError(`the worker answered ${said.kind} to a different request`);
  const { name, message, node } = said;
  if (name === "StartError" && node !== undefined) return new StartError(node, message);
  if (name === "ArgumentError") return new ArgumentError(message);
  return new BenchError(message);
}

/** The outcome of a check. */
export interface CheckedHistory {
  readonly result: JepsenHistoryResult;
  /** The findings of the result and the history alone. */
  readonly findings: readonly Finding[];
}

/** Returns the outcome of a check that a message carries. Throws its error: `ArgumentError` or `BenchError`. */
export function checkedOf(message: WorkerMessage): CheckedHistory {
  if (message.kind !== "checked") throw errorOf(message);
  const result = parseExactJson(message.text);
  if (!isChecked(result)) throw new BenchError("the worker's result is malformed");
  return { result, findings: message.findings };
}

function isTestResult(value: unknown): value is TestResult {
  return isChecked(value) && isResult(value["net"]);
}

function isChecked(value: unknown): value is JepsenHistoryResult {
  return isResult(value) &&
    ["workload", "stats", "availability", "exceptions"].every((part) => isResult(value[part]));
}

function isResult(value: unknown): value is Result {
  return isObject(value) && (typeof value["valid"] === "boolean" || value["valid"] === "unknown");
}
