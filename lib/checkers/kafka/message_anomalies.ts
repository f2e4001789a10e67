/**
 * Anomalies of single messages: lost, never polled, polled too early, at two offsets, or never sent.
 *
 * Tested by `tests/checkers/kafka_test.ts`.
 */

import type { Event } from "../history.ts";
import type { KafkaHistory, KafkaOperation, Offset } from "./operations.ts";
import { mustHaveCommitted, sentValues, type ValuesByKey, type VersionOrder } from "./version_orders.ts";

/** By key and value: the operation that sent the message. If there are several, the last. */
export type Writers = ReadonlyMap<string, ReadonlyMap<number, KafkaOperation>>;

/** Returns the operation that sent each message. */
export function writersOf(operations: readonly KafkaOperation[]): Writers {
  const writers = new Map<string, Map<number, KafkaOperation>>();
  for (const operation of operations) {
    for (const [key, messages] of operation.sent) {
      let ofKey = writers.get(key);
      if (ofKey === undefined) writers.set(key, ofKey = new Map());
      for (const { value } of messages) ofKey.set(value, operation);
    }
  }
  return writers;
}

/** A message that concerns one or two operations. */
export interface MessageCase {
  readonly key: string;
  readonly value: number;
  readonly writer?: Event;
  readonly reader?: Event;
}

/** Returns aborted reads: messages of failed sends in successful polls. */
export function abortedReads({ operations }: KafkaHistory, writers: Writers): MessageCase[] {
  const failed = sentValues(operations, "fail");
  const cases: MessageCase[] = [];
  for (const operation of operations) {
    if (operation.type !== "ok") continue;
    for (const [key, messages] of operation.polled) {
      const aborted = failed.get(key);
      if (aborted === undefined) continue;
      for (const { value } of messages) {
        if (!aborted.has(value)) continue;
        const writer = writers.get(key)?.get(value)?.event;
        cases.push({ key, value, reader: operation.event, ...(writer === undefined ? {} : { writer }) });
      }
    }
  }
  return cases;
}

/**
 * Returns the transactions that polled a message which they had sent themselves and not yet committed, one case each.
 */
export function precommittedReads({ operations }: KafkaHistory): MessageCase[] {
  const cases: MessageCase[] = [];
  for (const { sent, polled, event } of operations) {
    for (const [key, messages] of sent) {
      const own = polled.get(key)?.find(({ value }) => messages.some((message) => message.value === value));
      if (own === undefined) continue;
      cases.push({ key, value: own.value, reader: event });
      break;
    }
  }
  return cases;
}

/** Returns the messages that were polled although no operation sent them. */
export function unsentReads({ operations }: KafkaHistory, writers: Writers): MessageCase[] {
  const cases: MessageCase[] = [];
  for (const { polled, event } of operations) {
    for (const [key, messages] of polled) {
      const known = writers.get(key);
      for (const { value } of messages) {
        if (known?.has(value) !== true) cases.push({ key, value, reader: event });
      }
    }
  }
  return cases;
}

/** A message at several offsets. */
export interface Duplicate {
  readonly key: string;
  readonly value: number;
  readonly offsets: readonly Offset[];
}

/** Returns the messages that appear at more than one offset of their key. */
export function duplicates(orders: ReadonlyMap<string, VersionOrder>): Duplicate[] {
  const found: Duplicate[] = [];
  for (const [key, { offsets, log }] of orders) {
    const places = new Map<number, Offset[]>();
    log.forEach((values, index) => {
      for (const value of values) {
        const place = places.get(value);
        if (place === undefined) places.set(value, [offsets[index] ?? 0]);
        else place.push(offsets[index] ?? 0);
      }
    });
    for (const [value, at] of places) if (at.length > 1) found.push({ key, value, offsets: at });
  }
  return found;
}

/** A message that no poll returned, although a poll returned a later one of its key. */
export interface LostWrite {
  readonly key: string;
  readonly value: number;
  /** The first position in the log, and the highest position that was polled. */
  readonly index: number;
  readonly maxReadIndex: number;
  readonly writer: Event;
  readonly maxRead: Event | null;
}

/**
 * Returns lost messages: a successful poll returned a higher position of their key, none returned them, and their send
 * must have taken effect.
 *
 * A message at several offsets counts as polled from its first position, and as due until its last.
 */
export function lostWrites(
  { operations }: KafkaHistory,
  options: {
    readonly orders: ReadonlyMap<string, VersionOrder>;
    readonly polled: ValuesByKey;
    readonly writers: Writers;
  },
): LostWrite[] {
  const { orders, polled, writers } = options;
  const lost: (Omit<LostWrite, "maxRead"> & { readonly highest: number })[] = [];
  for (const [key, seen] of polled) {
    const order = orders.get(key);
    if (order === undefined) continue;
    const firstIndex = new Map<number, number>();
    const lastIndex = new Map<number, number>();
    order.log.forEach((values, index) => {
      for (const value of values) {
        if (!firstIndex.has(value)) firstIndex.set(value, index);
        lastIndex.set(value, index);
      }
    });
    let bound = -1;
    for (const value of seen) bound = Math.max(bound, firstIndex.get(value) ?? -1);
    const highest = order.log[bound]?.find((value) => lastIndex.get(value) === bound) ?? -1;
    for (let at = 0; at <= bound; at++) {
      for (const value of order.log[at] ?? []) {
        if (lastIndex.get(value) !== at || seen.has(value)) continue;
        const writer = writers.get(key)?.get(value);
        if (writer === undefined || !mustHaveCommitted(writer, polled)) continue;
        const index = firstIndex.get(value) ?? at;
        lost.push({ key, value, index, maxReadIndex: bound, writer: writer.event, highest });
      }
    }
  }
  if (lost.length === 0) return [];
  const firstReaders = readersOf(operations, new Map(lost.map(({ key, highest }) => [key, highest])));
  return lost.map(({ highest: _, ...rest }) => ({ ...rest, maxRead: firstReaders.get(rest.key) ?? null }));
}

/** Returns, by key, the first operation that polled the wanted value. */
function readersOf(
  operations: readonly KafkaOperation[],
  wanted: ReadonlyMap<string, number>,
): ReadonlyMap<string, Event> {
  const readers = new Map<string, Event>();
  for (const { polled, event } of operations) {
    for (const [key, messages] of polled) {
      const value = wanted.get(key);
      if (value === undefined || readers.has(key)) continue;
      if (messages.some((message) => message.value === value)) readers.set(key, event);
    }
  }
  return readers;
}

/** Returns the acknowledged messages that no successful poll returned, by key, and the time of the last success. */
export function unseenMessages(
  { operations }: KafkaHistory,
  polled: ValuesByKey,
): { readonly time: number; readonly messages: ReadonlyMap<string, readonly number[]> } {
  const messages = new Map<string, number[]>();
  for (const [key, sent] of sentValues(operations, "ok")) {
    const seen = polled.get(key);
    const unseen = [...sent].filter((value) => seen?.has(value) !== true);
    if (unseen.length > 0) messages.set(key, unseen);
  }
  const last = operations.findLast(({ type, kind }) => type === "ok" && kind === "transaction");
  return { time: last?.event.time ?? 0, messages };
}
