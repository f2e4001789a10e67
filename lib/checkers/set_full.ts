/**
 * Sets that only grow (broadcast, g-set): the elements that became visible forever, those that were lost, and the time that
 * this took. The definitions are those of Jepsen's `checker/set-full`.
 *
 * Tested by `tests/checkers/recorded_test.ts`.
 */

import { type Event, type History, NEMESIS } from "./history.ts";
import { emptyHistoryWarning, pairPositions } from "./operations.ts";
import { quantile } from "./quantile.ts";
import type { Validity } from "./result.ts";
import { compareValues, type ValueKey, valueKey } from "./value_key.ts";

/** The options of {@linkcode checkSetFull}. */
export interface SetFullOptions {
  /**
   * The name of the operation that adds an element.
   *
   * @default {"add"}
   */
  readonly add?: string;
  /**
   * True if an element that a later read missed makes the result invalid.
   *
   * @default {false}
   */
  readonly linearizable?: boolean;
}

/** The final state of an element: see {@linkcode checkSetFull}. */
export type ElementOutcome = "stable" | "lost" | "never-read";

/** An element and the evidence for its outcome. Latencies count from the moment at which the element was known. */
export interface ElementResult {
  /** The element. */
  readonly element: unknown;
  /** Its final state. */
  readonly outcome: ElementOutcome;
  /** The ms until every read contained the element; `null` unless it is stable. */
  readonly stableLatencyMs: number | null;
  /** The ms until no read contained the element; `null` unless it is lost. */
  readonly lostLatencyMs: number | null;
  /** The event that proved the element: the acknowledgement of its addition, or a read that contained it. */
  readonly known: Event | null;
  /** The invocation of the last read that missed it. */
  readonly lastAbsent: Event | null;
}

/** Latencies in ms by quantile. */
export type Quantiles = Readonly<Record<"0" | "0.5" | "0.95" | "0.99" | "1", number>>;

/** An element that one read contained more than once. */
export interface DuplicatedElement {
  /** The element. */
  readonly element: unknown;
  /** The greatest number of times that one read contained it. */
  readonly times: number;
}

