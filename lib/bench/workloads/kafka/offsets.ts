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

/** The offset of each key. */
export type Offsets = readonly (readonly [key: string, offset: WholeNumber])[];

const NO_OFFSETS: Offsets = [];

/** The result of {@linkcode highestPolled} for the latest messages: after the client, the generator asks for the same ones. */
let latest: { readonly msgs: Messages; readonly highest: Offsets } = { msgs: {}, highest: NO_OFFSETS };

/** Returns the highest offset of each key; −1 for a key without messages. */
export function highestPolled(msgs: Messages): Offsets {
  if (msgs === latest.msgs) return latest.highest;
  const highest = Object.keys(msgs).map((key) => {
    let most: WholeNumber = -1;
    for (const [offset] of msgs[key] ?? []) if (offset > most) most = offset;
    return [key, most] as const;
  });
  latest = { msgs, highest };
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

/** Returns the key that a successful operation sent to, and the offset; undefined for any other event. */
export function sentOffset(
  { type, f, value }: Event,
): readonly [key: string, offset: WholeNumber] | undefined {
  if (type !== "ok" || f !== "send" || !sent.is(value)) return undefined;
  const [[, key, [offset]]] = value;
  return [key, offset];
}

/** Returns the highest offset of each key that a successful operation polled; −1 for a key without messages. */
export function polledOffsets({ type, f, value }: Event): Offsets {
  if (type !== "ok" || f !== "poll") return NO_OFFSETS;
  if (Array.isArray(value) && Array.isArray(value[0]) && value[0][1] === latest.msgs) return latest.highest;
  return polled.is(value) ? highestPolled(value[0][1]) : NO_OFFSETS;
}

/** Raises the offset of a key, from −1. */
export function raise(offsets: Map<string, WholeNumber>, key: string, offset: WholeNumber): void {
  const before = offsets.get(key);
  if (before === undefined || offset > before) offsets.set(key, larger(-1, offset));
}
