/** Finds differences between a result and Jepsen's, except for intended ones. */

import type { JepsenHistoryResult, JepsenResult, WorkloadName } from "../../lib/checkers/mod.ts";
import { record } from "./recorded.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The differences between a test's result and Jepsen's, one sentence each. */
export function differences(workload: WorkloadName, expected: Fields, actual: JepsenHistoryResult): string[] {
  const found = [
    ...compare("availability", record(expected["availability"]), actual.availability),
    ...compare("stats", record(expected["stats"]), actual.stats),
    ...workloadDifferences(workload, record(expected["workload"]), actual.workload),
  ];
  const exceptions = exceptionSummary(expected["exceptions"]);
  same("exceptions", exceptions, exceptionSummary(actual.exceptions), found);
  // A checker of Jepsen's that threw leaves the whole test unknown, or without any verdict.
  same("valid", expected["valid"], actual.valid, found);
  return found;
}

/** The differences of a set's result. */
export function setDifferences(expected: Fields, actual: JepsenResult): string[] {
  // Jepsen counts an element as duplicated if a read contains it less than once, which is impossible. Ours counts what a
  // read contains more than once. Neither changes the verdict.
  const { duplicated: _, "duplicated-count": __, "worst-stale": worst, ...rest } = expected;
  const found = compare("workload", rest, actual);
  same("worst-stale", staleSummary(worst), staleSummary(actual["worst-stale"]), found);
  return found;
}

function workloadDifferences(workload: WorkloadName, expected: Fields, actual: JepsenResult): string[] {
  switch (workload) {
    case "broadcast":
    case "g-set":
      return setDifferences(expected, actual);
    case "echo":
      return echoDifferences(expected, actual);
    case "unique-ids":
      return idDifferences(expected, actual);
    case "kafka":
      return kafkaDifferences(expected, actual);
    case "lin-kv":
      return linKvDifferences(expected, actual);
    default:
      return compare("workload", expected, actual);
  }
}

function echoDifferences({ errors, ...rest }: Fields, actual: JepsenResult): string[] {
  const found = compare("workload", rest, actual);
  // Maelstrom lists the errors in the order of a hash map.
  const sorted = (list: unknown): string[] => Array.isArray(list) ? list.map(canonical).sort() : [];
  same("errors", sorted(errors), sorted(actual["errors"]), found);
  return found;
}

function idDifferences({ duplicated, ...rest }: Fields, actual: JepsenResult): string[] {
  const found = compare("workload", rest, actual);
  // Fixtures that passed through JavaScript have 7 where Jepsen has 7.0.
  const plain = (ids: unknown): unknown =>
    Object.fromEntries(Object.entries(record(ids)).map(([id, n]) => [id.replace(/^(-?\d+)\.0$/, "$1"), n]));
  same("duplicated", plain(duplicated), plain(actual["duplicated"]), found);
  return found;
}

function kafkaDifferences(expected: Fields, actual: JepsenResult): string[] {
  // If a polled message was never sent, Jepsen's checker throws, so only the verdict is compared.
  if (expected["error"] !== undefined) return compare("workload", { valid: expected["valid"] }, actual);
  const { "info-txn-causes": _, ...rest } = expected; // texts, in which the client quotes maps in any order
  const found: string[] = [];
  for (const [type, value] of Object.entries(rest)) {
    const count = record(value)["count"];
    if (count === undefined) same(type, value, actual[type], found);
    else same(`${type}.count`, count, record(actual[type])["count"], found);
  }
  return found;
}

function linKvDifferences(expected: Fields, actual: JepsenResult): string[] {
  const found = compare("workload", { valid: expected["valid"], failures: expected["failures"] }, actual);
  const results = record(expected["results"]);
  const ours = record(actual["results"]);
  same("keys", Object.keys(results).sort(), Object.keys(ours).sort(), found);
  for (const [key, result] of Object.entries(results)) {
    const one = record(ours[key]);
    same(`key ${key}`, record(result)["valid"], one["valid"], found);
    const failed = (from: unknown): unknown => record(record(record(from)["linearizable"])["op"])["index"];
    if (record(result)["valid"] === false) same(`key ${key}: op`, failed(result), failed(one), found);
  }
  return found;
}

/** Returns the differences in the fields of Jepsen's result. Ours may have more fields. */
function compare(part: string, expected: Fields, actual: JepsenResult): string[] {
  const found: string[] = [];
  for (const [field, value] of Object.entries(expected)) {
    same(`${part}.${field}`, value, actual[field], found);
  }
  return found;
}

function same(what: string, expected: unknown, actual: unknown, found: string[]): void {
  if (canonical(expected) === canonical(actual)) return;
  found.push(`${what} is ${canonical(actual)}, not ${canonical(expected)}`);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "bigint") return String(inner);
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  }) ?? "undefined";
}

function staleSummary(worst: unknown): unknown[] {
  if (!Array.isArray(worst)) return [];
  return worst.map((entry: unknown) => {
    const { element, "stable-latency": latency, known, "last-absent": absent } = record(entry);
    return [element, latency, record(known)["index"], record(absent)["index"]];
  });
}

function exceptionSummary(result: unknown): unknown[] {
  const list: unknown = Array.isArray(result) ? result : record(result)["exceptions"];
  if (!Array.isArray(list)) return [];
  return list.map((entry: unknown) => {
    const { class: name, count, example } = record(entry);
    return [name, count, record(example)["index"]];
  });
}
