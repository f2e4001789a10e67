/**
 * Sets that only grow (broadcast, g-set): which elements became visible for good, which were lost, and how long it took.
 * The meaning is jepsen.checker/set-full's.
 */

import { type Event, type History, NEMESIS } from "./history.ts";
import { emptyHistoryWarning, pairPositions } from "./operations.ts";
import type { Result, Validity } from "./result.ts";
import { compareValues, type ValueKey, valueKey, valueText } from "./value_key.ts";

/** How the set's history is read. */
export interface SetFullOptions {
  /** The name of the operation that adds an element: `broadcast`, or `add` (the default). */
  readonly add?: string;
  /** When true, an element that a later read missed makes the result invalid. */
  readonly linearizable?: boolean;
}

/** What became of an element. */
export type ElementOutcome = "stable" | "lost" | "never-read";

/** An element's fate; latencies in ms from the moment it was known, `null` where they make no sense. */
export interface ElementResult {
  /** The element. */
  readonly element: unknown;
  /** What became of it. */
  readonly outcome: ElementOutcome;
  /** From then until no read missed it any more. */
  readonly "stable-latency": number | null;
  /** From then until no read held it any more. */
  readonly "lost-latency": number | null;
  /** The first event that proved it: its add's acknowledgement, or a read that held it. */
  readonly known: Event | null;
  /** The invocation of the last read that missed it. */
  readonly "last-absent": Event | null;
}

/** Latencies in ms by quantile. */
export type Quantiles = Readonly<Record<"0" | "0.5" | "0.95" | "0.99" | "1", number>>;

const QUANTILES = ["0", "0.5", "0.95", "0.99", "1"] as const;
const WORST_STALE_MAX = 8;
const NS_PER_MS = 1_000_000;
/** Elements below this are looked up in an array. */
const SMALL_MAX = 1 << 20;

/** The timeline of each element: positions in the history (-1: none), in columns so that long reads stay cheap. */
interface Timelines {
  readonly elements: unknown[];
  readonly known: number[];
  readonly lastPresent: number[];
  readonly lastAbsent: number[];
}

/**
 * Checks that no element is lost: that every element known to be in the set is in the last reads that began after it was
 * known. An element is *known* once its add is acknowledged or a read returns it; *stable* if the last read that holds it
 * began after the last one that misses it; *lost* if the last read that misses it began after both its last sighting and
 * the moment it was known; otherwise *never-read*. Invalid when one is lost; unknown when none is stable.
 *
 * Unlike Jepsen, `duplicated` names each element that one read returned more than once (and how often at most), and
 * `unexpected` those that nobody ever tried to add; neither changes the verdict.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkSetFull, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "add", value: 1 },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "add", value: 1 },
 *   { index: 2, time: 2000000, process: 0, type: "invoke", f: "read", value: null },
 *   { index: 3, time: 3000000, process: 0, type: "ok", f: "read", value: [1] },
 * ];
 * assertEquals(checkSetFull(history)["stable-count"], 1);
 * ```
 */
export function checkSetFull(history: History, options: SetFullOptions = {}): Result {
  const add = options.add ?? "add";
  const { timelines, duplicated, unexpected, malformed } = collectTimelines(history, add);
  const results = timelines.elements
    .map((_, i) => elementResult(history, timelines, i))
    .sort((a, b) => compareValues(a.element, b.element));
  const stable = results.filter((r) => r.outcome === "stable");
  const lost = results.filter((r) => r.outcome === "lost");
  const neverRead = results.filter((r) => r.outcome === "never-read");
  const stale = stable.filter((r) => (r["stable-latency"] ?? 0) > 0);
  // Jepsen sorts upwards and reverses, so that of two equal latencies the later element comes first.
  const worstStale = [...stale]
    .sort((a, b) => (a["stable-latency"] ?? 0) - (b["stable-latency"] ?? 0))
    .reverse()
    .slice(0, WORST_STALE_MAX);
  let valid: Validity = true;
  if (lost.length > 0 || malformed.length > 0) valid = false;
  else if (stable.length === 0) valid = "unknown";
  else if (options.linearizable === true && stale.length > 0) valid = false;
  const warning = emptyHistoryWarning(history, new Set([add, "read"]));
  return {
    valid,
    "attempt-count": results.length,
    "stable-count": stable.length,
    "lost-count": lost.length,
    lost: lost.map((r) => r.element),
    "never-read-count": neverRead.length,
    "never-read": neverRead.map((r) => r.element),
    "stale-count": stale.length,
    stale: stale.map((r) => r.element),
    "worst-stale": worstStale,
    ...latencies("stable-latencies", stable.map((r) => r["stable-latency"] ?? 0)),
    ...latencies("lost-latencies", lost.map((r) => r["lost-latency"] ?? 0)),
    "duplicated-count": duplicated.length,
    duplicated: Object.fromEntries(duplicated.map(([element, times]) => [elementText(element), times])),
    ...(unexpected.length === 0 ? {} : { "unexpected-count": unexpected.length, unexpected }),
    ...(malformed.length === 0 ? {} : { "malformed-count": malformed.length, malformed }),
    ...(warning === null ? {} : { warning }),
  };
}

/** The rows of elements. Small whole numbers, which most elements are, need no hashing. */
class Rows {
  readonly #byKey = new Map<ValueKey, number>();
  #byNumber = new Int32Array(1024).fill(-1);