/** The result of {@linkcode checkSetFull}. */
export interface SetFullResult {
  /** The checker. */
  readonly kind: "set-full";
  /** False if an element was lost; `unknown` if no element is stable. */
  readonly valid: Validity;
  /** The number of elements whose addition was attempted. */
  readonly attemptCount: number;
  /** The number of stable elements. */
  readonly stableCount: number;
  /** The lost elements, ascending. */
  readonly lost: readonly unknown[];
  /** The elements that no read proves stable or lost, ascending. */
  readonly neverRead: readonly unknown[];
  /** The stable elements that a read missed after they were known, ascending. */
  readonly stale: readonly unknown[];
  /** The stale elements with the longest stable latencies, longest first. */
  readonly worstStale: readonly ElementResult[];
  /** The latencies of the stable elements; `null` if there are none. */
  readonly stableLatencies: Quantiles | null;
  /** The latencies of the lost elements; `null` if there are none. */
  readonly lostLatencies: Quantiles | null;
  /** The elements that one read contained more than once, ascending. */
  readonly duplicated: readonly DuplicatedElement[];
  /** The elements that reads contained although their addition was never attempted, ascending. */
  readonly unexpected: readonly unknown[];
  /** Reads whose value is not a list. */
  readonly malformed: readonly Event[];
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

const WORST_STALE_MAX = 8;
const NS_PER_MS = 1_000_000;
/** Integers below this are looked up in an array rather than in a Map. */
const SMALL_MAX = 1 << 20;

/**
 * Checks that no element is lost.
 *
 * An element is *known* once its addition is acknowledged or a read contains it. It is *stable* if the last read that
 * contains it began after the last read that misses it. It is *lost* if the last read that misses it began after the last
 * read that contains it, and after the element was known. Otherwise it is *never read*.
 *
 * The result differs from Jepsen's in two fields, neither of which changes the verdict. `duplicated` names the elements
 * that one read contained more than once. `unexpected` names the elements whose addition was never attempted.
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
 * assertEquals(checkSetFull(history).stableCount, 1);
 * ```
 */
export function checkSetFull(history: History, options: SetFullOptions = {}): SetFullResult {
  const add = options.add ?? "add";
  const { timelines, malformed } = collectTimelines(history, add);
  const results = timelines.elements
    .map((_, i) => elementResult(history, timelines, i))
    .sort((a, b) => compareValues(a.element, b.element));
  const stable = results.filter((r) => r.outcome === "stable");
  const lost = results.filter((r) => r.outcome === "lost");
  const neverRead = results.filter((r) => r.outcome === "never-read");
  const stale = stable.filter((r) => (r.stableLatencyMs ?? 0) > 0);
  // Jepsen sorts ascending and reverses. So of two elements with equal latencies the later one comes first.
  const worstStale = [...stale]
    .sort((a, b) => (a.stableLatencyMs ?? 0) - (b.stableLatencyMs ?? 0))
    .reverse()
    .slice(0, WORST_STALE_MAX);
  let valid: Validity = true;
  if (lost.length > 0 || malformed.length > 0) valid = false;
  else if (stable.length === 0) valid = "unknown";
  else if (options.linearizable === true && stale.length > 0) valid = false;
  return {
    kind: "set-full",
    valid,
    attemptCount: results.length,
    stableCount: stable.length,
    lost: lost.map((r) => r.element),
    neverRead: neverRead.map((r) => r.element),
    stale: stale.map((r) => r.element),
    worstStale,
    stableLatencies: quantilesOf(stable.map((r) => r.stableLatencyMs ?? 0)),
    lostLatencies: quantilesOf(lost.map((r) => r.lostLatencyMs ?? 0)),
    duplicated: [...timelines.repeated.values()].sort((a, b) => compareValues(a.element, b.element)),
    unexpected: [...timelines.unknown.values()]
      .filter((element) => !timelines.wasAttempted(element))
      .sort(compareValues),
    malformed,
    warning: emptyHistoryWarning(history, new Set([add, "read"])),
  };
}

/** The row of each element. Small integers, which most elements are, need no hashing. */
class Rows {
  readonly #byKey = new Map<ValueKey, number>();
  #byNumber = new Int32Array(1024).fill(-1);

