/**
 * The operations of a Kafka log: the messages that each one sent and polled.
 *
 * Tested by `tests/checkers/kafka_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { type Event, type EventType, type History, NEMESIS } from "../history.ts";
import { pairPositions } from "../operations.ts";
import { type ValueKey, valueKey, valueText } from "../value_key.ts";

/** An offset in a log: an integer, as a bigint beyond 2^53. Offsets are that large if a node uses the time in ns. */
export type Offset = number | bigint;

/** A message at an offset of a key. */
export interface Message {
  /** The offset; `null` if it is unknown, as in a send that was not acknowledged. */
  readonly offset: Offset | null;
  /** The number that represents the value of the message. */
  readonly value: number;
}

/** Messages by key, in the order of the operation. */
export type Messages = ReadonlyMap<string, readonly Message[]>;

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
  /** The messages that the operation sent, by key. */
  readonly sent: Messages;
  /** The messages that the operation polled, by key. */
  readonly polled: Messages;
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
  /** The value that each number represents. */
  readonly values: readonly unknown[];
  /** Operations that could not be read. */
  readonly malformed: readonly MalformedKafkaOperation[];
  /** The number of events of clients. */
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
        this.#complain(event, `${valueText(part[0])} does not belong in a ${event.f}`);
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
      const batch: unknown = given ?? []; // null represents an empty list, as in Maelstrom's client
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

/** Returns the name of a key. Polls contain keys as names of fields, so 5 and "5" are the same key. */
function keyOf(key: unknown): string {
  return typeof key === "string" ? key : valueText(key);
}

/** Returns an offset; `null` if it is unknown; undefined if the value is malformed. */
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
