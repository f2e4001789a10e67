/** The state of an explored cluster as a text. Tested by `tests/bench/explore/state_search_test.ts`. */

import type { Event } from "../../checkers/history.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";
import type { Envelope } from "../../sim/envelope.ts";

/** The parts of a cluster's state. */
export interface StateParts {
  /** The watched values of each node, as JSON by name. */
  readonly nodes: Iterable<readonly [node: string, values: ReadonlyMap<string, string>]>;
  /** The messages on their way, and those that arrived once and will arrive again. */
  readonly messages: Iterable<{ readonly message: Envelope; readonly copies: number }>;
  /** The timers, with the time until each one fires. */
  readonly timers: Iterable<{ readonly node: string; readonly left: string }>;
  readonly history: readonly Event[];
  /** The used parts of the bounds. */
  readonly spent: Readonly<Record<string, number>>;
  /** The name of the cut, if the network is cut. */
  readonly cut?: string | undefined;
}

/**
 * Returns a text that is equal for equal states. Each operation is in it with the operations that ended before it,
 * since a checker sees no other order.
 */
export function stateText({ nodes, messages, timers, history, spent, cut }: StateParts): string {
  const watched = [...nodes].map(([node, values]) => [node, [...values].sort(byName)] as const).sort(byName);
  return JSON.stringify([
    watched,
    [...messages].map(({ message, copies }) => `${copies} ${messageText(message)}`).sort(),
    [...timers].map(({ node, left }) => `${node} ${left}`).sort(),
    operationTexts(history).sort(),
    spent,
    cut,
  ]);
}

/** Returns the content of a message. The order of its fields does not count. */
export function messageText({ src, dest, body }: Envelope): string {
  return `${src}>${dest} ${stringifyExactJson(Object.entries(body).sort(byName))}`;
}

/** Returns each operation and its outcome, with the number of operations of each process that ended before it. */
function operationTexts(history: readonly Event[]): string[] {
  const texts: string[] = [];
  const ended = new Map<unknown, number>();
  const counts = new Map<unknown, number>();
  for (const { process, type, f, value } of history) {
    const what = `${process} ${type} ${f} ${stringifyExactJson(value)}`;
    const count = (counts.get(process) ?? 0) + 1;
    counts.set(process, count);
    const before = type === "invoke"
      ? [...ended].map(([other, number]) => `${other}:${number}`).sort().join()
      : "";
    texts.push(`${what} ${count} ${before}`);
    if (type !== "invoke") ended.set(process, (ended.get(process) ?? 0) + 1);
  }
  return texts;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
