/**
 * Anomalies of single messages: lost, never polled, polled too early, at two offsets, or never sent.
 *
 * Tested by `tests/checkers/kafka_test.ts`.
 */

import type { Event } from "../history.ts";
import { valueAt } from "../columns.ts";
import { compareAsInClojureSet } from "../elle/clojure_hash.ts";
import { batchOf, type KafkaHistory, type KafkaOperation, type Offset } from "./operations.ts";
import {
  failedSends,
  forEachMessage,
  type MessageSet,
  mustHaveCommitted,
  type VersionOrder,
  type VersionOrders,
} from "./version_orders.ts";

/** By message: the position in `senders` of the operation that sent it, −1 if none did. If there are several, the last. */
export type Writers = Int32Array;

/** Returns the operation that sent each message. */
export function writersOf({ senders, values }: KafkaHistory): Writers {
  const writers = new Int32Array(values.length).fill(-1);
  senders.forEach(({ sent }, position) => {
    for (const { messages } of sent) for (const message of messages) writers[message] = position;
  });
  return writers;
}

/** Returns the operation that sent a message; undefined if none did. */
export function writerOf(
  { senders }: KafkaHistory,
  writers: Writers,
  message: number,
): KafkaOperation | undefined {
  return senders[valueAt(writers, message)];
}

/** A message that concerns one or two operations. */
export interface MessageCase {
  readonly key: string;
  readonly value: number;
  readonly writer?: Event;
  readonly reader?: Event;
}

/** Returns aborted reads: messages of failed sends in successful polls. */
export function abortedReads(history: KafkaHistory, writers: Writers): MessageCase[] {
  const failed = failedSends(history);
  const cases: MessageCase[] = [];
  if (failed.keys.size === 0) return cases;
  for (const { type, received, event } of history.receivers) {
    if (type !== "ok") continue;
    for (const { key, messages } of received) {
      for (const value of messages) {
        if (failed.has[value] !== 1) continue;
        const writer = writerOf(history, writers, value)?.event;
        cases.push({ key, value, reader: event, ...(writer === undefined ? {} : { writer }) });
      }
    }
  }
  return cases;
}

/**
 * Returns one case for each transaction that polled a message which it had sent itself and not yet committed. If there are
 * several such messages, the case names the same one as Jepsen.
 */
export function precommittedReads({ receivers, values }: KafkaHistory): MessageCase[] {
  const cases: MessageCase[] = [];
  for (const { sent, received, event } of receivers) {
    for (const { key, messages } of sent) {
      const [value] = messages
        .filter((message) => batchOf(received, key)?.messages.includes(message))
        .sort((a, b) => compareAsInClojureSet(values[a], values[b]));
      if (value === undefined) continue;
      cases.push({ key, value, reader: event });
      break;
    }
  }
  return cases;
}

