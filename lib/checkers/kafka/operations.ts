/**
 * The operations of a Kafka log: the messages that each one sent and polled.
 *
 * Tested by `tests/checkers/kafka_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { type Event, type EventType, type History, NEMESIS } from "../history.ts";
import { isObject } from "../../protocol/schema.ts";
import { PairIndex } from "../elle/pair_index.ts";
import { pairPositions } from "../operations.ts";
import { valueKey, valueText } from "../value_key.ts";

/** An offset in a log: an integer, as a bigint beyond 2^53. Offsets are that large if a node uses the time in ns. */
export type Offset = number | bigint;

/** The messages of one key in an operation, in columns: message i has `offsets[i]` and the number `messages[i]`. */
export interface Batch {
  /** The key. */
  readonly key: string;
  /** The offsets; `null` if unknown, as in a send that was not acknowledged. */
  readonly offsets: readonly (Offset | null)[];
  /** The numbers of the messages: indexes of `KafkaHistory.values`. */
  readonly messages: readonly number[];
}

/** The messages of an operation in its order. Each key has one batch. */
export type Batches = readonly Batch[];

/** Returns the batch of a key; undefined if there is none. */
export function batchOf(batches: Batches, key: string): Batch | undefined {
  return batches.find((batch) => batch.key === key);
}

/** An operation. A pending one counts as indeterminate. */
export interface KafkaOperation {
  /** The completion, or the invocation if there is none. */
  readonly event: Event;
  /** The outcome. */
  readonly type: Exclude<EventType, "invoke">;
  /** The time of the invocation, in ns. */
  readonly invokedAt: number;
  /** The position of the invocation in the history. */
  readonly invokePosition: number;
  /** The position of the completion in the history; after its end if there is none. */
  readonly position: number;
  /** `transaction`: sends and polls. Otherwise: a change of the keys that are polled. */
  readonly kind: "transaction" | "assign" | "subscribe";
  /** The messages that the operation sent. */
  readonly sent: Batches;
  /** The messages that the operation polled. A key without messages has an empty batch. */
  readonly polled: Batches;
  /** The batches of `polled` that have messages. Most polls have none. */
  readonly received: Batches;
  /** The keys that were assigned or subscribed to. */
  readonly keys: readonly string[];
  /** The keys that a rebalance removed or added during the operation. Their order is not checked. */
  readonly rebalanced: ReadonlySet<string>;
}

/** An operation whose value does not have the form that its name requires. */
export interface MalformedKafkaOperation {
  /** The operation. */
  readonly op: Event;
  /** The reason. */
  readonly because: string;
}

/** The operations of a history, as the kafka checker needs them. */
export interface KafkaHistory {
  /** The operations in the order of their completions. Those without one come last. */
  readonly operations: readonly KafkaOperation[];
  /** Those of them that sent messages. */
  readonly senders: readonly KafkaOperation[];
  /** Those of them that polled messages. Most polls return none. */
  readonly receivers: readonly KafkaOperation[];
  /** The values of the messages by number. A number represents one value in one key. */
  readonly values: readonly unknown[];
  /** Operations that could not be read. */
  readonly malformed: readonly MalformedKafkaOperation[];
  /** The number of events of clients. */
  readonly clientEvents: number;
}

const NO_BATCHES: Batches = [];
const NO_OFFSETS: Batch["offsets"] = [];
const NO_MESSAGES: Batch["messages"] = [];
const NO_KEYS: readonly string[] = [];
const NOTHING = { sent: NO_BATCHES, polled: NO_BATCHES };
const NOT_REBALANCED: ReadonlySet<string> = new Set();

/**
 * Reads the operations of a history.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, readKafkaHistory } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "send", value: [["send", "k", 1]] },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "send", value: [["send", "k", [0, 1]]] },
 * ];
 * const [send] = readKafkaHistory(history).operations;
 * assertEquals(send?.sent, [{ key: "k", offsets: [0], messages: [0] }]);
 * ```
 */
