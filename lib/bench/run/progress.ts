/**
 * Checks liveness: after the faults have ended, every node must answer within a bound, and the nodes must agree if the workload
 * says so. The requests are not part of the history.
 *
 * Tested by `tests/bench/run/progress_test.ts`.
 */

import { CODE, RpcError } from "../../protocol/errors.ts";
import { valueAt } from "../../checkers/columns.ts";
import { sameValue, type ValueKey, valueKey } from "../../checkers/value_key.ts";
import { isClient } from "../../protocol/message.ts";
import { show } from "../../protocol/schema.ts";
import type { Clock } from "../../runtime/host.ts";
import type { Envelope } from "../../sim/envelope.ts";
import { messageOf } from "../errors.ts";
import type { ProgressCheck } from "../workloads/workload.ts";
import type { Connections } from "./connections.ts";
import type { RunSignals } from "./run_signals.ts";

/** The delay between two rounds of requests, in ms. */
const RETRY_MS = 100;
/** The maximum number of message types that are named per link. */
const TYPES_MAX = 3;
/** The maximum number of characters kept of an answer. */
const ANSWER_LENGTH_MAX = 200;

/** The messages of one link since the faults ended. */
export interface LinkWait {
  readonly peer: string;
  readonly sent: number;
  readonly received: number;
  /** The types of the messages that were sent. */
  readonly types: readonly string[];
}

/** A node that made no progress within the bound. */
export interface StuckNode {
  readonly node: string;
  /** The last answer, if the node answered but differs from others. */
  readonly answer?: string;
  /** The error with which the node answered the last request; absent after a timeout. */
  readonly error?: string;
  /** The state that the node describes, if it does. */
  readonly state?: string;
  /** Its messages with each peer to which it sent any. */
  readonly links: readonly LinkWait[];
}

/** The outcome of the check. */
export interface Progress {
  readonly withinMs: number;
  /** The time from the end of the faults to the last answer, in ms; undefined if a node made no progress. */
  readonly afterMs?: number;
  readonly stuck: readonly StuckNode[];
}

/** The parts of a run that the check needs. */
export interface ProgressParts {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly signals: RunSignals;
  readonly links: LinkCounts;
  /** The nodes whose output the bench ignores, as Maelstrom does. They are not asked. */
  readonly muted: ReadonlySet<string>;
  readonly stateOf?: ((node: string) => string | undefined) | undefined;
}

/** Counts messages between nodes, from its start on. */
export class LinkCounts {
  #hasStarted = false;
  readonly #counts = new Map<string, Map<string, Map<string, number>>>(); // by sender, receiver, type