/** Returns the messages that were polled although no operation sent them. */
export function unsentReads({ receivers }: KafkaHistory, writers: Writers): MessageCase[] {
  const cases: MessageCase[] = [];
  for (const { received, event } of receivers) {
    for (const { key, messages } of received) {
      for (const value of messages) {
        if (valueAt(writers, value) < 0) cases.push({ key, value, reader: event });
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
export function duplicates({ logs, indexOf }: VersionOrders): Duplicate[] {
  const found: Duplicate[] = [];
  const repeated = repeatedMessages(logs, indexOf.length);
  if (repeated.size === 0) return found;
  for (const [key, order] of logs) {
    const places = new Map<number, Offset[]>();
    forEachMessage(order, (message, index) => {
      if (!repeated.has(message)) return;
      const place = places.get(message);
      if (place === undefined) places.set(message, [order.offsets[index] ?? 0]);
      else place.push(order.offsets[index] ?? 0);
    });
    for (const [value, offsets] of places) found.push({ key, value, offsets });
  }
  return found;
}
function repeatedMessages(logs: VersionOrders["logs"], count: number): ReadonlySet<number> {
  const isSeen = new Uint8Array(count);
  const repeated = new Set<number>();
  for (const order of logs.values()) {
    forEachMessage(order, (message) => {
      if (isSeen[message] === 1) repeated.add(message);
      isSeen[message] = 1;
    });
  }
  return repeated;
}

const EMPTY_LOG: VersionOrder = { offsets: [], byIndex: [], conflicts: new Map() };

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
 * must have taken effect. Also returns the keys of which successful polls returned no message with a position.
 *
 * A message at several offsets counts as polled from its first position, and as due until its last.
 */
export function lostWrites(
  history: KafkaHistory,
  options: { readonly orders: VersionOrders; readonly polled: MessageSet; readonly writers: Writers },
): { readonly lost: readonly LostWrite[]; readonly unreadKeys: readonly string[] } {
  const { orders, polled, writers } = options;
  const firstIndex = new Int32Array(history.values.length).fill(-1);
  const lastIndex = new Int32Array(history.values.length).fill(-1);
  const lost: (Omit<LostWrite, "maxRead"> & { readonly highest: number })[] = [];
  const unreadKeys: string[] = [];
  for (const key of polled.keys) {
    const order = orders.logs.get(key) ?? EMPTY_LOG;
    let bound = -1;
    forEachMessage(order, (message, index) => {
      lastIndex[message] = index;
      if (valueAt(firstIndex, message) >= 0) return;
      firstIndex[message] = index;
      if (polled.has[message] === 1) bound = index;
    });
    if (bound < 0) {
      unreadKeys.push(key);
      continue;
    }
    let highest = -1;
    forEachMessage(order, (message, index) => {
      if (index === bound && highest < 0 && valueAt(lastIndex, message) === bound) highest = message;
    });
    forEachMessage(order, (value, at) => {
      if (at > bound || polled.has[value] === 1 || valueAt(lastIndex, value) !== at) return;
      const writer = writerOf(history, writers, value);
      if (writer === undefined || !mustHaveCommitted(writer, polled)) return;
      const index = valueAt(firstIndex, value);
      lost.push({ key, value, index, maxReadIndex: bound, writer: writer.event, highest });
    });
  }
  if (lost.length === 0) return { lost: [], unreadKeys };
  const firstReaders = readersOf(
    history.receivers,
    new Map(lost.map(({ key, highest }) => [key, highest])),
  );
  return {
    lost: lost.map(({ highest: _, ...rest }) => ({ ...rest, maxRead: firstReaders.get(rest.key) ?? null })),
    unreadKeys,
  };
}

/** Returns, by key, the first operation that polled the wanted value. */
function readersOf(
  receivers: readonly KafkaOperation[],
  wanted: ReadonlyMap<string, number>,
): ReadonlyMap<string, Event> {
  const readers = new Map<string, Event>();
  for (const { received, event } of receivers) {
    for (const { key, messages } of received) {
      const value = wanted.get(key);
      if (value === undefined || readers.has(key)) continue;
      if (messages.includes(value)) readers.set(key, event);
    }
  }
  return readers;
}

/**
 * Returns the acknowledged messages that no successful poll returned, by key, and the time of the last success. As in Jepsen, the
 * messages of a key without an acknowledged send count as unseen if the last successful operation is the first to poll the key.
 */
export function unseenMessages(
  { operations, senders, values }: KafkaHistory,
  polled: MessageSet,
): { readonly time: number; readonly messages: ReadonlyMap<string, readonly number[]> } {
  const unseen = new Map<string, number[]>();
  const isListed = new Uint8Array(values.length);
  const sentKeys = new Set<string>();
  for (const { type, sent } of senders) {
    if (type !== "ok") continue;
    for (const { key, messages } of sent) {
      sentKeys.add(key);
      for (const message of messages) {
        if (polled.has[message] === 1 || isListed[message] === 1) continue;
        isListed[message] = 1;
        const ofKey = unseen.get(key);
        if (ofKey === undefined) unseen.set(key, [message]);
        else ofKey.push(message);
      }
    }
  }
  const last = operations.findLast(({ type, kind }) => type === "ok" && kind === "transaction");
  const firstPolled = new Map<string, readonly number[]>();
  for (const { key, messages } of last?.received ?? []) {
    if (!sentKeys.has(key)) firstPolled.set(key, messages);
  }
  if (firstPolled.size > 0) {
    for (const each of operations) {
      if (each !== last && each.type === "ok") { for (const { key } of each.polled) firstPolled.delete(key); }
    }
  }
  for (const [key, messages] of firstPolled) unseen.set(key, [...new Set(messages)]);
  return { time: last?.event.time ?? 0, messages: unseen };
}
