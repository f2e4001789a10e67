/** Kafka's operations: which messages each one sent to which keys, and which it polled. */

import { valueAt } from "../columns.ts";
import { type Event, type EventType, type History, NEMESIS } from "../history.ts";
import { pairPositions } from "../operations.ts";
import { type ValueKey, valueKey, valueText } from "../value_key.ts";

/** A place in a log: a whole number, as a bigint beyond 2^53. Such offsets are public: some nodes take the time in ns. */
export type Offset = number | bigint;

/** A message at an offset of a key; the offset of a send that was not acknowledged is `null`. */
export interface Message {
  /** Its place in the log; `null` if it is not known. */
  readonly offset: Offset | null;
  /** The number that stands for the message's value. */
  readonly value: number;
}

/** Messages by key, in the order in which the operation has them. */
export type Messages = ReadonlyMap<string, readonly Message[]>;

/** An operation that has ended, or that the history leaves pending (and so counts as in doubt). */
export interface KafkaOperation {
  /** The completion; the invocation, if there is none. */
  readonly event: Event;
  /** How it ended. */
  readonly type: Exclude<EventType, "invoke">;
  /** When it was invoked, in ns, and at which position of the history. */
  readonly invokedAt: number;
  /** Where in the history it was invoked. */
  readonly invokePosition: number;
  /** Where in the history it ended; its invocation, if it did not. */
  readonly position: number;
  /** `transaction`: sends and polls, in any mix; else a change of what is polled. */
  readonly kind: "transaction" | "assign" | "subscribe";
  /** The messages that it sent, by key. */
  readonly sent: Messages;
  /** The messages that it polled, by key. */
  readonly polled: Messages;
  /** The keys assigned or subscribed to. */
  readonly keys: readonly string[];
  /** Keys that were taken from or given to the consumer meanwhile, so that no order is expected of them. */
  readonly rebalanced: ReadonlySet<string>;
}

/** An operation whose value is not what its name asks for. */
export interface MalformedKafkaOperation {
  /** The operation. */
  readonly op: Event;
  /** What is wrong with its value. */
  readonly because: string;
}

/** A history as the kafka checker wants it. */
export interface KafkaHistory {
  /** In the order of their completions; those never completed come last. */
  readonly operations: readonly KafkaOperation[];
  /** The value that each number stands for. */
  readonly values: readonly unknown[];
  /** Operations that could not be read. */
  readonly malformed: readonly MalformedKafkaOperation[];
  /** How many events there are of clients, whatever they did. */
  readonly clientEvents: number;
}

