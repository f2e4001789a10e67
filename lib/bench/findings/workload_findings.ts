/** Findings in the workload's part of a result. */

import type { Event, History } from "../../checkers/history.ts";
import { sameValue } from "../../checkers/value_key.ts";
import { isObject } from "../../protocol/schema.ts";
import { plural } from "../format.ts";
import { numberText } from "../report/html/text.ts";
import { describeAnomaly } from "./anomaly_descriptions.ts";
import { operationName, type Subject } from "./causes/find_cause.ts";
import {
  type Draft,
  EVENTS_SHOWN_MAX,
  eventsIn,
  exampleOf,
  isEvent,
  json,
  list,
  part,
  type ResultMap,
  withSubject,
} from "./draft.ts";
import { type Example, EXAMPLES_SHOWN_MAX } from "./finding.ts";

/** Returns the findings of Elle. */
export function isolation(workload: ResultMap): Draft[] {
  const anomalies = part(workload, "anomalies");
  const counts = part(workload, "anomaly-counts");
  const severe = workload["valid"] === false ? "invalid" as const : "unknown" as const;
  return Object.entries(anomalies).map(([name, found]): Draft => {
    const examples = Array.isArray(found) ? found : [];
    const count = counts[name];
    return {
      name,
      severity: severe,
      count: typeof count === "number" ? count : Math.max(1, examples.length),
      examples: smallestFirst(examples).slice(0, EXAMPLES_SHOWN_MAX).map(exampleOf),
    };
  });
}

/** Sorts short cycles first, because they are easiest to read. */
function smallestFirst(examples: readonly unknown[]): unknown[] {
  const size = (example: unknown) =>
    isObject(example) && Array.isArray(example["cycle"]) ? example["cycle"].length : 0;
  return [...examples].sort((a, b) => size(a) - size(b));
}

/** Maximum number of keys for which unpolled messages are named. */
const UNSEEN_KEYS_MAX = 8;

/** Returns the findings of the log checker. */
export function logs(workload: ResultMap): Draft[] {
  const types = list(workload["error-types"]).map(String);
  const bad = new Set(list(workload["bad-error-types"]).map(String));
  if (workload["no-writer-of-value"] !== undefined) types.push("no-writer-of-value");
  return types.map((name): Draft => {
    const found = workload[name];
    const severe = workload["valid"] === false ? "invalid" as const : "unknown" as const;
    const severity = bad.has(name) || name === "no-writer-of-value" ? severe : "info";
    if (name === "unseen" && isObject(found)) {
      const messages = Object.entries(part(found, "messages"));
      const count = Object.values(part(found, "unseen")).reduce<number>((sum, n) => sum + Number(n), 0);
      const sentences = messages.slice(0, UNSEEN_KEYS_MAX).map(([key, values]) =>
        `Key ${key}: ${list(values).length === 1 ? "message" : "messages"} ${
          list(values).map(json).join(", ")
        } acknowledged, but never polled.`
      );
      return { name, severity, count, examples: [{ sentences, events: [], cycle: [] }] };
    }
    const errs = list(isObject(found) ? found["errs"] : undefined);
    const count = isObject(found) && typeof found["count"] === "number" ? found["count"] : errs.length;
    const examples = errs.slice(0, EXAMPLES_SHOWN_MAX).map((err) =>
      withSubject(exampleOf(err), logSubject(name, err))
    );
    return { name, severity, count, examples };
  });
}

/** Returns the subject of a log case, if it is more than its operations. */
function logSubject(name: string, found: unknown): Subject | undefined {
  if (!isObject(found)) return undefined;
  const { key, value, offset, values } = found;
  if (typeof key !== "string") return undefined;
  if (name === "inconsistent-offsets" && Array.isArray(values)) {
    return { kind: "offset", key, offset, values };
  }
  return name === "lost-write" ? { kind: "lost", key, value } : undefined;
}

/** Returns the findings of registers that are not linearizable. */
export function registers(workload: ResultMap): Draft[] {
  const results = part(workload, "results");
  const failures = Object.entries(results).filter(([, found]) => isObject(found) && found["valid"] === false);
  if (failures.length === 0) return [];
  return [{
    name: "not-linearizable",
    count: failures.length,
    examples: failures.slice(0, EXAMPLES_SHOWN_MAX).map(([key, found]) =>
      registerCase(key, part(isObject(found) ? found : {}, "linearizable"))
    ),
  }];
}

function registerCase(key: string, found: ResultMap): Example {
  const failed = isEvent(found["op"]) ? found["op"] : undefined;
  const linearized = list(found["linearized"]).filter(isEvent);
  const pending = list(found["pending"]).filter(isEvent);
  const count = found["linearized-count"];
  const states = list(found["configs"]).map((config) =>
    json(isObject(config) ? part(config, "model")["value"] ?? null : config)
  );
  const malformed = eventsIn(found["malformed"]);
  return {
    sentences: [
      failed === undefined
        ? `Key ${key}: ${json(found["error"] ?? found["malformed"])}`
        : `Key ${key}: no order of the operations explains ${
          operationName(failed)
        }. By then the register can only have ` +
          `held ${states.length === 0 ? "something else" : states.join(" or ")}.`,
    ],
    events: [...(failed === undefined ? [] : [failed]), ...linearized.slice(-4), ...pending, ...malformed],
    cycle: [],
    ...(failed === undefined ? {} : {
      subject: { kind: "register", before: linearized.findLast(({ f }) => f !== "read"), failed },
    }),
    register: {
      key,
      linearized,
      linearizedCount: typeof count === "number" ? count : linearized.length,
      failed,
      pending,
      states,
    },
  };
}

