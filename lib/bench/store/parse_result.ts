/**
 * Reads result maps back into typed fields. Results have Jepsen's keys, which `lib/checkers/jepsen.ts` writes; this is
 * the only reader of those keys. A field of another type than expected is treated as absent, because a store may be
 * damaged or of Maelstrom.
 *
 * Tested by `tests/bench/terminal/summary_test.ts`.
 */

import { ENDING_KINDS } from "../../checkers/kafka/ending_kinds.ts";
import type { Event } from "../../checkers/history.ts";
import type { Validity } from "../../checkers/result.ts";
import { isObject } from "../../protocol/schema.ts";
import type { Remark } from "../../sim/remarks.ts";
import type { ExceededBound } from "../run/bounds.ts";
import type { Violation } from "../invariants/journal.ts";
import type { StuckNode } from "../run/progress.ts";
import type {
  ParsedConvergence,
  ParsedCounter,
  ParsedCounts,
  ParsedEchoError,
  ParsedExample,
  ParsedIds,
  ParsedIsolation,
  ParsedLatencies,
  ParsedLiveness,
  ParsedLogAnomaly,
  ParsedLogs,
  ParsedRegister,
  ParsedRegisters,
  ParsedResult,
  ParsedSet,
  ParsedStats,
  ParsedStep,
  ParsedViolation,
  ParsedWorkload,
} from "./parsed_result.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Returns the typed fields of a result map. */
export function parseResult(value: unknown): ParsedResult {
  const result = fields(value);
  const availability = fields(result["availability"]);
  return {
    valid: validity(result["valid"]),
    workload: parseWorkload(fields(result["workload"])),
    stats: parseStats(fields(result["stats"])),
    availability: {
      valid: validity(availability["valid"]),
      okFraction: numeric(availability["ok-fraction"]),
    },
    servers: parseServers(fields(result["net"])["servers"]),
    nodeFaults: list(fields(result["nodes"])["faults"]).filter(isObject).map(({ node, kind, text }) => ({
      node: String(node),
      kind: String(kind),
      text: String(text),
    })),
    exceededBounds: list(fields(result["bounds"])["exceeded"]).filter(isExceededBound),
    liveness: parseLiveness(fields(result["liveness"])),
    invariants: parseInvariants(fields(result["invariants"])),
    remarks: list(result["remarks"]).filter(isRemark),
    caveats: list(result["caveats"]).filter(isObject).map(({ text }) => ({ text: String(text) })),
    convergence: parseConvergence(result["convergence"]),
    earlyEnd: textual(fields(result["early-end"])["kind"]),
    interrupted: result["interrupted"] === true,
  };
}

function parseLiveness(liveness: Fields): ParsedLiveness {
  return {
    valid: validity(liveness["valid"]),
    withinMs: numeric(liveness["within-ms"]),
    stuck: list(liveness["stuck"]).filter(isStuckNode),
  };
}

function parseInvariants(invariants: Fields): ParsedResult["invariants"] {
  return {
    valid: validity(invariants["valid"]),
    violations: list(invariants["violations"]).filter(isInvariantViolation),
  };
}

function parseServers(value: unknown): ParsedResult["servers"] {
  if (!isObject(value)) return undefined;
  return { messageCount: numeric(value["msg-count"]), perOperation: numeric(value["msgs-per-op"]) };
}

function parseStats(stats: Fields): ParsedStats {
  const byFunction = Object.entries(fields(stats["by-f"])).filter(([, counts]) => isObject(counts));
  return {
    ...parseCounts(stats),
    byFunction: new Map(byFunction.map(([f, counts]) => [f, parseCounts(fields(counts))])),
  };
}

function parseCounts(counts: Fields): ParsedCounts {
  return {
    valid: validity(counts["valid"]),
    count: numeric(counts["count"]),
    okCount: numeric(counts["ok-count"]) ?? 0,
    failCount: numeric(counts["fail-count"]) ?? 0,
    infoCount: numeric(counts["info-count"]) ?? 0,
  };
}

function parseConvergence(value: unknown): ParsedConvergence | undefined {
  if (!isObject(value)) return undefined;
  return {
    converged: value["converged"] === true,
    keyCount: numeric(value["key-count"]),
    differentCount: numeric(value["different-count"]) ?? 0,
    silent: list(value["silent"]).map(String),
  };
}

function parseWorkload(workload: Fields): ParsedWorkload {
  return {
    valid: validity(workload["valid"]),
    error: textual(workload["error"]),
    warning: textual(workload["warning"]),
    malformed: list(workload["malformed"]),
    errorCount: list(workload["errors"]).length,
    duplicated: Object.entries(fields(workload["duplicated"])),
    set: parseSet(workload),
    counter: parseCounter(workload),
    ids: parseIds(workload),
    echo: parseEcho(workload),
    registers: parseRegisters(workload),
    logs: parseLogs(workload),
    isolation: parseIsolation(workload),
    violations: list(workload["violations"]).filter(isObject).map(parseViolation),
    parts: Object.values(fields(workload["parts"])).map((part) => parseWorkload(fields(part))),
  };
}

