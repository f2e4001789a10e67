/** The order of the messages in each key's log, from all sends and polls. Tested by `tests/checkers/kafka_test.ts`. */

import { valueAt } from "../columns.ts";
import { compareAsInClojureSet } from "../elle/clojure_hash.ts";
import { compareValues } from "../value_key.ts";
import type { Batch, Batches, KafkaHistory, KafkaOperation, Offset } from "./operations.ts";

/** Messages that some operations sent or polled. */
export interface MessageSet {
  /** The keys of these operations, in the order of their first occurrence. */
  readonly keys: ReadonlySet<string>;
  /** By message: 1 if it belongs to the set. */
  readonly has: Uint8Array;
}

/** The log of one key. Only offsets with messages count, so gaps cost nothing. */
export interface VersionOrder {
  /**
   * The offsets that were seen, ascending. A negative offset is not part of the log, as in Jepsen. A position in this list is an
   * *index*: an offset without gaps.
   */
  readonly offsets: readonly Offset[];
  /** By index: the message that is used. */
  readonly byIndex: readonly number[];
  /** The indexes at which readers or writers disagreed, ascending, with all messages that were seen there. */
  readonly conflicts: ReadonlyMap<number, readonly number[]>;
}

/** The logs of all keys. */
export interface VersionOrders {
  /** By key: its log. */
  readonly logs: ReadonlyMap<string, VersionOrder>;
  /** By message: its last index in `byIndex` of its key; −1 if it is unknown. */
  readonly indexOf: Int32Array;
}

/**
 * Returns the messages of successful polls.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, polledMessages, readKafkaHistory } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "send", value: [["send", "k", 1]] },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "send", value: [["send", "k", [0, 1]]] },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "poll", value: [["poll"]] },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "poll", value: [["poll", { k: [[0, 1]] }]] },
 * ];
 * assertEquals([...polledMessages(readKafkaHistory(history)).has], [1]);
 * ```
 */
export function polledMessages(history: KafkaHistory): MessageSet {
  return messagesOf(history, (operation) => operation.type === "ok" ? operation.polled : []);
}

/** Returns the messages of sends that failed. */
export function failedSends(history: KafkaHistory): MessageSet {
  return messagesOf(history, (operation) => operation.type === "fail" ? operation.sent : []);
}

function messagesOf(
  { operations, values }: KafkaHistory,
  batches: (operation: KafkaOperation) => Batches,
): MessageSet {
  const keys = new Set<string>();
  const has = new Uint8Array(values.length);
  for (const operation of operations) {
    for (const { key, messages } of batches(operation)) {
      keys.add(key);
      for (const message of messages) has[message] = 1;
    }
  }
  return { keys, has };
}

/** Returns true if an operation must have taken effect: it was acknowledged, or one of its messages was polled. */
export function mustHaveCommitted({ type, sent }: KafkaOperation, polled: MessageSet): boolean {
  if (type !== "info") return type === "ok";
  return sent.some(({ messages }) => messages.some((message) => polled.has[message] === 1));
}

/**
 * Returns the version order of each key.
 *
 * It comes from all polls with any outcome, because a consumer never sees uncommitted messages; and from the
 * sends that must have taken effect.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, polledMessages, readKafkaHistory, versionOrders } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "send", value: [["send", "k", 1]] },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "send", value: [["send", "k", [0, 1]]] },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "poll", value: [["poll"]] },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "poll", value: [["poll", { k: [[0, 1]] }]] },
 * ];
 * const kafka = readKafkaHistory(history);
 * const { logs } = versionOrders(kafka, polledMessages(kafka));
 * assertEquals(logs.get("k")?.offsets, [0]);
 * ```
 */
export function versionOrders({ operations, values }: KafkaHistory, polled: MessageSet): VersionOrders {
  const seen = new Map<string, SeenOffsets>();
  // By message: the offset at which it was last seen. Most messages are polled many times at the same offset.
  const lastSeenAt: (Offset | null)[] = new Array(values.length).fill(null);
  const note = ({ key, offsets, messages }: Batch): void => {
    let ofKey = seen.get(key);
    for (let i = 0; i < messages.length; i++) {
      const message = valueAt(messages, i);
      const offset = offsets[i] ?? null;
      if (offset === null || offset < 0 || offset === lastSeenAt[message]) continue;
      lastSeenAt[message] = offset;
      if (ofKey === undefined) seen.set(key, ofKey = new SeenOffsets());
      ofKey.add(offset, message);
    }
  };
  for (const operation of operations) {
    operation.received.forEach(note);
    if (operation.sent.length > 0 && mustHaveCommitted(operation, polled)) operation.sent.forEach(note);
  }
  const indexOf = new Int32Array(values.length).fill(-1);
  const logs = new Map<string, VersionOrder>();
  for (const [key, ofKey] of seen) {
    const order = ofKey.toOrder(values);
    order.byIndex.forEach((message, index) => {
      indexOf[message] = index;
    });
    logs.set(key, order);
  }
  return { logs, indexOf };
}

/** The offsets of one key, with the messages that were seen there. */
class SeenOffsets {
  readonly #first = new Map<Offset, number>();
  readonly #several = new Map<Offset, number[]>();

  add(offset: Offset, message: number): void {
    const first = this.#first.get(offset);
    if (first === undefined) {
      this.#first.set(offset, message);
      return;
    }
    const several = this.#several.get(offset) ?? [first];
    if (several.includes(message)) return;
    several.push(message);
    this.#several.set(offset, several);
  }

  toOrder(values: readonly unknown[]): VersionOrder {
    const offsets = [...this.#first.keys()].sort(compareOffsets);
    const conflicts = new Map<number, readonly number[]>();
    const byIndex = offsets.map((offset, index) => {
      const there = this.#several.get(offset);
      if (there === undefined) return this.#first.get(offset) ?? 0;
      there
        .sort((a, b) => compareValues(values[a], values[b]))
        .sort((a, b) => compareAsInClojureSet(values[a], values[b]));
      conflicts.set(index, there);
      return there[0] ?? 0;
    });
    return { offsets, byIndex, conflicts };
  }
}

function compareOffsets(a: Offset, b: Offset): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Calls back with each message of a log and its index, ascending. Messages at the same index follow each other. */
export function forEachMessage(
  { byIndex, conflicts }: VersionOrder,
  visit: (message: number, index: number) => void,
): void {
  byIndex.forEach((message, index) => {
    const several = conflicts.get(index);
    if (several === undefined) visit(message, index);
    else for (const each of several) visit(each, index);
  });
}

/** Returns the distance between two messages of a key; 1, as if adjacent, if the index of either is unknown. */
export function distance(
  { indexOf }: VersionOrders,
  from: number | undefined,
  to: number | undefined,
): number {
  if (from === undefined || to === undefined) return 1;
  const first = valueAt(indexOf, from);
  const second = valueAt(indexOf, to);
  return first < 0 || second < 0 ? 1 : second - first;
}

/** Returns the messages between two messages of a key, at most `limit` of them. */
export function between(
  { logs, indexOf }: VersionOrders,
  key: string,
  options: { readonly from: number; readonly to: number; readonly limit: number },
): readonly number[] {
  const first = valueAt(indexOf, options.from);
  const second = valueAt(indexOf, options.to);
  return logs.get(key)?.byIndex.slice(first + 1, Math.min(second, first + 1 + options.limit)) ?? [];
}
