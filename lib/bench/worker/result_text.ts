/** Reads the results that workers send as text. Tested by `tests/bench/cluster/module_test.ts`. */

import type { JepsenHistoryResult } from "../../checkers/jepsen.ts";
import type { JepsenResult as Result } from "../../checkers/result.ts";
import { parseExactJson } from "../../protocol/exact_json.ts";
import { isObject } from "../../protocol/schema.ts";
import type { TestResult } from "../run/verdict.ts";

/** Returns the result of a test; undefined if the text is not one. */
export function readTestResult(text: string): TestResult | undefined {
  const value = parseExactJson(text);
  return isTestResult(value) ? value : undefined;
}

/** Returns the result of a check of a history; undefined if the text is not one. */
export function readChecked(text: string): JepsenHistoryResult | undefined {
  const value = parseExactJson(text);
  return isChecked(value) ? value : undefined;
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