export function readKafkaHistory(history: History): KafkaHistory {
  const reader = new Reader();
  const partners = pairPositions(history);
  const operations: KafkaOperation[] = [];
  const pending: KafkaOperation[] = [];
  let clientEvents = 0;
  history.forEach((event, position) => {
    if (event.process === NEMESIS) return;
    clientEvents++;
    const partner = valueAt(partners, position);
    if (event.type !== "invoke") {
      const invoke = history[partner] ?? event;
      const operation = reader.operation(event, event.type, {
        invokedAt: invoke.time,
        invokePosition: Math.max(0, partner),
        position,
      });
      if (operation !== null) operations.push(operation);
    } else if (partner < 0) {
      const when = { invokedAt: event.time, invokePosition: position, position: history.length };
      const operation = reader.operation(event, "info", when);
      if (operation !== null) pending.push(operation);
    }
  });
  for (const operation of pending) operations.push(operation);
  const { values, malformed } = reader;
  const senders = operations.filter(({ sent }) => sent.length > 0);
  const receivers = operations.filter(({ received }) => received.length > 0);
  return { operations, senders, receivers, values, malformed, clientEvents };
}

type When = Pick<KafkaOperation, "invokedAt" | "invokePosition" | "position">;

class Reader {
  readonly values: unknown[] = [];
  readonly malformed: MalformedKafkaOperation[] = [];
  readonly #keyNumbers = new Map<string, number>();
  readonly #numbers = new PairIndex();

  operation(event: Event, type: KafkaOperation["type"], when: When): KafkaOperation | null {
    const { f } = event;
    const isChange = f === "assign" || f === "subscribe";
    if (!isChange && f !== "send" && f !== "poll" && f !== "txn") return null;
    const { sent, polled } = isChange ? NOTHING : this.#messages(event);
    // One literal, so that all operations have the same hidden class.
    return {
      event,
      type,
      invokedAt: when.invokedAt,
      invokePosition: when.invokePosition,
      position: when.position,
      kind: isChange ? f : "transaction",
      sent,
      polled,
      received: withMessages(polled),
      keys: isChange ? this.#keys(event) : NO_KEYS,
      rebalanced: isChange ? NOT_REBALANCED : rebalancedKeys(event["rebalance-log"]),
    };
  }

