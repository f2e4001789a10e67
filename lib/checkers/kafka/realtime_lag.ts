/** The lag of polls behind the messages that were already in the log. */

import type { Event } from "../history.ts";
import type { Batch, Batches, KafkaOperation, Offset } from "./operations.ts";

/** The lag of a process on a key at the invocation of a poll: a lower bound. */
export interface Lag {
  /** The process that polled. */
  readonly process: Event["process"];
  /** The key that it polled. */
  readonly key: string;
  /** The time of the invocation, in ns since the test began. */
  readonly time: number;
  /** The lag in ns. */
  readonly lag: number;
}

/** The times at which the highest known offset of a key grew, and the offsets. Both ascend. */
interface Growth {
  readonly offsets: Offset[];
  readonly times: number[];
}

/**
 * Returns the realtime lag of each key at each successful poll.
 *
 * It is the time, at least, for which the highest message that the process had seen had not been the last of the log. A
 * newly assigned key begins before its first offset.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, readKafkaHistory, realtimeLag } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 1, type: "invoke", f: "assign", value: ["k"] },
 *   { index: 1, time: 1000000, process: 1, type: "ok", f: "assign", value: ["k"] },
 *   { index: 2, time: 2000000, process: 0, type: "invoke", f: "send", value: [["send", "k", 1]] },
 *   { index: 3, time: 3000000, process: 0, type: "ok", f: "send", value: [["send", "k", [0, 1]]] },
 *   { index: 4, time: 4000000, process: 1, type: "invoke", f: "poll", value: [["poll"]] },
 *   { index: 5, time: 5000000, process: 1, type: "ok", f: "poll", value: [["poll", { k: [[0, 1]] }]] },
 * ];
 * const { operations } = readKafkaHistory(history);
 * assertEquals(realtimeLag(operations).map(({ key }) => key), ["k"]);
 * ```
 */
export function realtimeLag(operations: readonly KafkaOperation[]): Lag[] {
  const lags: Lag[] = [];
  eachPoll(
    operations,
    ({ event, invokedAt }, { passedAt }) =>
      passedAt.forEach((at, key) =>
        lags.push({ process: event.process, key, time: invokedAt, lag: lagAt(invokedAt, at) })
      ),
  );
  return lags;
}

/** Returns the first of the greatest lags; `null` if there is none. */
export function worstLag(operations: readonly KafkaOperation[]): Lag | null {
  let worst: Lag | null = null;
  let most = -1;
  eachPoll(operations, ({ event, invokedAt }, { passedAt, firstPassedAt }) => {
    if (lagAt(invokedAt, firstPassedAt) <= most) return;
    passedAt.forEach((at, key) => {
      const lag = lagAt(invokedAt, at);
      if (lag <= most) return;
      most = lag;
      worst = { process: event.process, key, time: invokedAt, lag };
    });
  });
  return worst;
}

function lagAt(invokedAt: number, passedAt: number): number {
  return Math.max(0, invokedAt - passedAt);
}

/** Calls back with each successful poll, and what its process has seen then. */
function eachPoll(
  operations: readonly KafkaOperation[],
  visit: (poll: KafkaOperation, seen: SeenKeys) => void,
): void {
  const growth = growthOf(operations);
  const processes = new Map<Event["process"], SeenKeys>();
  for (const operation of operations) {
    const { event, type, kind, sent, polled, keys } = operation;
    if (type !== "ok") continue;
    const { process } = event;
    let seen = processes.get(process);
    if (seen === undefined) processes.set(process, seen = new SeenKeys(growth));
    if (kind === "subscribe") {
      seen.keep([]);
    } else if (kind === "assign") {
      seen.keep(keys);
    } else if (event.f !== "send") {
      seen.raise(polled, -1);
      seen.raise(sent, 0);
      visit(operation, seen);
    }
  }
}

function growthOf(operations: readonly KafkaOperation[]): ReadonlyMap<string, Growth> {
  const growth = new Map<string, Growth>();
  const grow = ({ key }: Batch, offset: Offset | null, time: number): void => {
    let known = growth.get(key);
    if (known === undefined) growth.set(key, known = { offsets: [], times: [] });
    if (offset === null || offset < 0 || offset <= (known.offsets.at(-1) ?? -1)) return;
    known.offsets.push(offset);
    known.times.push(time);
  };
  for (const { event, type, sent, received } of operations) {
    if (type === "fail" || event.type === "invoke") continue;
    for (const batch of received) grow(batch, highestOffset(batch, -1), event.time);
    for (const batch of sent) grow(batch, highestOffset(batch, 0), event.time);
  }
  return growth;
}

/** The highest offset that a process has seen of each of its keys. */
class SeenKeys {
  readonly #growth: ReadonlyMap<string, Growth>;
  #offsets = new Map<string, Offset>();
  #passedAt = new Map<string, number>();
  /** The least of these times; undefined after a change. */
  #firstPassedAt: number | undefined;

  constructor(growth: ReadonlyMap<string, Growth>) {
    this.#growth = growth;
  }

  /** By key: the time at which a higher offset than the highest seen was first known; Infinity if none was. */
  get passedAt(): ReadonlyMap<string, number> {
    return this.#passedAt;
  }

  /** The least of these times: the greatest lag follows from it without a look at each key. */
  get firstPassedAt(): number {
    return this.#firstPassedAt ??= this.#passedAt.values().reduce(
      (first, at) => Math.min(first, at),
      Infinity,
    );
  }

  /** Forgets all keys but these. A new key begins before its first offset. */
  keep(keys: readonly string[]): void {
    const before = this.#offsets;
    this.#offsets = new Map();
    this.#passedAt = new Map();
    this.#firstPassedAt = undefined;
    for (const key of keys) this.#set(key, before.get(key) ?? -1);
  }

  /** Raises the offset of each key to the highest of its messages, or to `floor` if it has none. */
  raise(batches: Batches, floor: Offset): void {
    for (const batch of batches) {
      const highest = highestOffset(batch, floor);
      if (highest === null) continue;
      const before = this.#offsets.get(batch.key);
      if (before === undefined || highest > before) this.#set(batch.key, highest);
    }
  }

  #set(key: string, offset: Offset): void {
    this.#offsets.set(key, offset);
    this.#passedAt.set(key, timePassed(this.#growth.get(key), offset));
    this.#firstPassedAt = undefined;
  }
}

/** Returns the highest offset, from `floor`. Returns null if none is known, and if `floor` is an offset. */
function highestOffset({ offsets }: Batch, floor: Offset): Offset | null {
  let highest = floor;
  let isKnown = floor < 0;
  for (const offset of offsets) {
    if (offset === null) continue;
    if (offset > highest) highest = offset;
    isKnown = true;
  }
  return isKnown ? highest : null;
}

/** Returns the time at which a higher offset was first known; Infinity if none was. */
function timePassed(growth: Growth | undefined, offset: Offset): number {
  if (growth === undefined) return Infinity;
  let low = 0;
  let high = growth.offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((growth.offsets[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return growth.times[low] ?? Infinity;
}
