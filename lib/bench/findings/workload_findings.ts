/** Findings in the workload's part of a result. Tested by `tests/bench/findings/summaries_test.ts`. */

import type { Event, History } from "../../checkers/history.ts";
import { endsAnalysis } from "../../checkers/kafka/ending_kinds.ts";
import { sameValue } from "../../checkers/value_key.ts";
import { plural } from "../format.ts";
import { numberText } from "../report/html/text.ts";
import { describeAnomaly } from "./anomaly_descriptions.ts";
import { operationName, type Subject } from "./causes/find_cause.ts";
import { parseExample } from "../store/parse_result.ts";
import type { ParsedLogAnomaly, ParsedRegister, ParsedWorkload } from "../store/parsed_result.ts";
import { type Draft, EVENTS_SHOWN_MAX, eventsIn, exampleOf, json, withSubject } from "./draft.ts";
import { type Example, EXAMPLES_SHOWN_MAX } from "./finding.ts";

/** Returns the severity of a finding that decides the verdict. */
function decisive({ valid }: ParsedWorkload): "invalid" | "unknown" {
  return valid === false ? "invalid" : "unknown";
}

/** Returns the findings of Elle. */
export function isolation(workload: ParsedWorkload): Draft[] {
  return (workload.isolation?.anomalies ?? []).map(({ type, count, examples }): Draft => ({
    name: type,
    severity: decisive(workload),
    count: count ?? Math.max(1, examples.length),
    examples: smallestFirst(examples).slice(0, EXAMPLES_SHOWN_MAX).map(exampleOf),
  }));
}

/** Sorts short cycles first, because they are easiest to read. */
function smallestFirst(examples: readonly unknown[]): unknown[] {
  const size = (example: unknown) => parseExample(example)?.cycle.length ?? 0;
  return [...examples].sort((a, b) => size(a) - size(b));
}

/** Maximum number of keys for which unpolled messages are named. */
const UNSEEN_KEYS_MAX = 8;

/** Returns the findings of the log checker. */
export function logs(workload: ParsedWorkload): Draft[] {
  const { anomalies = [], badKinds = new Set() } = workload.logs ?? {};
  return anomalies.map((anomaly): Draft => {
    const { kind, count } = anomaly;
    const severity = badKinds.has(kind) || endsAnalysis(kind) ? decisive(workload) : "info";
    return { name: kind, severity, count, examples: logExamples(anomaly) };
  });
}

function logExamples({ kind, examples, unseen }: ParsedLogAnomaly): Example[] {
  if (unseen === undefined) {
    return examples.slice(0, EXAMPLES_SHOWN_MAX).map((example) =>
      withSubject(exampleOf(example), logSubject(kind, example))
    );
  }
  const sentences = [...unseen].slice(0, UNSEEN_KEYS_MAX).map(([key, messages]) =>
    `Key ${key}: ${messages.length === 1 ? "message" : "messages"} ${
      messages.map(json).join(", ")
    } acknowledged, but never polled.`
  );
  return [{ sentences, events: [], cycle: [] }];
}

/** Returns the subject of a log case, if it is more than its operations. */
function logSubject(name: string, found: unknown): Subject | undefined {
  const { key, value, offset, values, skipped = [] } = parseExample(found) ?? {};
  if (typeof key !== "string") return undefined;
  if (name === "inconsistent-offsets" && values !== undefined) {
    return { kind: "offset", key, offset, values };
  }
  if (name === "lost-write") return { kind: "lost", key, value };
  return skipped.length === 0
    ? undefined
    : { kind: "skipped", key, values: skipped, events: eventsIn(found) };
}

/** Returns the findings of registers that are not linearizable. */
export function registers({ registers }: ParsedWorkload): Draft[] {
  const { failing = [] } = registers ?? {};
  if (failing.length === 0) return [];
  return [{
    name: "not-linearizable",
    count: failing.length,
    examples: failing.slice(0, EXAMPLES_SHOWN_MAX).map(registerExample),
  }];
}