/** The outcomes of elements, as the names of their counts begin. */
const ELEMENT_OUTCOMES = ["stable", "lost", "never-read", "stale", "duplicated"] as const;

function parseSet(workload: Fields): ParsedSet | undefined {
  if (["attempt-count", "lost", "stable-latencies"].every((key) => workload[key] === undefined)) {
    return undefined;
  }
  const counts = ELEMENT_OUTCOMES.flatMap((outcome): [string, number][] => {
    const count = numeric(workload[`${outcome}-count`]);
    return count === undefined ? [] : [[outcome, count]];
  });
  return {
    attemptCount: numeric(workload["attempt-count"]),
    counts: new Map(counts),
    lost: list(workload["lost"]),
    unexpected: list(workload["unexpected"]),
    stableLatencies: parseLatencies(workload["stable-latencies"]),
    lostLatencies: parseLatencies(workload["lost-latencies"]),
  };
}

function parseLatencies(value: unknown): ParsedLatencies | undefined {
  if (!isObject(value)) return undefined;
  return {
    shortest: numeric(value["0"]),
    median: numeric(value["0.5"]),
    p95: numeric(value["0.95"]),
    p99: numeric(value["0.99"]),
    longest: numeric(value["1"]),
  };
}

function parseCounter(workload: Fields): ParsedCounter | undefined {
  const { acceptable, errors } = workload;
  if (acceptable === undefined) return undefined;
  const finalReads = workload["final-reads"];
  return {
    errors: list(errors).filter(isEvent),
    finalReads: Array.isArray(finalReads) ? finalReads : undefined,
    acceptable,
  };
}

function parseIds(workload: Fields): ParsedIds | undefined {
  const acknowledgedCount = numeric(workload["acknowledged-count"]);
  return acknowledgedCount === undefined
    ? undefined
    : { acknowledgedCount, duplicatedCount: numeric(workload["duplicated-count"]) };
}

/** An error is a list: a text, the value that was sent, a text, and the value that was received. */
function parseEcho({ errors, acceptable }: Fields): readonly ParsedEchoError[] | undefined {
  if (!Array.isArray(errors) || acceptable !== undefined) return undefined;
  return errors.filter((error) => Array.isArray(error)).map(([, expected, , received]) => ({
    expected,
    received,
  }));
}

function parseRegisters(workload: Fields): ParsedRegisters | undefined {
  const { results, failures } = workload;
  if (results === undefined && failures === undefined) return undefined;
  const failing = Object.entries(fields(results)).flatMap(([key, found]) =>
    isObject(found) && found["valid"] === false ? [parseRegister(key, fields(found["linearizable"]))] : []
  );
  return {
    count: isObject(results) ? Object.keys(results).length : undefined,
    failureCount: list(failures).length,
    failing,
  };
}

function parseRegister(key: string, found: Fields): ParsedRegister {
  const { op, malformed, error, because } = found;
  return {
    key,
    failed: isEvent(op) ? op : undefined,
    linearized: list(found["linearized"]).filter(isEvent),
    linearizedCount: numeric(found["linearized-count"]),
    pending: list(found["pending"]).filter(isEvent),
    possibleValues: list(found["configs"]).map((config) =>
      isObject(config) ? fields(config["model"])["value"] ?? null : config
    ),
    malformed,
    error,
    because: textual(because),
  };
}

function parseLogs(workload: Fields): ParsedLogs | undefined {
  // These accompany the cycles of their components.
  const kinds = list(workload["error-types"]).map(String).filter((kind) => !kind.endsWith("-cycle-exists"));
  // The kinds that make a check incomplete are not among the types.
  for (const kind of ENDING_KINDS) if (workload[kind] !== undefined) kinds.push(kind);
  const lag = fields(workload["worst-realtime-lag"]);
  const lagS = numeric(lag["lag"]);
  if (kinds.length === 0 && lagS === undefined) return undefined;
  return {
    anomalies: kinds.map((kind) => parseLogAnomaly(kind, fields(workload[kind]))),
    badKinds: new Set(list(workload["bad-error-types"]).map(String)),
    worstLag: lagS === undefined ? undefined : { lagS, key: lag["key"], process: lag["process"] },
  };
}