const NO_MESSAGES: Messages = new Map();
const NO_KEYS: ReadonlySet<string> = new Set();

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
 * assertEquals(send?.sent.get("k")?.[0]?.offset, 0);
 * ```
 */
export function readKafkaHistory(history: History): KafkaHistory {
  const reader = new Reader();
  const partners = pairPositions(history);
  const pending: KafkaOperation[] = [];
  const operations: KafkaOperation[] = [];
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
  const { values, malformed } = reader;
  return { operations: [...operations, ...pending], values, malformed, clientEvents };
}

type When = Pick<KafkaOperation, "invokedAt" | "invokePosition" | "position">;

class Reader {
  readonly values: unknown[] = [];
  readonly malformed: MalformedKafkaOperation[] = [];
  readonly #numbers = new Map<ValueKey, number>();

  operation(event: Event, type: KafkaOperation["type"], when: When): KafkaOperation | null {
    const common = {
      event,
      type,
      ...when,
      sent: NO_MESSAGES,
      polled: NO_MESSAGES,
      keys: [],
      rebalanced: NO_KEYS,
    };
    switch (event.f) {
      case "assign":
      case "subscribe":
        return { ...common, kind: event.f, keys: this.#keys(event) };
      case "send":
      case "poll":
      case "txn": {
        const rebalanced = rebalancedKeys(event["rebalance-log"]);
        return { ...common, kind: "transaction", ...this.#messages(event), rebalanced };
      }
      default:
        return null;
    }
  }

  #keys(event: Event): string[] {
    if (Array.isArray(event.value)) return event.value.map(keyOf);
    this.#complain(event, `"${event.f}" needs a list of keys`);
    return [];
  }

  #messages(event: Event): { sent: Messages; polled: Messages } {
    const sent = new Map<string, Message[]>();
    const polled = new Map<string, Message[]>();
    if (!Array.isArray(event.value)) {
      this.#complain(event, "its value is not a list of sends and polls");
      return { sent, polled };
    }
    for (const part of event.value) {
      if (!Array.isArray(part)) {
        this.#complain(event, `${valueText(part)} is neither a send nor a poll`);
      } else if (part[0] === "send" && event.f !== "poll") {
        this.#send(event, part, sent);
      } else if (part[0] === "poll" && event.f !== "send") {
        if (part.length > 1) this.#poll(event, part[1], polled);
      } else {
        this.#complain(event, `${valueText(part[0])} does not belong into a ${event.f}`);
      }
    }
    return { sent, polled };
  }

  #send(event: Event, [, key, message]: readonly unknown[], sent: Map<string, Message[]>): void {
    if (key === undefined || message === undefined) {
      this.#complain(event, "a send needs a key and a message");
      return;
    }
    if (!Array.isArray(message)) {
      append(sent, keyOf(key), { offset: null, value: this.#number(message) });
      return;
    }
    const offset = offsetOf(message[0]);
    if (offset === undefined || message.length !== 2) {
      this.#complain(event, `${valueText(message)} is not [offset, message]`);
      return;
    }
    append(sent, keyOf(key), { offset, value: this.#number(message[1]) });
  }

  #poll(event: Event, batches: unknown, polled: Map<string, Message[]>): void {
    if (batches === null) return;
    if (typeof batches !== "object" || Array.isArray(batches)) {
      this.#complain(event, "a poll's messages are not a map from keys to lists");
      return;
    }
    for (const [key, given] of Object.entries(batches)) {
      const batch: unknown = given ?? []; // null stands for an empty list, as for Maelstrom's client
      if (!Array.isArray(batch)) {
        this.#complain(event, `the messages of key ${valueText(key)} are not a list`);
        continue;
      }
      if (batch.length === 0 && !polled.has(key)) polled.set(key, []);
      for (const pair of batch) {
        const offset = Array.isArray(pair) && pair.length === 2 ? offsetOf(pair[0]) : undefined;
        if (offset === undefined) {
          this.#complain(
            event,
            `${valueText(pair)} in key ${valueText(key)} is not [offset, message]`,
          );
          continue;
        }
        append(polled, key, { offset, value: this.#number(pair[1]) });
      }
    }
  }

  #number(value: unknown): number {
    const key = valueKey(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.values.length);
    return this.values.push(value) - 1;
  }

  #complain(op: Event, because: string): void {
    this.malformed.push({ op, because });
  }
}

function append(messages: Map<string, Message[]>, key: string, message: Message): void {
  const list = messages.get(key);
  if (list === undefined) messages.set(key, [message]);
  else list.push(message);
}

/** A key's name. Polls have keys as the names of a map's fields, so 5 and "5" are the same key. */
function keyOf(key: unknown): string {
  return typeof key === "string" ? key : valueText(key);
}

/** An offset, `null` if it is unknown, or undefined if it is none. */
function offsetOf(value: unknown): Offset | null | undefined {
  if (value === null || typeof value === "bigint") return value;
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

function rebalancedKeys(log: unknown): ReadonlySet<string> {
  if (!Array.isArray(log) || log.length === 0) return NO_KEYS;
  const keys = log.flatMap((entry: unknown): unknown[] => {
    if (typeof entry !== "object" || entry === null || !("keys" in entry)) return [];
    return Array.isArray(entry.keys) ? entry.keys : [];
  });
  return new Set(keys.map(keyOf));
}
