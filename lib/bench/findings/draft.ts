/** Drafts of findings, and cases made from checker results. Tested by `tests/bench/report/findings_test.ts`. */

import type { Event } from "../../checkers/history.ts";
import { isObject } from "../../protocol/schema.ts";
import { valueText } from "../../checkers/value_key.ts";
import { isEvent, parseExample } from "../store/parse_result.ts";
import type { ParsedExample } from "../store/parsed_result.ts";
import { valueJson } from "../report/html/text.ts";
import type { AnomalyDescription } from "./anomaly_descriptions.ts";
import type { Subject } from "./causes/find_cause.ts";
import type { CycleEdge, Example, Finding } from "./finding.ts";

/** Maximum number of events shown per case. */
export const EVENTS_SHOWN_MAX = 24;
/** Maximum number of characters shown of a value. */
const TEXT_MAX = 400;

/** A finding without its number and words. */
export interface Draft {
  readonly name: string;
  /** The words of the checker, instead of those for the name. */
  readonly description?: Partial<AnomalyDescription>;
  readonly severity?: Finding["severity"];
  readonly count: number;
  readonly examples: readonly Example[];
}

/** Adds the subject by which a case's cause is found. */
export function withSubject(one: Example, subject: Subject | undefined): Example {
  return subject === undefined ? one : { ...one, subject };
}

/** Returns a case of any form: its cycle, its events, and its other facts. */
export function exampleOf(found: unknown): Example {
  const example = parseExample(found);
  if (example === undefined) return { sentences: [json(found)], events: [], cycle: [] };
  return example.steps.length > 0 ? cycleExample(example) : factExample(example, found);
}

function cycleExample({ steps, cycle }: ParsedExample): Example {
  const events = cycle.filter(isEvent).slice(0, steps.length);
  const edges = steps.map(({ type, key, value, nextValue }) => ({ type, key, value, next: nextValue }));
  return {
    sentences: steps.map(({ why }) => `${why.charAt(0).toUpperCase()}${why.slice(1)}.`),
    events,
    cycle: steps.map(({ type, from, to, why }): CycleEdge => ({ type, from, to, why })),
    subject: { kind: "cycle", transactions: events, edges },
  };
}

function factExample(example: ParsedExample, found: unknown): Example {
  const { key } = example;
  const events = eventsIn(found).slice(0, EVENTS_SHOWN_MAX);
  return {
    sentences: factSentences(example),
    events,
    cycle: [],
    ...(events.length === 0
      ? {}
      : { subject: repeatedSubject(example, events) ?? { kind: "operations", events } }),
    focus: typeof key === "string" ? key : undefined,
  };
}

/** Returns the subject of a case in which a list holds an element more than once. */
function repeatedSubject(
  { microOperation, duplicates }: ParsedExample,
  events: readonly Event[],
): Subject | undefined {
  const [name] = Object.keys(duplicates ?? {});
  if (name === undefined || microOperation === undefined) return undefined;
  const [, key, list] = microOperation;
  const value = Array.isArray(list)
    ? list.find((each) => valueText(each) === name || String(each) === name)
    : undefined;
  return value === undefined ? undefined : { kind: "repeated", key: valueText(key), value, events };
}

/** Returns the facts of a case besides its events. */
function factSentences(found: ParsedExample): string[] {
  const { key, values, delta, skipped, value, index, offset, offsets, maxReadIndex } = found;
  const { transactions, microOperation, component, violatedModel } = found;
  if (values !== undefined && offset !== undefined) {
    return [`Offset ${json(offset)} of key ${key} was given to ${values.map(json).join(" and to ")}.`];
  }
  if (offsets !== undefined && value !== undefined) {
    return [`Message ${json(value)} of key ${key} has the offsets ${offsets.map(json).join(" and ")}.`];
  }
  if (values !== undefined && delta !== undefined) {
    const between = skipped.length > 0 ? `; in between: ${json(skipped)}` : "";
    const far = delta > 0 ? `${delta} further in its log` : `${-delta} back in its log`;
    return [`Key ${key}: after ${json(values[0])} came ${json(values[1])}, ${far}${between}.`];
  }
  if (maxReadIndex !== undefined) {
    return [
      `Key ${key}: ${
        json(value)
      } was acknowledged and is at position ${index} of its log. No poll ever returned it, ` +
      `although position ${maxReadIndex} was polled.`,
    ];
  }
  if (transactions !== undefined && value !== undefined) {
    return [`Key ${json(key)}: each of these transactions read ${json(value)} and overwrote it.`];
  }
  if (microOperation !== undefined) return [microOperationSentence(microOperation, found)];
  if (component !== undefined && violatedModel !== undefined) {
    return [
      `${violatedModel} is violated: ${component.length} transactions depend on each other in a cycle.`,
    ];
  }
  const facts = found.fields
    .filter(([, fact]) => eventsIn(fact).length === 0)
    .map(([name, fact]) => `${name}: ${typeof fact === "string" ? fact : json(fact)}`);
  return facts.length === 0 ? [] : [facts.join("; ")];
}

/** Describes the problem with one step of a transaction. */
function microOperationSentence([f, key, value]: readonly unknown[], found: ParsedExample): string {
  const step = f === "r"
    ? `A read of key ${json(key)} returned ${json(value)}`
    : `A step ${json([f, key, value])} was made`;
  const { expected, element, duplicates, writer } = found;
  if (expected !== undefined) {
    const tail = Array.isArray(expected) && expected[0] === "...";
    const wanted = tail ? `a list that ends in ${expected.slice(1).map(json).join(", ")}` : json(expected);
    return `${step}, but its own transaction requires ${wanted}.`;
  }
  if (element !== undefined) {
    return `${step}, but its own transaction appended ${json(element)} only later.`;
  }
  if (duplicates !== undefined) {
    return `${step}: ${
      Object.entries(duplicates).map(([each, count]) => `${each} is in it ${count} times`).join(", ")
    }.`;
  }
  if (writer !== undefined) {
    return writer.type === "fail"
      ? `${step}, which a transaction that failed had written.`
      : `${step}, which another transaction had written.`;
  }
  return `${step}.`;
}

/** Returns the events anywhere in a value, without duplicates, in the order of the history. */
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

/** Returns a value as JSON, shortened to a readable length. */
export function json(value: unknown): string {
  return value === null ? "null" : valueJson(value, TEXT_MAX);
}
