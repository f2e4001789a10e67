/** Findings in the replies that clients received. Tested by `tests/bench/findings/summaries_test.ts`. */

import { type Event, type History, NEMESIS } from "../../checkers/history.ts";
import { type ValueKey, valueKey } from "../../checkers/value_key.ts";
import { isObject } from "../../protocol/schema.ts";
import { times } from "../format.ts";
import { clip } from "../report/html/text.ts";
import type { ParsedResult, ParsedWorkload } from "../store/parsed_result.ts";
import { type Draft, json } from "./draft.ts";
import type { Example } from "./finding.ts";
import { TIMEOUT_ERROR } from "../workloads/operations.ts";

/** Returns the findings of wrong echoes, grouped by problem. */
export function echoes({ echo: errors = [] }: ParsedWorkload, history: History): Draft[] {
  if (errors.length === 0) return [];
  const answers = new Map<ValueKey, Event>(); // by value, the first with it
  for (const event of history) {
    const key = valueKey(event.value);
    if (event.type !== "invoke" && event.type !== "info" && !answers.has(key)) answers.set(key, event);
  }
  const byProblem = new Map<string, { count: number; readonly first: Example }>();
  for (const { expected, received } of errors) {
    const event = answers.get(valueKey(received));
    const { problem, example } = echoProblem(expected, received, event);
    const known = byProblem.get(problem);
    if (known !== undefined) known.count++;
    else {
      byProblem.set(problem, {
        count: 1,
        first: { sentences: [example], events: event === undefined ? [] : [event], cycle: [] },
      });
    }
  }
  const examples = [...byProblem].map(([problem, { count, first }]): Example => ({
    ...first,
    sentences: [`${problem}${count === 1 ? "" : ` (${times(count)})`}. ${first.sentences[0]}`],
  }));
  return [{ name: "echo-errors", count: errors.length, examples }];
}

/** Returns the problem with an echo reply, and an example. */
function echoProblem(
  sent: unknown,
  received: unknown,
  event: Event | undefined,
): { readonly problem: string; readonly example: string } {
  if (event?.type === "fail") {
    return { problem: `The request was refused: ${shownError(event.error)}`, example: `Sent ${json(sent)}.` };
  }
  const example = `Sent ${json(sent)}, received ${json(received)}.`;
  if (isObject(received) && received["echo"] !== undefined) {
    return { problem: "The field echo differs from the value that was sent", example };
  }
  const others = isObject(received)
    ? Object.keys(received).filter((name) => !["type", "in_reply_to", "msg_id"].includes(name))
    : [];
  const unexpected = others.length === 0 ? "" : `; ${others.join(", ")} is not expected`;
  return { problem: `The field echo is missing${unexpected}`, example };
}

/** Maximum length of a shown error, in characters. A stack trace fits. */
const ERROR_LENGTH_MAX = 2000;

function shownError(error: unknown): string {
  return clip(errorText(error), ERROR_LENGTH_MAX);
}

/** Returns an operation's error as text: `not-supported: unknown type "echo"`. */
function errorText(error: unknown): string {
  return Array.isArray(error)
    ? error.map((part) => typeof part === "string" ? part : json(part)).filter((part) => part !== "").join(
      ": ",
    )
    : typeof error === "string"
    ? error.replace(/:\s*$/, "")
    : json(error);
}

/** Maximum number of different errors shown. */
export const ERRORS_SHOWN_MAX = 3;

/**
 * Returns the errors that clients received, the most frequent first. Errors that differ only in numbers count as
 * equal. A valid run has only those that left an operation indeterminate, without timeouts.
 */
export function clientErrors(
  { valid }: ParsedResult,
  history: History,
  told: ReadonlySet<string>,
): Draft[] {
  const sorted = errorsOf(history).filter(({ event: { f, type, error } }) =>
    !told.has(f) && (valid !== true || (type === "info" && error !== TIMEOUT_ERROR))
  );
  if (sorted.length === 0) return [];
  const examples = sorted.slice(0, ERRORS_SHOWN_MAX).map((error): Example => ({
    sentences: [`${error.event.f}, ${describeError(error)}`],
    events: [error.event],
    cycle: [],
  }));
  const count = sorted.reduce((sum, each) => sum + each.count, 0);
  return [{ name: "client-errors", severity: "info", count, examples }];
}

/** An error of operations, with the first of them. */
export interface CountedError {
  readonly count: number;
  readonly event: Event;
}

/** Returns an error with its count: `12 times: malformed reply: …`. */
export function describeError({ count, event: { error } }: CountedError): string {
  return `${times(count)}: ${
    error === TIMEOUT_ERROR ? "no reply before the client's timeout" : shownError(error)
  }`;
}

/**
 * Returns the errors of operations, the most frequent first. Errors of one `f` that differ only in numbers count as
 * one.
 */
export function errorsOf(history: History): CountedError[] {
  const found = new Map<string, { count: number; readonly event: Event }>();
  for (const event of history) {
    const { process, type, error, f } = event;
    if (process === NEMESIS || (type !== "fail" && type !== "info") || error === undefined) continue;
    const name = `${f} ${errorText(error).replaceAll(/\d+/g, "0")}`;
    const known = found.get(name);
    if (known === undefined) found.set(name, { count: 1, event });
    else known.count++;
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