function parseLogAnomaly(kind: string, found: Fields): ParsedLogAnomaly {
  const examples = list(found["errs"]);
  if (kind !== "unseen") {
    return { kind, count: numeric(found["count"]) ?? examples.length, examples, unseen: undefined };
  }
  const messages = Object.entries(fields(found["messages"]));
  return {
    kind,
    count: Object.values(fields(found["unseen"])).reduce<number>((sum, n) => sum + Number(n), 0),
    examples: [],
    unseen: new Map(messages.map(([key, values]) => [key, list(values)])),
  };
}

function parseIsolation(workload: Fields): ParsedIsolation | undefined {
  if (["anomaly-types", "anomalies", "newer-findings"].every((key) => workload[key] === undefined)) {
    return undefined;
  }
  const counts = fields(workload["anomaly-counts"]);
  return {
    types: list(workload["anomaly-types"]).map(String),
    anomalies: Object.entries(fields(workload["anomalies"])).map(([type, examples]) => ({
      type,
      count: numeric(counts[type]),
      examples: list(examples),
    })),
    not: list(workload["not"]),
    alsoNotCount: list(workload["also-not"]).length,
    newer: list(workload["newer-findings"]).filter(isObject).map(({ kind, count, elle }) => ({
      kind: String(kind),
      count: Number(count),
      elle,
    })),
  };
}

function parseViolation({ name, title, meaning, cause, severity, count, examples }: Fields): ParsedViolation {
  const cases = list(examples).filter(isObject).map(({ text, events }) => ({
    text: String(text),
    events: list(events).filter(isEvent),
  }));
  return {
    name: String(name),
    title: textual(title),
    meaning: textual(meaning),
    cause: textual(cause),
    severity: severity === "unknown" || severity === "info" ? severity : "invalid",
    count: numeric(count) ?? cases.length,
    examples: cases,
  };
}

/** Returns the typed fields of an example; undefined if it is not a map. */
export function parseExample(value: unknown): ParsedExample | undefined {
  if (!isObject(value)) return undefined;
  const { key, index, offset, expected, element, not, duplicates, writer } = value;
  return {
    steps: list(value["steps"]).filter(isObject).map(parseStep),
    cycle: list(value["cycle"]),
    key,
    value: value["value"],
    values: listOrNone(value["values"]),
    delta: numeric(value["delta"]),
    skipped: list(value["skipped"]),
    index,
    offset,
    offsets: listOrNone(value["offsets"]),
    maxReadIndex: numeric(value["max-read-index"]),
    transactions: listOrNone(value["txns"]),
    microOperation: listOrNone(value["mop"]),
    violatedModel: textual(not),
    component: listOrNone(value["scc"]),
    expected,
    element,
    duplicates: isObject(duplicates) ? duplicates : undefined,
    writer: isEvent(writer) ? writer : undefined,
    fields: Object.entries(value),
  };
}

function parseStep(step: Fields): ParsedStep {
  const { type, from, to, why, key, value } = step;
  return {
    type: String(type),
    from: String(from),
    to: String(to),
    why: String(why ?? `${from} before ${to}`),
    key,
    value,
    nextValue: step["value'"],
  };
}

/** Returns true if a value is an event of a history. */
export function isEvent(value: unknown): value is Event {
  return isObject(value) && typeof value["index"] === "number" && typeof value["time"] === "number" &&
    typeof value["f"] === "string" && typeof value["type"] === "string" && value["process"] !== undefined;
}

function isExceededBound(value: unknown): value is ExceededBound {
  return isObject(value) && typeof value["figure"] === "string" && typeof value["bound"] === "number" &&
    (value["value"] === null || typeof value["value"] === "number");
}

function isStuckNode(value: unknown): value is StuckNode {
  return isObject(value) && typeof value["node"] === "string" &&
    list(value["links"]).every((link) =>
      isObject(link) && typeof link["peer"] === "string" && typeof link["sent"] === "number" &&
      typeof link["received"] === "number" && Array.isArray(link["types"])
    );
}

function isInvariantViolation(value: unknown): value is Violation {
  return isObject(value) && typeof value["name"] === "string" && typeof value["text"] === "string" &&
    (value["kind"] === "violated" || value["kind"] === "threw") && typeof value["node"] === "string" &&
    typeof value["step"] === "number" &&
    typeof value["timeMs"] === "number" && isObject(value["values"]) &&
    Object.values(value["values"]).every(isObject);
}

function isRemark(value: unknown): value is Remark {
  return isObject(value) && typeof value["kind"] === "string" && typeof value["node"] === "string" &&
    typeof value["count"] === "number" && typeof value["stopsReading"] === "boolean" &&
    Array.isArray(value["examples"]);
}

function validity(value: unknown): Validity | undefined {
  return typeof value === "boolean" || value === "unknown" ? value : undefined;
}

function numeric(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function textual(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function listOrNone(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