  /** Returns the row of an element, or -1. */
  of(element: unknown): number {
    if (typeof element === "number" && element >= 0 && element < this.#byNumber.length) {
      const row = this.#byNumber[element];
      if (row !== undefined) return row; // undefined: not an integer
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

/** The positions at which each element was known, last contained in a read, and last missed by a read. Columns keep long reads cheap. */
class Timelines {
  readonly elements: unknown[] = [];
  /** By row: a position in the history, or -1. */
  readonly known: number[] = [];
  readonly lastPresent: number[] = [];
  readonly lastAbsent: number[] = [];
  /** The elements that a read contained, by key, although no addition was attempted before. */
  readonly unknown = new Map<ValueKey, unknown>();
  /** The elements that one read contained more than once, by row. */
  readonly repeated = new Map<number, DuplicatedElement>();
  /** By row: the position of the last read that contained the element, or -1. */
  readonly #seenBy: number[] = [];
  readonly #rows = new Rows();

  /** Records an attempt to add an element. An element that is added again starts again, as in Jepsen. */
  attempt(element: unknown): void {
    const known = this.#rows.of(element);
    const row = known < 0 ? this.elements.length : known;
    this.#rows.set(element, row);
    this.elements[row] = element;
    this.known[row] = this.lastPresent[row] = this.lastAbsent[row] = -1;
    this.#seenBy[row] ??= -1;
  }

  acknowledge(element: unknown, position: number): void {
    const row = this.#rows.of(element);
    if (row >= 0 && this.known[row] === -1) this.known[row] = position;
  }

  /** Records a read by its position and that of its invocation. */
  read(values: readonly unknown[], { position, invoked }: { position: number; invoked: number }): void {
    const { known, lastPresent, lastAbsent } = this;
    const seenBy = this.#seenBy;
    let absent = seenBy.length;
    let hasRepetitions = false;
    for (const value of values) {
      const row = this.#rows.of(value);
      if (row < 0) this.unknown.set(valueKey(value), value);
      else if (seenBy[row] === position) hasRepetitions = true;
      else {
        seenBy[row] = position;
        absent--;
        if (known[row] === -1) known[row] = position;
        if (invoked > (lastPresent[row] ?? -1)) lastPresent[row] = invoked;
      }
    }
    if (hasRepetitions) this.#countRepetitions(values);
    // From the newest element on, because a read usually misses only new ones.
    for (let row = seenBy.length - 1; absent > 0; row--) {
      if (seenBy[row] === position) continue;
      absent--;
      if (invoked > (lastAbsent[row] ?? -1)) lastAbsent[row] = invoked;
    }
  }

  wasAttempted(element: unknown): boolean {
    return this.#rows.of(element) >= 0;
  }

  #countRepetitions(values: readonly unknown[]): void {
    const counts = new Map<number, number>(); // by row
    for (const element of values) {
      const row = this.#rows.of(element);
      if (row < 0) continue;
      const times = (counts.get(row) ?? 0) + 1;
      counts.set(row, times);
      if (times > (this.repeated.get(row)?.times ?? 1)) this.repeated.set(row, { element, times });
    }
  }
}

/** Collects the timelines of all elements in one pass, and the reads whose value is not a list. */
function collectTimelines(history: History, add: string): { timelines: Timelines; malformed: Event[] } {
  const timelines = new Timelines();
  const malformed: Event[] = [];
  const partners = pairPositions(history);
  for (let position = 0; position < history.length; position++) {
    const event = history[position];
    if (event === undefined || event.process === NEMESIS) continue;
    if (event.f === add) {
      if (event.type === "invoke") timelines.attempt(event.value);
      else if (event.type === "ok") timelines.acknowledge(event.value, position);
    } else if (event.f === "read" && event.type === "ok") {
      const values = event.value ?? []; // null represents an empty list, as in Maelstrom's client
      if (!Array.isArray(values)) malformed.push(event);
      else timelines.read(values, { position, invoked: partners[position] ?? -1 });
    }
  }
  return { timelines, malformed };
}

function elementResult(history: History, timelines: Timelines, row: number): ElementResult {
  const known = timelines.known[row] ?? -1;
  const lastPresent = timelines.lastPresent[row] ?? -1;
  const lastAbsent = timelines.lastAbsent[row] ?? -1;
  const stable = lastPresent >= 0 && lastAbsent < lastPresent;
  // A read that misses an element proves nothing unless it began after the element was known.
  const lost = known >= 0 && lastAbsent >= 0 && lastPresent < lastAbsent && known < lastAbsent;
  const knownTime = history[known]?.time ?? 0;
  return {
    element: timelines.elements[row],
    outcome: stable ? "stable" : lost ? "lost" : "never-read",
    stableLatencyMs: stable ? latency(knownTime, history[lastAbsent]) : null,
    lostLatencyMs: lost ? latency(knownTime, history[lastPresent]) : null,
    known: history[known] ?? null,
    lastAbsent: history[lastAbsent] ?? null,
  };
}

/** Returns the whole ms from `knownTime` to the ns after `last`; 0 if there was no such read. */
function latency(knownTime: number, last: Event | undefined): number {
  if (last === undefined) return 0;
  return Math.trunc(Math.max(0, last.time + 1 - knownTime) / NS_PER_MS);
}

/**
 * Returns Jepsen's frequency distribution of some latencies; `null` if there are none.
 *
 * @param values the latencies in ms
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
  const at = (q: number): number => quantile(sorted, q) ?? 0;
  return { "0": at(0), "0.5": at(0.5), "0.95": at(0.95), "0.99": at(0.99), "1": at(1) };
}
