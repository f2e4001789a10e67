/** Reads offsets from events of the workload kafka. Tested by `tests/bench/workloads/kafka_test.ts`. */

import type { Event } from "../../../checkers/history.ts";
import {
  type Infer,
  json,
  literal,
  nullableArray,
  record,
  string,
  tuple,
  type WholeNumber,
  wholeNumber,
} from "../../../protocol/schema.ts";

/** Jepsen's name for the flag of an assignment after which polls start at offset 0. */
export const SEEK_TO_BEGINNING = "seek-to-beginning?";

const messages = record(nullableArray(tuple(wholeNumber, json)));
const sent = tuple(tuple(literal("send"), string, tuple(wholeNumber, json)));
const polled = tuple(tuple(literal("poll"), messages));

/** The result of a poll: key → pairs of offset and message. */
export type Messages = Infer<typeof messages>;

/** Offsets by key. */
export type Offsets = ReadonlyMap<string, WholeNumber>;

const NO_OFFSETS: Offsets = new Map();

/** Returns the highest offset by key; −1 for a key without messages. */
export function highestPolled(msgs: Messages): Offsets {
  const highest = new Map<string, WholeNumber>();
  for (const [key, pairs] of Object.entries(msgs)) {
    let most: WholeNumber = -1;
    for (const [offset] of pairs ?? []) if (offset > most) most = offset;
    highest.set(key, most);
  }
  return highest;
}

/** Returns the larger of two whole numbers. */
export function larger(a: WholeNumber, b: WholeNumber): WholeNumber {
  return a < b ? b : a;
}

/** Returns the next whole number. */
export function successor(value: WholeNumber): WholeNumber {
  return typeof value === "number" && value < Number.MAX_SAFE_INTEGER ? value + 1 : BigInt(value) + 1n;
}

/** Returns the highest offset by key that a successful operation sent to. */
export function sentOffsets({ type, f, value }: Event): Offsets {
  if (type !== "ok" || f !== "send" || !sent.is(value)) return NO_OFFSETS;
  const [[, key, [offset]]] = value;
  return new Map([[key, offset]]);
}

/** Returns the highest offset by key that a successful operation polled; −1 for a key without messages. */
export function polledOffsets({ type, f, value }: Event): Offsets {
  return type === "ok" && f === "poll" && polled.is(value) ? highestPolled(value[0][1]) : NO_OFFSETS;
}

/** Raises each key's offset in `offsets` to that in `others`. */
export function raise(offsets: Map<string, WholeNumber>, others: Offsets): void {
  for (const [key, offset] of others) offsets.set(key, larger(offsets.get(key) ?? -1, offset));
}
