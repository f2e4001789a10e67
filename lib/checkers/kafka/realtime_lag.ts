/** How far polls lag behind what was already in the log. */

import type { Event } from "../history.ts";
import type { KafkaOperation, Messages, Offset } from "./operations.ts";

/** At `time` (ns, when the poll was invoked), the process had at least `lag` ns to catch up on the key. */
export interface Lag {
  /** The consumer that polled. */
  readonly process: Event["process"];
  /** The log that it polled. */
  readonly key: string;
  /** When, in ns since the test began. */
  readonly time: number;
  /** By how much it lagged, in ns. */
  readonly lag: number;
}

/** The times at which a key's highest known offset grew, and to what: both ascend. */
interface Growth {
  readonly offsets: Offset[];
  readonly times: number[];
}

/**
 * The realtime lag of each key at each successful poll: for how long, at least, the highest message that the process had
 * seen had not been the last of the log any more when the poll began. Newly assigned keys begin before their first offset.
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
  eachLag(operations, (process, key, { time, lag }) => lags.push({ process, key, time, lag }));
  return lags;
}

/** The first of the greatest lags, if any. */
export function worstLag(operations: readonly KafkaOperation[]): Lag | null {
  let worst: Lag | null = null;
  let most = -1;
  eachLag(operations, (process, key, { time, lag }) => {
    if (lag <= most) return;
    most = lag;
    worst = { process, key, time, lag };
  });
  return worst;
}

function eachLag(
  operations: readonly KafkaOperation[],
  visit: (
    client: Event["process"],
    key: string,
    measure: { readonly time: number; readonly lag: number },
  ) => void,
): void {
  const growth = growthOf(operations);
  const processes = new Map<Event["process"], Map<string, Offset>>();
  for (const { event, type, kind, sent, polled, keys, invokedAt } of operations) {
    if (type !== "ok") continue;
    const { process } = event;
    const seen = processes.get(process) ?? new Map<string, Offset>();
    processes.set(process, seen);
    if (kind === "subscribe") {
      seen.clear();
    } else if (kind === "assign") {
      const kept = keys.map((key): [string, Offset] => [key, seen.get(key) ?? -1]);
      processes.set(process, new Map(kept));
    } else if (event.f !== "send") {
      raise(seen, polled, -1);
      raise(seen, sent, 0);
      for (const [key, offset] of seen) {
        const passedAt = timePassed(growth.get(key), offset);
        visit(process, key, { time: invokedAt, lag: Math.max(0, invokedAt - passedAt) });
      }
    }
  }
}

function growthOf(operations: readonly KafkaOperation[]): ReadonlyMap<string, Growth> {
  const growth = new Map<string, Growth>();
  for (const { event, type, sent, polled } of operations) {
    if (type === "fail" || event.type === "invoke") continue;
    const highest = new Map<string, Offset>();
    raise(highest, polled, -1);
    raise(highest, sent, 0);
    for (const [key, offset] of highest) {
      let known = growth.get(key);
      if (known === undefined) growth.set(key, known = { offsets: [], times: [] });
      if (offset < 0 || offset <= (known.offsets.at(-1) ?? -1)) continue;
      known.offsets.push(offset);
      known.times.push(event.time);
    }
  }
  return growth;
}

/** Raises each key's offset to the highest of its messages, or to `floor` where it has none. */
function raise(offsets: Map<string, Offset>, messages: Messages, floor: Offset): void {
  for (const [key, list] of messages) {
    let highest = floor;
    let known = floor < 0;
    for (const { offset } of list) {
      if (offset === null) continue;
      if (offset > highest) highest = offset;
      known = true;
    }
    const before = offsets.get(key);
    if (known && (before === undefined || highest > before)) offsets.set(key, highest);
  }
}

/** When an offset was first known to be surpassed; never, if it was not. */
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