/** Returns findings in sets: lost, unexpected or repeated elements. */
export function sets(workload: ResultMap, history: History): Draft[] {
  if (typeof workload["attempt-count"] !== "number") return [];
  const drafts: Draft[] = [];
  const lost = list(workload["lost"]);
  if (lost.length > 0) {
    const latencies = part(workload, "lost-latencies")["1"];
    const late = typeof latencies === "number" && latencies > 0
      ? [`The longest time that an element was visible before it was lost: ${latencies} ms.`]
      : [];
    drafts.push({
      name: "lost",
      count: lost.length,
      examples: lost.slice(0, EXAMPLES_SHOWN_MAX).map((element, i) =>
        lostCase(element, history, i === 0 ? late : [])
      ),
    });
  }
  const malformed = list(workload["malformed"]);
  if (malformed.length > 0) {
    drafts.push({ name: "malformed", count: malformed.length, examples: malformed.map(exampleOf) });
  }
  const unexpected = list(workload["unexpected"]);
  if (unexpected.length > 0) {
    const sentences = [`For example ${unexpected.slice(0, 8).map((one) => json(one)).join(", ")}.`];
    drafts.push({
      name: "unexpected",
      severity: "info",
      count: unexpected.length,
      examples: [{ sentences, events: readsWith(unexpected[0], history).slice(0, 1), cycle: [] }],
    });
  }
  const duplicated = Object.entries(part(workload, "duplicated"));
  if (duplicated.length > 0) {
    const sentences = duplicated.slice(0, 8).map(([element, times]) =>
      `${element} appeared ${times} times in one read`
    );
    drafts.push({
      name: "duplicated",
      severity: "info",
      count: duplicated.length,
      examples: [{ sentences, events: [], cycle: [] }],
    });
  }
  return drafts;
}

/** Describes the addition of an element, its first and last reads, and the last read that lacks it. */
function lostCase(element: unknown, history: History, more: readonly string[]): Example {
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
        ? ", and no read contained it"
        : `, and ${plural(seen.length, "read", numberText)} contained it`
    }; the last reads do not.`,
    ...more,
  ];
  const events = [adds[0], seen[0], last, missing].filter((event) => event !== undefined);
  return { sentences, events: [...new Set(events)], cycle: [], subject: { kind: "lost", value: element } };
}

function readsWith(element: unknown, history: History): Event[] {
  const plain = typeof element === "number" || typeof element === "string";
  return history.filter(({ f, type, value }) =>
    f === "read" && type === "ok" && Array.isArray(value) &&
    (plain ? value.includes(element) : value.some((one) => sameValue(one, element)))
  );
}

/** Returns the findings of final reads that are not a possible sum. */
export function counters(workload: ResultMap): Draft[] {
  const errors = list(workload["errors"]).filter(isEvent);
  if (workload["acceptable"] === undefined || errors.length === 0) return [];
  const examples = errors.map((event): Example => ({
    sentences: [
      `Read ${json(event.value)} at the end. Acceptable: ${ranges(workload["acceptable"])}.`,
    ],
    events: [event],
    cycle: [],
    subject: { kind: "sum", read: event },
  }));
  return [{ name: "counter-errors", count: errors.length, examples }];
}

/** Returns closed ranges as text. */
export function ranges(acceptable: unknown): string {
  const texts = list(acceptable).map((range) => {
    const [lower, upper] = list(range).map(json);
    return lower === upper ? `${lower}` : `${lower} to ${upper}`;
  });
  return texts.length === 0 ? "nothing" : texts.join(" or ");
}

/** Returns the findings of ids that were assigned more than once. */
export function ids(workload: ResultMap, history: History): Draft[] {
  if (typeof workload["acknowledged-count"] !== "number") return [];
  const duplicated = Object.entries(part(workload, "duplicated"));
  const count = workload["duplicated-count"];
  if (duplicated.length === 0) return [];
  const examples = duplicated.slice(0, EXAMPLES_SHOWN_MAX).map(([id, times]): Example => {
    const events = history.filter(({ type, f, value }) =>
      type === "ok" && f === "generate" && (typeof value === "string" ? value : json(value)) === id
    ).slice(0, EVENTS_SHOWN_MAX);
    return {
      sentences: [`${id} was assigned ${times} times.`],
      events,
      cycle: [],
      subject: { kind: "ids", answers: events },
    };
  });
  return [{ name: "duplicate-ids", count: typeof count === "number" ? count : duplicated.length, examples }];
}

/** Returns the reason why a check did not finish, as a finding. */
export function checkErrors(workload: ResultMap): Draft[] {
  if (typeof workload["error"] !== "string") return [];
  const found = workload["error"];
  return [{
    name: "check-error",
    severity: "unknown",
    count: 1,
    examples: [{ sentences: [found], events: [], cycle: [] }],
  }];
}

/** Returns anomalies that only a newer release of Elle reports. They do not change the verdict. */
export function newer(workload: ResultMap): Draft[] {
  const found = list(workload["newer-findings"]).filter(isObject);
  if (found.length === 0) return [];
  const examples = found.map(({ kind, count, elle }): Example => ({
    sentences: [
      `${describeAnomaly(String(kind)).title}: ${plural(Number(count), "time")}, ${
        elle === null
          ? "which no release of Elle reports"
          : `which Elle ${elle} reports; --elle ${elle} counts it`
      }.`,
    ],
    events: [],
    cycle: [],
  }));
  return [{ name: "newer-findings", severity: "info", count: found.length, examples }];
}