  /** Counts a message that is sent. */
  sent({ src, dest, body }: Envelope): void {
    if (!this.#hasStarted || isClient(src) || isClient(dest)) return;
    const byDest = entry(this.#counts, src, () => new Map<string, Map<string, number>>());
    const types = entry(byDest, dest, () => new Map<string, number>());
    const type = String(body["type"]);
    types.set(type, (types.get(type) ?? 0) + 1);
  }

  /** Starts to count. */
  start(): void {
    this.#hasStarted = true;
  }

  /** Returns the messages of a node with each peer to which it sent any; first those that sent none back. */
  of(node: string): LinkWait[] {
    return [...this.#counts.get(node) ?? []].map(([peer, types]) => ({
      peer,
      sent: total(types),
      received: total(this.#counts.get(peer)?.get(node)),
      types: [...types].sort(([, a], [, b]) => b - a).slice(0, TYPES_MAX).map(([type]) => type),
    })).sort((a, b) => Number(a.received > 0) - Number(b.received > 0));
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}

function total(counts: ReadonlyMap<string, number> | undefined): number {
  return [...counts?.values() ?? []].reduce((sum, count) => sum + count, 0);
}

type Answer = { readonly value: unknown } | { readonly error: string | undefined };

/** Asks all nodes again and again, until all of them answer and agree, or the bound is reached. */
export async function checkProgress(
  nodes: readonly string[],
  check: ProgressCheck,
  { withinMs, parts }: { readonly withinMs: number; readonly parts: ProgressParts },
): Promise<Progress> {
  const { clock, signals, links, stateOf } = parts;
  const began = clock.now();
  links.start();
  const done = new Set<string>();
  for (;;) {
    const asked = nodes.filter((node) => !parts.muted.has(node) && !done.has(node));
    const answers = await ask(asked, check, parts);
    // Without agreement, an answer at any time counts. With it, all nodes must give theirs at the same time.
    if (check.agrees !== true) {
      for (const [node, answer] of answers) if ("value" in answer) done.add(node);
    }
    const stuck = stuckOf(answers, check.agrees === true);
    const afterMs = clock.now() - began;
    if (stuck.length === 0 && afterMs <= withinMs) return { withinMs, afterMs, stuck: [] };
    if (afterMs >= withinMs || signals.isStopped) {
      return {
        withinMs,
        stuck: stuck.map(([node, answer]) => {
          const state = stateOf?.(node);
          return {
            node,
            ...("value" in answer
              ? { answer: answerText(answer.value) }
              : answer.error === undefined
              ? {}
              : { error: answer.error }),
            ...(state === undefined ? {} : { state }),
            links: links.of(node),
          };
        }),
      };
    }
    await pause(clock, signals);
  }
}

async function ask(
  nodes: readonly string[],
  check: ProgressCheck,
  { connections }: ProgressParts,
): Promise<(readonly [node: string, answer: Answer])[]> {
  return await Promise.all(nodes.map(async (node) => {
    const outcome = await connections.once(node, check.request());
    return [
      node,
      "error" in outcome ? { error: errorText(outcome.error) } : { value: outcome.value },
    ] as const;
  }));
}

/** Returns the text of an error; undefined for a timeout. */
function errorText(error: unknown): string | undefined {
  if (!(error instanceof RpcError)) return messageOf(error);
  return error.code === CODE.timeout ? undefined : `error ${error.code}: ${error.message}`;
}

/** Returns the end of an answer's text, in which a list is sorted. */
function answerText(value: unknown): string {
  const text = Array.isArray(value) ? `[${value.map(show).sort().join(", ")}]` : show(value);
  return text.slice(-ANSWER_LENGTH_MAX);
}

/** Returns the nodes that did not answer or, if they must agree, all nodes if their answers differ. */
function stuckOf(
  answers: readonly (readonly [node: string, answer: Answer])[],
  agrees: boolean,
): readonly (readonly [node: string, answer: Answer])[] {
  const silent = answers.filter(([, answer]) => "error" in answer);
  if (silent.length > 0 || !agrees) return silent;
  const [first, ...others] = answers.flatMap(([, answer]) => "value" in answer ? [answer.value] : []);
  return others.every(sameAs(first)) ? [] : answers;
}

/** Returns a function that compares an answer with the first one, apart from the order of a list. */
export function sameAs(first: unknown): (answer: unknown) => boolean {
  if (!Array.isArray(first)) return (answer) => sameValue(first, answer);
  const numbers = new Map<ValueKey, number>();
  const counts = new Int32Array(first.length); // by the number of a value
  for (const value of first) {
    const key = valueKey(value);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    counts[number] = valueAt(counts, number) + 1;
  }
  return (answer) => {
    if (!Array.isArray(answer) || answer.length !== first.length) return false;
    const left = counts.slice();
    return answer.every((value) => {
      const number = numbers.get(valueKey(value));
      if (number === undefined || valueAt(left, number) === 0) return false;
      left[number] = valueAt(left, number) - 1;
      return true;
    });
  };
}

function pause(clock: Clock, signals: RunSignals): Promise<void> {
  return new Promise((resolve) => {
    clock.after(RETRY_MS, () => {
      signals.settled();
      resolve();
    });
  });
}
