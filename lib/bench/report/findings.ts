/** From a result map to what a person is told: each anomaly, with the events that prove it. */

import type { Event, History } from "../../checkers/history.ts";
import { MAY_NEVER_SUCCEED } from "../../checkers/stats.ts";
import { sameValue } from "../../checkers/value_key.ts";
import { isObject } from "../../protocol/schema.ts";
import { plural } from "../plural.ts";
import { type Words, wordsFor } from "./anomaly_words.ts";
import { figureText, valueJson } from "./text.ts";

/** How many cases of an anomaly are shown. */
export const CASES_SHOWN_MAX = 3;
const EVENTS_SHOWN_MAX = 24;
const TEXT_MAX = 400;

/** One edge of a cycle, explained. */
export interface CycleEdge {
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** One case of an anomaly. */
export interface Case {
  /** What is to be said of this very case. */
  readonly sentences: readonly string[];
  /** The events that prove it. */
  readonly events: readonly Event[];
  /** The edges, where it is a cycle: `events` are then T1, T2, … */
  readonly cycle: readonly CycleEdge[];
  /** The key that it is about, where operations have many. */
  readonly focus?: string | undefined;
  /** Where it is a register's history: the longest prefix in an order that explains it, and what fits nowhere. */
  readonly register?: RegisterCase;
}

/** A register that is not linearizable. */
export interface RegisterCase {
  readonly key: string;
  /** The last operations of the longest linearizable prefix, in their order. */
  readonly linearized: readonly Event[];
  readonly linearizedCount: number;
  readonly failed: Event | undefined;
  readonly pending: readonly Event[];
  /** What the register can have held then. */
  readonly states: readonly string[];
}

/** Something to be told. */
export interface Finding {
  readonly id: string;
  readonly name: string;
  readonly words: Words;
  /** Whether it makes the run invalid, leaves it unknown, or only informs. */
  readonly weight: "invalid" | "unknown" | "informs";
  readonly count: number;
  readonly cases: readonly Case[];
}

type ResultMap = Readonly<Record<string, unknown>>;

/** All findings, the grave ones first. */
export function findingsOf(result: ResultMap, history: History): Finding[] {
  const workload = part(result, "workload");
  const drafts: Draft[] = [
    ...nodeFindings(result),
    ...isolation(workload),
    ...logs(workload),
    ...registers(workload),
    ...sets(workload, history),
    ...counters(workload),
    ...ids(workload, history),
    ...echoes(workload, history),
    ...checkErrors(workload),
    ...wholeTest(result),
  ];
  const order = { invalid: 0, unknown: 1, informs: 2 } as const;
  drafts.sort((a, b) => order[a.weight ?? "invalid"] - order[b.weight ?? "invalid"]);
  return drafts.map(({ name, weight = "invalid", count, cases }, i) => ({
    id: `finding-${i + 1}`,
    name,
    words: wordsFor(name),
    weight,
    count,
    cases: cases.slice(0, CASES_SHOWN_MAX),
  }));
}

interface Draft {
  readonly name: string;
  readonly weight?: Finding["weight"];
  readonly count: number;
  readonly cases: readonly Case[];
}

function isolation(workload: ResultMap): Draft[] {
  const anomalies = part(workload, "anomalies");
  const counts = part(workload, "anomaly-counts");
  const grave = workload["valid"] === false ? "invalid" as const : "unknown" as const;
  return Object.entries(anomalies).map(([name, found]): Draft => {
    const examples = Array.isArray(found) ? found : [];
    const count = counts[name];
    return {
      name,
      weight: grave,
      count: typeof count === "number" ? count : Math.max(1, examples.length),
      cases: smallestFirst(examples).slice(0, CASES_SHOWN_MAX).map(caseOf),
    };
  });
}

/** Short cycles say most. */
function smallestFirst(examples: readonly unknown[]): unknown[] {
  const size = (example: unknown) =>
    isObject(example) && Array.isArray(example["cycle"]) ? example["cycle"].length : 0;
  return [...examples].sort((a, b) => size(a) - size(b));
}

function logs(workload: ResultMap): Draft[] {
  const types = list(workload["error-types"]).map(String);
  const bad = new Set(list(workload["bad-error-types"]).map(String));
  if (workload["no-writer-of-value"] !== undefined) types.push("no-writer-of-value");
  return types.map((name): Draft => {
    const found = workload[name];
    const grave = workload["valid"] === false ? "invalid" as const : "unknown" as const;
    const weight = bad.has(name) || name === "no-writer-of-value" ? grave : "informs";
    if (name === "unseen" && isObject(found)) {
      const messages = Object.entries(part(found, "messages"));
      const count = Object.values(part(found, "unseen")).reduce<number>((sum, n) => sum + Number(n), 0);
      const sentences = messages.slice(0, 8).map(([key, values]) => `key ${key}: ${json(values)}`);
      return { name, weight, count, cases: [{ sentences, events: [], cycle: [] }] };
    }
    const errs = list(isObject(found) ? found["errs"] : undefined);
    const count = isObject(found) && typeof found["count"] === "number" ? found["count"] : errs.length;
    return { name, weight, count, cases: errs.slice(0, CASES_SHOWN_MAX).map(caseOf) };
  });
}

function registers(workload: ResultMap): Draft[] {
  const results = part(workload, "results");
  const failures = Object.entries(results).filter(([, found]) => isObject(found) && found["valid"] === false);
  if (failures.length === 0) return [];
  return [{
    name: "not-linearizable",
    count: failures.length,
    cases: failures.slice(0, CASES_SHOWN_MAX).map(([key, found]) =>
      registerCase(key, part(isObject(found) ? found : {}, "linearizable"))
    ),
  }];
}

function registerCase(key: string, found: ResultMap): Case {
  const failed = isEvent(found["op"]) ? found["op"] : undefined;
  const linearized = list(found["linearized"]).filter(isEvent);
  const pending = list(found["pending"]).filter(isEvent);
  const count = found["linearized-count"];
  const because = typeof found["because"] === "string" ? [`Key ${key}: ${found["because"]}.`] : [];
  const malformed = eventsIn(found["malformed"]);
  return {
    sentences: because.length > 0 ? because : [`Key ${key}: ${json(found["error"] ?? found["malformed"])}`],
    events: [...(failed === undefined ? [] : [failed]), ...linearized.slice(-4), ...pending, ...malformed],
    cycle: [],
    register: {
      key,
      linearized,
      linearizedCount: typeof count === "number" ? count : linearized.length,
      failed,
      pending,
      states: list(found["configs"]).map((config) =>
        json(isObject(config) ? part(config, "model")["value"] ?? null : config)
      ),
    },
  };
}

function sets(workload: ResultMap, history: History): Draft[] {
  if (typeof workload["attempt-count"] !== "number") return [];
  const drafts: Draft[] = [];
  const lost = list(workload["lost"]);
  if (lost.length > 0) {
    const latencies = part(workload, "lost-latencies")["1"];
    const late = typeof latencies === "number" && latencies > 0
      ? [`The longest that one was visible before it was lost: ${latencies} ms.`]
      : [];
    drafts.push({
      name: "lost",
      count: lost.length,
      cases: lost.slice(0, CASES_SHOWN_MAX).map((element, i) =>
        lostCase(element, history, i === 0 ? late : [])
      ),
    });
  }
  const malformed = list(workload["malformed"]);
  if (malformed.length > 0) {
    drafts.push({ name: "malformed", count: malformed.length, cases: malformed.map(caseOf) });
  }
  const unexpected = list(workload["unexpected"]);
  if (unexpected.length > 0) {
    const sentences = [`For example ${unexpected.slice(0, 8).map((one) => json(one)).join(", ")}.`];
    drafts.push({
      name: "unexpected",
      weight: "informs",
      count: unexpected.length,
      cases: [{ sentences, events: readsWith(unexpected[0], history).slice(0, 1), cycle: [] }],
    });
  }
  const duplicated = Object.entries(part(workload, "duplicated"));
  if (duplicated.length > 0) {
    const sentences = duplicated.slice(0, 8).map(([element, times]) =>
      `${element} came ${times} times in one read`
    );
    drafts.push({
      name: "duplicated",
      weight: "informs",
      count: duplicated.length,
      cases: [{ sentences, events: [], cycle: [] }],
    });
  }
  return drafts;
}

/** Who added it, who saw it first and last, and the last read that lacks it. */
function lostCase(element: unknown, history: History, more: readonly string[]): Case {
  const adds = history.filter(({ f, type, value }) =>
    (f === "broadcast" || f === "add") && type !== "invoke" && sameValue(value, element)
  );
  const reads = history.filter(({ f, type, value }) => f === "read" && type === "ok" && Array.isArray(value));
  const seen = readsWith(element, history);
  const last = seen.at(-1);
  const missing = reads.filter((read) => read.index > (last?.index ?? adds[0]?.index ?? -1)).at(-1);
  const sentences = [
    `${json(element)} was ${adds[0]?.type === "ok" ? "acknowledged" : "added"}${
      last === undefined
        ? ", and no read ever held it"
        : `, and ${plural(seen.length, "read", figureText)} held it`
    }; the last reads do not.`,
    ...more,
  ];
  const events = [adds[0], seen[0], last, missing].filter((event) => event !== undefined);
  return { sentences, events: [...new Set(events)], cycle: [] };
}

function readsWith(element: unknown, history: History): Event[] {
  const plain = typeof element === "number" || typeof element === "string";
  return history.filter(({ f, type, value }) =>
    f === "read" && type === "ok" && Array.isArray(value) &&
    (plain ? value.includes(element) : value.some((one) => sameValue(one, element)))
  );
}

function counters(workload: ResultMap): Draft[] {
  const errors = list(workload["errors"]).filter(isEvent);
  if (workload["acceptable"] === undefined || errors.length === 0) return [];
  const cases = errors.map((event): Case => ({
    sentences: [
      `Read ${json(event.value)} at the end, where ${ranges(workload["acceptable"])} would be right.`,
    ],
    events: [event],
    cycle: [],
  }));
  return [{ name: "counter-errors", count: errors.length, cases }];
}

/** Closed ranges in words. */
export function ranges(acceptable: unknown): string {
  const texts = list(acceptable).map((range) => {
    const [lower, upper] = list(range).map(json);
    return lower === upper ? `${lower}` : `${lower} to ${upper}`;
  });
  return texts.length === 0 ? "nothing" : texts.join(" or ");
}

function ids(workload: ResultMap, history: History): Draft[] {
  if (typeof workload["acknowledged-count"] !== "number") return [];
  const duplicated = Object.entries(part(workload, "duplicated"));
  const count = workload["duplicated-count"];
  if (duplicated.length === 0) return [];
  const cases = duplicated.slice(0, CASES_SHOWN_MAX).map(([id, times]): Case => ({
    sentences: [`${id} was given ${times} times.`],
    events: history.filter(({ type, f, value }) =>
      type === "ok" && f === "generate" && (typeof value === "string" ? value : json(value)) === id
    ).slice(0, EVENTS_SHOWN_MAX),
    cycle: [],
  }));
  return [{ name: "duplicate-ids", count: typeof count === "number" ? count : duplicated.length, cases }];
}

function echoes(workload: ResultMap, history: History): Draft[] {
  const errors = list(workload["errors"]).filter((error) => Array.isArray(error));
  if (errors.length === 0) return [];
  const cases = errors.slice(0, CASES_SHOWN_MAX).map((error): Case => {
    const received = error[3];
    const event = history.find(({ type, value }) => type !== "invoke" && sameValue(value, received));
    return {
      sentences: [`Sent ${json(error[1])}, received ${json(received)}.`],
      events: event === undefined ? [] : [event],
      cycle: [],
    };
  });
  return [{ name: "echo-errors", count: errors.length, cases }];
}

function checkErrors(workload: ResultMap): Draft[] {
  if (typeof workload["error"] !== "string") return [];
  const found = workload["error"];
  return [{
    name: "check-error",
    weight: "unknown",
    count: 1,
    cases: [{ sentences: [found], events: [], cycle: [] }],
  }];
}

function nodeFindings(result: ResultMap): Draft[] {
  const drafts: Draft[] = [];
  const faults = list(part(result, "nodes")["faults"]).filter(isObject);
  if (faults.length > 0) {
    const cases = faults.map(({ node, text }): Case => ({
      sentences: [`${node}: ${text}`],
      events: [],
      cycle: [],
    }));
    drafts.push({ name: "node-faults", count: faults.length, cases });
  }
  const remarks = list(result["remarks"]).filter(isObject);
  for (const name of ["refused-lines", "odd-lines"]) {
    const found = remarks.filter(({ stopsReading }) => stopsReading === (name === "refused-lines"));
    const cases = found.flatMap(({ node, examples }) =>
      list(examples).filter(isObject).map(({ problem, line, lineNumber }): Case => ({
        sentences: [
          `${node}${lineNumber === undefined ? "" : `, line ${lineNumber}`}: ${problem}`,
          ...(line === undefined ? [] : [String(line)]),
        ],
        events: [],
        cycle: [],
      }))
    );
    const count = found.reduce((sum, each) => sum + Number(each["count"]), 0);
    if (cases.length > 0) drafts.push({ name, weight: "informs", count, cases });
  }
  return drafts;
}

function wholeTest(result: ResultMap): Draft[] {
  const drafts: Draft[] = [];
  const stats = part(result, "stats");
  const never = Object.entries(part(stats, "by-f")).filter(([f, counts]) =>
    isObject(counts) && counts["valid"] === false && !MAY_NEVER_SUCCEED.has(f)
  );
  if (stats["valid"] === false && never.length > 0) {
    const cases = never.map(([f, counts]): Case => ({
      sentences: [
        `${f}: ${
          plural(Number(isObject(counts) ? counts["count"] : 0), "operation", figureText)
        }, none of them ok.`,
      ],
      events: [],
      cycle: [],
    }));
    drafts.push({ name: "never-succeeded", count: never.length, cases });
  }
  const availability = part(result, "availability");
  if (availability["valid"] === false) {
    const fraction = Number(availability["ok-fraction"]);
    const sentences = [`${figureText(fraction * 100)} % of the operations succeeded.`];
    drafts.push({ name: "availability", count: 1, cases: [{ sentences, events: [], cycle: [] }] });
  }
  return drafts;
}

/** A case of any form: its cycle, the events in it, and whatever else it says. */
function caseOf(found: unknown): Case {
  if (!isObject(found)) return { sentences: [json(found)], events: [], cycle: [] };
  const steps = list(found["steps"]).filter(isObject);
  if (steps.length > 0) {
    const cycle = steps.map(({ type, from, to, why }): CycleEdge => ({
      type: String(type),
      from: String(from),
      to: String(to),
      why: String(why ?? `${from} before ${to}`),
    }));
    const events = list(found["cycle"]).filter(isEvent).slice(0, steps.length);
    return { sentences: cycle.map(({ why }) => `${why}.`), events, cycle };
  }
  const key = found["key"];
  return {
    sentences: factSentences(found),
    events: eventsIn(found).slice(0, EVENTS_SHOWN_MAX),
    cycle: [],
    focus: typeof key === "string" ? key : undefined,
  };
}

/** What a case says beside its events. */
function factSentences(found: ResultMap): string[] {
  const { key, values, delta, skipped, value, index } = found;
  if (Array.isArray(values) && typeof delta === "number") {
    const between = Array.isArray(skipped) && skipped.length > 0
      ? `; between them stand ${json(skipped)}`
      : "";
    const far = delta > 0 ? `${delta} further in its log` : `${-delta} back in its log`;
    return [`Key ${key}: after ${json(values[0])} came ${json(values[1])}, ${far}${between}.`];
  }
  if (typeof found["max-read-index"] === "number") {
    return [
      `Key ${key}: ${
        json(value)
      } was acknowledged and stands at position ${index} of its log. No poll ever returned it, ` +
      `although position ${found["max-read-index"]} was polled.`,
    ];
  }
  if (Array.isArray(found["txns"]) && value !== undefined) {
    return [`Key ${json(key)}: each of these read ${json(value)}, and wrote on top of it.`];
  }
  const facts = Object.entries(found)
    .filter(([, fact]) => eventsIn(fact).length === 0)
    .map(([name, fact]) => `${name}: ${typeof fact === "string" ? fact : json(fact)}`);
  return facts.length === 0 ? [] : [facts.join("; ")];
}

/** The events anywhere in a value, each once, in the order of the history. */
export function eventsIn(value: unknown): Event[] {
  const found = new Map<number, Event>();
  const visit = (one: unknown, depth: number): void => {
    if (isEvent(one)) found.set(one.index, one);
    else if (depth < 6 && Array.isArray(one)) { for (const each of one) visit(each, depth + 1); }
    else if (depth < 6 && isObject(one)) { for (const each of Object.values(one)) visit(each, depth + 1); }
  };
  visit(value, 0);
  return [...found.values()].sort((a, b) => a.index - b.index);
}

function isEvent(value: unknown): value is Event {
  return isObject(value) && typeof value["index"] === "number" && typeof value["time"] === "number" &&
    typeof value["f"] === "string" && typeof value["type"] === "string" && value["process"] !== undefined;
}

function part(map: ResultMap, name: string): ResultMap {
  const value = map[name];
  return isObject(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function json(value: unknown): string {
  return value === null ? "null" : valueJson(value, TEXT_MAX);
}
