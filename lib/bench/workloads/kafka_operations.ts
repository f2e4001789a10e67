/** What events of the workload kafka say about offsets. */

import type { Event } from "../../checkers/history.ts";
import { array, type Infer, json, literal, natural, record, string, tuple } from "../../protocol/schema.ts";

/** Set on an assignment after which polls begin at offset 0; Jepsen's name. */
export const SEEK_TO_BEGINNING = "seek-to-beginning?";

const messages = record(array(tuple(natural, json)));
const sent = tuple(tuple(literal("send"), string, tuple(natural, json)));
const polled = tuple(tuple(literal("poll"), messages));

/** What a poll returned: key → pairs of offset and message. */
export type Messages = Infer<typeof messages>;

/** The highest offset by key; −1 for a key without messages. */
export function highestPolled(msgs: Messages): Map<string, number> {
  return new Map(
    Object.entries(msgs).map((
      [key, pairs],
    ) => [key, pairs.reduce((max, [offset]) => Math.max(max, offset), -1)]),
  );
}

/** The highest offset by key that a successful operation sent to. */
export function sentOffsets({ type, f, value }: Event): ReadonlyMap<string, number> {
  if (type !== "ok" || f !== "send" || !sent.is(value)) return new Map();
  const [[, key, [offset]]] = value;
  return new Map([[key, offset]]);
}

/** The highest offset by key that a successful operation polled; −1 for a key without messages. */
export function polledOffsets({ type, f, value }: Event): ReadonlyMap<string, number> {
  return type === "ok" && f === "poll" && polled.is(value) ? highestPolled(value[0][1]) : new Map();
}

/** Raises each key's offset in `offsets` to that in `others`. */
export function raise(offsets: Map<string, number>, others: ReadonlyMap<string, number>): void {
  for (const [key, offset] of others) offsets.set(key, Math.max(offsets.get(key) ?? -1, offset));
}