  /** The element's row, or -1. */
  of(element: unknown): number {
    if (typeof element === "number" && element >= 0 && element < this.#byNumber.length) {
      const row = this.#byNumber[element];
      if (row !== undefined) return row; // undefined: not a whole number
    }
    return this.#byKey.get(valueKey(element)) ?? -1;
  }

  set(element: unknown, row: number): void {
    if (typeof element !== "number" || !Number.isInteger(element) || element < 0 || element >= SMALL_MAX) {
      this.#byKey.set(valueKey(element), row);
      return;
    }
    while (element >= this.#byNumber.length) {
      const longer = new Int32Array(this.#byNumber.length * 2).fill(-1);
      longer.set(this.#byNumber);
      this.#byNumber = longer;
    }
    this.#byNumber[element] = row;
  }
}

/** One pass over the history: when each element was known, last seen, last missed. */
function collectTimelines(history: History, add: string): {
  timelines: Timelines;
  duplicated: [unknown, number][];
  unexpected: unknown[];
  malformed: Event[];
} {
  const timelines: Timelines = { elements: [], known: [], lastPresent: [], lastAbsent: [] };
  const { elements, known, lastPresent, lastAbsent } = timelines;
  const rows = new Rows();
  const repeated = new Map<number, { element: unknown; times: number }>();
  const unknown = new Map<ValueKey, unknown>();
  const malformed: Event[] = [];
  const partners = pairPositions(history);
  const seenBy: number[] = []; // by row: the position of the last read that held it, to tell repeats and absences
  const timesSeen: number[] = []; // by row: how often that read held it
  for (let position = 0; position < history.length; position++) {
    const event = history[position];
    if (event === undefined || event.process === NEMESIS) continue;
    if (event.f === add) {
      const row = rows.of(event.value);
      if (event.type === "invoke") {
        const fresh = row < 0 ? elements.length : row; // an element that is added again starts anew, as in Jepsen
        rows.set(event.value, fresh);
        elements[fresh] = event.value;
        known[fresh] = lastPresent[fresh] = lastAbsent[fresh] = -1;
        seenBy[fresh] ??= -1;
        timesSeen[fresh] ??= 0;
      } else if (event.type === "ok" && row >= 0 && known[row] === -1) {
        known[row] = position;
      }
      continue;
    }
    if (event.f !== "read" || event.type !== "ok") continue;
    const invoked = partners[position] ?? -1;
    if (!Array.isArray(event.value)) {
      malformed.push(event);
      continue;
    }
    const values: readonly unknown[] = event.value;
    for (const value of values) {
      const row = rows.of(value);
      if (row < 0) {
        unknown.set(valueKey(value), value);
        continue;
      }
      if (seenBy[row] !== position) {
        seenBy[row] = position;
        timesSeen[row] = 1;
        continue;
      }
      const times = (timesSeen[row] ?? 0) + 1;
      timesSeen[row] = times;
      const worst = repeated.get(row)?.times ?? 0;
      if (times > worst) repeated.set(row, { element: value, times });
    }
    for (let row = 0; row < elements.length; row++) {
      if (seenBy[row] === position) {
        if (known[row] === -1) known[row] = position;
        lastPresent[row] = Math.max(lastPresent[row] ?? -1, invoked);
      } else {
        lastAbsent[row] = Math.max(lastAbsent[row] ?? -1, invoked);
      }
    }
  }
  const unexpected = [...unknown.values()].filter((element) => rows.of(element) < 0);
  return {
    timelines,
    duplicated: [...repeated.values()]
      .sort((a, b) => compareValues(a.element, b.element))
      .map(({ element, times }) => [element, times]),
    unexpected: unexpected.sort(compareValues),
    malformed,
  };
}

function elementResult(history: History, timelines: Timelines, row: number): ElementResult {
  const known = timelines.known[row] ?? -1;
  const lastPresent = timelines.lastPresent[row] ?? -1;
  const lastAbsent = timelines.lastAbsent[row] ?? -1;
  const stable = lastPresent >= 0 && lastAbsent < lastPresent;
  // A read that misses an element tells nothing unless it began after the element was known.
  const lost = known >= 0 && lastAbsent >= 0 && lastPresent < lastAbsent && known < lastAbsent;
  const knownTime = history[known]?.time ?? 0;
  return {
    element: timelines.elements[row],
    outcome: stable ? "stable" : lost ? "lost" : "never-read",
    "stable-latency": stable ? latency(knownTime, history[lastAbsent]) : null,
    "lost-latency": lost ? latency(knownTime, history[lastPresent]) : null,
    known: history[known] ?? null,
    "last-absent": history[lastAbsent] ?? null,
  };
}

/** Whole ms from `knownTime` to just after `last` (or 0: there was no such read). */
function latency(knownTime: number, last: Event | undefined): number {
  if (last === undefined) return 0;
  return Math.trunc(Math.max(0, last.time + 1 - knownTime) / NS_PER_MS);
}

function latencies(name: string, values: readonly number[]): Record<string, Quantiles> {
  const quantiles = quantilesOf(values);
  return quantiles === null ? {} : { [name]: quantiles };
}

/**
 * Jepsen's frequency-distribution: the element at floor(n × q) of the sorted values; `null` for none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quantilesOf } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(quantilesOf([4, 1, 3, 2])?.["0.5"], 3);
 * ```
 */
export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (quantile: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0;
  const entries = QUANTILES.map((quantile) => [quantile, at(Number(quantile))] as const);
  return Object.fromEntries(entries) as Quantiles;
}

function elementText(element: unknown): string {
  return typeof element === "string" ? element : valueText(element);
}
