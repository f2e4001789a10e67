/**
 * Histories of registers, sets, counters and ids with one anomaly each.
 *
 * Tested by `tests/bench/generate/generate_test.ts`.
 */

import type { SeededRandom } from "../../sim/random.ts";
import type { Script, ScriptedOperation } from "./script.ts";

/** The key of the anomaly. */
const X = 1_000_001;

function write(value: number): ScriptedOperation {
  return { f: "write", value: [X, value] };
}

function get(value: number | null): ScriptedOperation {
  return { f: "read", value: [X, null], result: [X, value] };
}

function cas(from: number, to: number): ScriptedOperation {
  return { f: "cas", value: [X, [from, to]] };
}

/** The anomalies of registers, all of which are failures of linearizability. */
export const KEY_ANOMALIES: Readonly<Record<string, Script>> = {
  "stale-read": [[write(1)], [write(2)], [get(1)]],
  "lost-write": [[write(1)], [write(2), get(2)], [get(1)]],
  "split-brain": [[write(1)], [cas(1, 2), cas(1, 3)]],
  "thin-air-read": [[write(1)], [get(7)]],
};

/** Returns operations on registers without any anomaly. */
export function serialRegisters(random: SeededRandom, count: number): Script {
  const values = new Map<number, number>();
  return Array.from({ length: count }, (): readonly ScriptedOperation[] => {
    const key = random.below(3);
    const value = random.below(5);
    if (random.chance(0.5)) {
      return [{ f: "read", value: [key, null], result: [key, values.get(key) ?? null] }];
    }
    values.set(key, value);
    return [{ f: "write", value: [key, value] }];
  });
}

/** The operations of sets. */
interface SetForm {
  /** The name of an addition. */
  readonly add: "add" | "broadcast";
}

/** An element that no other operation adds. */
const ELEMENT = 1_000_001;

/** Returns the anomalies of sets. Each is a function of the elements of the other operations, which all reads contain. */
export function setAnomalies(
  { add }: SetForm,
): Readonly<Record<string, (others: readonly number[]) => Script>> {
  const reads = (...elements: readonly number[]): ScriptedOperation => ({
    f: "read",
    value: null,
    result: elements,
    final: true,
  });
  const added: ScriptedOperation = { f: add, value: ELEMENT };
  return {
    "lost": (others) => [[added], [reads(...others, ELEMENT)], [reads(...others)]],
    "never-read": (others) => [[{ ...added, type: "info" }], [reads(...others)]],
    "stale": (others) => [[added], [reads(...others)], [reads(...others, ELEMENT)]],
    "unexpected": (others) => [[reads(...others, ELEMENT)]],
    "duplicated": (others) => [[added], [reads(...others, ELEMENT, ELEMENT)]],
  };
}

/** Returns additions to a set and reads without any anomaly, and the elements. */
export function serialSet(
  random: SeededRandom,
  { add, count }: SetForm & { readonly count: number },
): { readonly script: Script; readonly elements: readonly number[] } {
  const elements: number[] = [];
  const script = Array.from({ length: count }, (_, n): readonly ScriptedOperation[] => {
    if (random.chance(0.5)) return [{ f: "read", value: null, result: [...elements] }];
    elements.push(n);
    return [{ f: add, value: n }];
  });
  return { script, elements };
}

/** The anomalies of counters. Each is a function of the sum of the other operations. */
export const COUNTER_ANOMALIES: Readonly<Record<string, (sum: number) => Script>> = {
  "lost-addition": (
    sum,
  ) => [[{ f: "add", value: 3 }], [{ f: "read", value: null, result: sum, final: true }]],
  "counted-twice": (sum) => [
    [{ f: "add", value: 3 }],
    [{ f: "read", value: null, result: sum + 6, final: true }],
  ],
};

/** Returns additions and reads without any anomaly, and the sum. */
export function serialCounter(
  random: SeededRandom,
  count: number,
): { readonly script: Script; readonly sum: number } {
  let sum = 0;
  const script = Array.from({ length: count }, (): readonly ScriptedOperation[] => {
    if (random.chance(0.5)) return [{ f: "read", value: null, result: sum }];
    const delta = random.below(5);
    sum += delta;
    return [{ f: "add", value: delta }];
  });
  return { script, sum };
}
