/** The order of the messages in each key's log, from all sends and polls. Tested by `tests/checkers/kafka_test.ts`. */

import { compareAsInClojureSet } from "../elle/clojure_hash.ts";
import { compareValues } from "../value_key.ts";
import type { KafkaHistory, KafkaOperation, Offset } from "./operations.ts";

/** The values that were sent or polled, by key. */
export type ValuesByKey = ReadonlyMap<string, ReadonlySet<number>>;

/** The log of one key. Only offsets with messages count, so gaps cost nothing. */
export interface VersionOrder {
  /** The offsets that were seen, ascending. A position in this list is an *index*: an offset without gaps. */
  readonly offsets: readonly Offset[];
  /** By index: the values that were seen there. More than one means that readers or writers disagreed. */
  readonly log: readonly (readonly number[])[];
  /** By index: the value that is used. */
  readonly byIndex: readonly number[];
  /** The last index of each value in `byIndex`. */
  readonly byValue: ReadonlyMap<number, number>;
}

/**
 * Returns the values of successful polls, by key.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, polledValues, readKafkaHistory } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "send", value: [["send", "k", 1]] },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "send", value: [["send", "k", [0, 1]]] },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "poll", value: [["poll"]] },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "poll", value: [["poll", { k: [[0, 1]] }]] },
 * ];
 * const { operations } = readKafkaHistory(history);
 * assertEquals(polledValues(operations).get("k")?.size, 1);
 * ```
 */
export function polledValues(operations: readonly KafkaOperation[]): ValuesByKey {
  return valuesOf(operations, (operation) => operation.type === "ok" ? operation.polled : null);
}

/** Returns the values of sends with this outcome, by key. */
export function sentValues(operations: readonly KafkaOperation[], type: KafkaOperation["type"]): ValuesByKey {
  return valuesOf(operations, (operation) => operation.type === type ? operation.sent : null);
}

function valuesOf(
  operations: readonly KafkaOperation[],
  messages: (operation: KafkaOperation) => KafkaOperation["sent"] | null,
): ValuesByKey {
  const byKey = new Map<string, Set<number>>();
  for (const operation of operations) {
    for (const [key, list] of messages(operation) ?? []) {
      let values = byKey.get(key);
      if (values === undefined) byKey.set(key, values = new Set());
      for (const { value } of list) values.add(value);
    }
  }
  return byKey;
}

/** Returns true if an operation must have taken effect: it was acknowledged, or one of its messages was polled. */
export function mustHaveCommitted(operation: KafkaOperation, polled: ValuesByKey): boolean {
  if (operation.type !== "info") return operation.type === "ok";
  for (const [key, messages] of operation.sent) {
    const seen = polled.get(key);
    if (seen !== undefined && messages.some(({ value }) => seen.has(value))) return true;
  }
  return false;
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
 * import { type History, polledValues, readKafkaHistory, versionOrders } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "send", value: [["send", "k", 1]] },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "send", value: [["send", "k", [0, 1]]] },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "poll", value: [["poll"]] },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "poll", value: [["poll", { k: [[0, 1]] }]] },
 * ];
 * const kafka = readKafkaHistory(history);
 * const orders = versionOrders(kafka, polledValues(kafka.operations));
 * assertEquals(orders.get("k")?.offsets, [0]);
 * ```
 */
export function versionOrders(
  { operations, values }: KafkaHistory,
  polled: ValuesByKey,
): ReadonlyMap<string, VersionOrder> {
  const logs = new Map<string, Map<Offset, number[]>>();
  const note = (messages: KafkaOperation["sent"]): void => {
    for (const [key, list] of messages) {
      let log = logs.get(key);
      for (const { offset, value } of list) {
        if (offset === null) continue;
        if (log === undefined) logs.set(key, log = new Map());
        const there = log.get(offset);
        if (there === undefined) log.set(offset, [value]);
        else if (!there.includes(value)) there.push(value);
      }
    }
  };
  for (const operation of operations) {
    note(operation.polled);
    if (operation.sent.size > 0 && mustHaveCommitted(operation, polled)) note(operation.sent);
  }
  return new Map([...logs].map(([key, log]) => [key, versionOrder(log, values)]));
}

function versionOrder(log: ReadonlyMap<Offset, number[]>, values: readonly unknown[]): VersionOrder {
  const offsets = [...log.keys()].sort(compareOffsets);
  const byOffset = offsets.map((offset) => {
    const there = log.get(offset) ?? [];
    return there.length < 2 ? there : there
      .sort((a, b) => compareValues(values[a], values[b]))
      .sort((a, b) => compareAsInClojureSet(values[a], values[b]));
  });
  const byIndex = byOffset.map(([first]) => first ?? 0);
  const byValue = new Map<number, number>();
  byIndex.forEach((value, index) => byValue.set(value, index));
  return { offsets, log: byOffset, byIndex, byValue };
}

function compareOffsets(a: Offset, b: Offset): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns the distance from `from` to `to` in an order; 1, as if adjacent, if the position of either is unknown. */
export function distance(
  order: VersionOrder | undefined,
  from: number | undefined,
  to: number | undefined,
): number {
  if (order === undefined || from === undefined || to === undefined) return 1;
  const first = order.byValue.get(from);
  const second = order.byValue.get(to);
  return first === undefined || second === undefined ? 1 : second - first;
}

/** Returns the values between two values in an order, at most `limit` of them. */
export function between(
  order: VersionOrder | undefined,
  from: number,
  options: { readonly to: number; readonly limit: number },
): readonly number[] {
  const first = order?.byValue.get(from);
  const second = order?.byValue.get(options.to);
  if (order === undefined || first === undefined || second === undefined) return [];
  return order.byIndex.slice(first + 1, Math.min(second, first + 1 + options.limit));
}