function registerExample({ key, failed, linearized, pending, ...found }: ParsedRegister): Example {
  const states = found.possibleValues.map(json);
  return {
    sentences: [
      failed === undefined
        ? `Key ${key}: ${found.because ?? json(found.error ?? found.malformed)}.`
        : `Key ${key}: no order of the operations explains ${
          operationName(failed)
        }. By then the register can only have ` +
          `held ${states.length === 0 ? "something else" : states.join(" or ")}.`,
    ],
    events: [
      ...(failed === undefined ? [] : [failed]),
      ...linearized.slice(-4),
      ...pending,
      ...eventsIn(found.malformed),
    ],
    cycle: [],
    ...(failed === undefined ? {} : {
      subject: { kind: "register", before: linearized.findLast(({ f }) => f !== "read"), failed },
    }),
    register: {
      key,
      linearized,
      linearizedCount: found.linearizedCount ?? linearized.length,
      failed,
      pending,
      states,
    },
  };
}

/** Returns findings in sets: lost, unexpected or repeated elements. */
export function sets({ set, malformed, duplicated }: ParsedWorkload, history: History): Draft[] {
  if (set?.attemptCount === undefined) return [];
  const drafts: Draft[] = [];
  const { lost, unexpected, lostLatencies } = set;
  if (lost.length > 0) {
    const longestMs = lostLatencies?.longest ?? 0;
    const late = longestMs > 0
      ? [`The longest time that an element was visible before it was lost: ${longestMs} ms.`]
      : [];
    drafts.push({
      name: "lost",
      count: lost.length,
      examples: lost.slice(0, EXAMPLES_SHOWN_MAX).map((element, i) =>
        lostCase(element, history, i === 0 ? late : [])
      ),
    });
  }
  if (malformed.length > 0) {
    drafts.push({ name: "malformed", count: malformed.length, examples: malformed.map(exampleOf) });
  }
  if (unexpected.length > 0) {
    const sentences = [`For example ${unexpected.slice(0, 8).map((one) => json(one)).join(", ")}.`];
    drafts.push({
      name: "unexpected",
      severity: "info",
      count: unexpected.length,
      examples: [{ sentences, events: readsWith(unexpected[0], history).slice(0, 1), cycle: [] }],
    });
  }
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
export function counters({ counter }: ParsedWorkload): Draft[] {
  const { errors = [], acceptable } = counter ?? {};
  if (errors.length === 0) return [];
  const examples = errors.map((event): Example => ({
    sentences: [
      `Read ${json(event.value)} at the end. Acceptable: ${ranges(acceptable)}.`,
    ],
    events: [event],
    cycle: [],
    subject: { kind: "sum", read: event },
  }));
  return [{ name: "counter-errors", count: errors.length, examples }];
}

/** Returns closed ranges as text. */
function ranges(acceptable: unknown): string {
  const texts = (Array.isArray(acceptable) ? acceptable : []).map((range: unknown) => {
    const [lower, upper] = Array.isArray(range) ? range.map(json) : [];
    return lower === upper ? `${lower}` : `${lower} to ${upper}`;
  });
  return texts.length === 0 ? "nothing" : texts.join(" or ");
}

/** Returns the findings of ids that were assigned more than once. */
export function ids({ ids, duplicated }: ParsedWorkload, history: History): Draft[] {
  if (ids === undefined || duplicated.length === 0) return [];
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
  return [{ name: "duplicate-ids", count: ids.duplicatedCount ?? duplicated.length, examples }];
}

/** Returns the findings of a checker that has words of its own. */
export function violations({ violations }: ParsedWorkload): Draft[] {
  return violations.map(({ name, title, meaning, cause, severity, count, examples }): Draft => ({
    name,
    description: {
      ...(title === undefined ? {} : { title }),
      ...(meaning === undefined ? {} : { what: meaning }),
      ...(cause === undefined ? {} : { cause }),
    },
    severity,
    count,
    examples: examples.map(({ text, events }): Example => ({
      sentences: [text],
      events: events.slice(0, EVENTS_SHOWN_MAX),
      cycle: [],
      ...(events.length === 0 ? {} : { subject: { kind: "operations", events } }),
    })),
  }));
}

/** Returns the reason why a check did not finish, as a finding. */
export function checkErrors({ error }: ParsedWorkload): Draft[] {
  if (error === undefined) return [];
  return [{
    name: "check-error",
    severity: "unknown",
    count: 1,
    examples: [{ sentences: [error], events: [], cycle: [] }],
  }];
}

/** Returns anomalies that only a newer release of Elle reports. They do not change the verdict. */
export function newer({ isolation }: ParsedWorkload): Draft[] {
  const found = isolation?.newer ?? [];
  if (found.length === 0) return [];
  const examples = found.map(({ kind, count, elle }): Example => ({
    sentences: [
      `${describeAnomaly(kind).title}: ${plural(count, "time")}, ${
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