  #keys(event: Event): string[] {
    if (Array.isArray(event.value)) return event.value.map(keyOf);
    this.#complain(event, `"${event.f}" needs a list of keys`);
    return [];
  }

  #messages(event: Event): { sent: Batches; polled: Batches } {
    let sent = NO_BATCHES;
    let polled = NO_BATCHES;
    if (!Array.isArray(event.value)) {
      this.#complain(event, "its value is not a list of sends and polls");
      return { sent, polled };
    }
    for (const part of event.value) {
      if (!Array.isArray(part)) {
        this.#complain(event, `${valueText(part)} is neither a send nor a poll`);
      } else if (part[0] === "send" && event.f !== "poll") {
        sent = withBatches(sent, this.#send(event, part));
      } else if (part[0] === "poll" && event.f !== "send") {
        if (part.length > 1) polled = withBatches(polled, this.#poll(event, part[1]));
      } else {
        this.#complain(event, `${valueText(part[0])} does not belong in a ${event.f}`);
      }
    }
    return { sent, polled };
  }

  #send(event: Event, [, named, message]: readonly unknown[]): Batches {
    if (named === undefined || message === undefined) {
      this.#complain(event, "a send needs a key and a message");
      return NO_BATCHES;
    }
    const key = keyOf(named);
    const keyNumber = this.#keyNumber(key);
    if (!Array.isArray(message)) {
      return [{ key, offsets: [null], messages: [this.#number(keyNumber, message)] }];
    }
    if (!isPair(message)) {
      this.#complain(event, `${valueText(message)} is not [offset, message]`);
      return NO_BATCHES;
    }
    return [{ key, offsets: [message[0]], messages: [this.#number(keyNumber, message[1])] }];
  }

  #poll(event: Event, batches: unknown): Batches {
    if (batches === null) return NO_BATCHES;
    if (!isObject(batches)) {
      this.#complain(event, "a poll's messages are not a map from keys to lists");
      return NO_BATCHES;
    }
    const polled: Batch[] = [];
    for (const key of Object.keys(batches)) {
      const batch = batches[key] ?? []; // null represents an empty list, as in Maelstrom's client
      if (!Array.isArray(batch)) {
        this.#complain(event, `the messages of key ${valueText(key)} are not a list`);
        continue;
      }
      if (batch.length === 0) {
        polled.push({ key, offsets: NO_OFFSETS, messages: NO_MESSAGES });
        continue;
      }
      const pairs = batch.every(isPair) ? batch : this.#pairs(event, key, batch);
      if (pairs.length === 0) continue;
      const keyNumber = this.#keyNumber(key);
      polled.push({
        key,
        offsets: pairs.map(([offset]) => offset),
        messages: pairs.map(([, value]) => this.#number(keyNumber, value)),
      });
    }
    return polled;
  }

  /** Returns the well-formed pairs of a batch, and complains about the others. */
  #pairs(event: Event, key: string, batch: readonly unknown[]): Pair[] {
    return batch.filter((pair): pair is Pair => {
      if (isPair(pair)) return true;
      this.#complain(event, `${valueText(pair)} in key ${valueText(key)} is not [offset, message]`);
      return false;
    });
  }

  #keyNumber(key: string): number {
    let number = this.#keyNumbers.get(key);
    if (number === undefined) this.#keyNumbers.set(key, number = this.#keyNumbers.size);
    return number;
  }

  /** Returns the number of a message. A new one gets the next number. */
  #number(keyNumber: number, value: unknown): number {
    const atom = valueKey(value);
    let number = this.#numbers.get(keyNumber, atom);
    if (number < 0) {
      number = this.values.push(value) - 1;
      this.#numbers.set(keyNumber, atom, number);
    }
    return number;
  }

  #complain(op: Event, because: string): void {
    this.malformed.push({ op, because });
  }
}

/** Returns all batches, with those of the same key merged. An operation has few keys, so the search is linear. */
function withBatches(batches: Batches, more: Batches): Batches {
  if (batches.length === 0) return more;
  const merged = [...batches];
  for (const batch of more) {
    const at = merged.findIndex(({ key }) => key === batch.key);
    const { offsets, messages } = merged[at] ?? { offsets: [], messages: [] };
    merged[at < 0 ? merged.length : at] = {
      key: batch.key,
      offsets: [...offsets, ...batch.offsets],
      messages: [...messages, ...batch.messages],
    };
  }
  return merged;
}

/** Returns the batches that are not empty. */
function withMessages(batches: Batches): Batches {
  let count = 0;
  for (const { messages } of batches) if (messages.length > 0) count++;
  if (count === batches.length) return batches;
  return count === 0 ? NO_BATCHES : batches.filter(({ messages }) => messages.length > 0);
}

/** Returns the name of a key. Polls contain keys as names of fields, so 5 and "5" are the same key. */
function keyOf(key: unknown): string {
  return typeof key === "string" ? key : valueText(key);
}

/** A message as polls and acknowledged sends contain it. */
type Pair = readonly [offset: Offset | null, value: unknown];

function isPair(value: unknown): value is Pair {
  return Array.isArray(value) && value.length === 2 && isOffset(value[0]);
}

function isOffset(value: unknown): value is Offset | null {
  return value === null || typeof value === "bigint" ||
    (typeof value === "number" && Number.isInteger(value));
}

function rebalancedKeys(log: unknown): ReadonlySet<string> {
  if (!Array.isArray(log) || log.length === 0) return NOT_REBALANCED;
  const keys = log.flatMap((entry: unknown): unknown[] => {
    if (typeof entry !== "object" || entry === null || !("keys" in entry)) return [];
    return Array.isArray(entry.keys) ? entry.keys : [];
  });
  return new Set(keys.map(keyOf));
}
