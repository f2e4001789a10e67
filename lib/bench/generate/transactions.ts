/**
 * Histories of transactions with one anomaly each. The transactions of an anomaly are concurrent, each in a process of its own,
 * so that neither real time nor sessions add further ones.
 *
 * Tested by `tests/bench/generate/generate_test.ts`.
 */

import type { SeededRandom } from "../../sim/random.ts";
import { randomTransactions } from "../workloads/txn_generator.ts";
import type { Script, ScriptedOperation } from "./script.ts";

type Step = readonly [f: string, key: number, value: unknown];

/** The keys of anomalies, which are not among those of the other transactions. */
const X = 1_000_001;
const Y = 1_000_002;

/** Returns a transaction: its steps with their results. An invocation does not know what it reads. */
function transaction(steps: readonly Step[], more: Partial<ScriptedOperation> = {}): ScriptedOperation {
  const value = steps.map(([f, key, result]) => [f, key, f === "r" ? null : result]);
  return { f: "txn", value, result: steps, ...more };
}

function read(key: number, value: unknown): Step {
  return ["r", key, value];
}

/** The writes and values of lists, or of registers. */
interface Kind {
  readonly write: (key: number, value: number) => Step;
  /** The value of a key after the given writes. */
  readonly after: (...values: readonly number[]) => unknown;
}

const LISTS: Kind = {
  write: (key, value) => ["append", key, value],
  after: (...values) => values.length === 0 ? null : values,
};

const REGISTERS: Kind = {
  write: (key, value) => ["w", key, value],
  after: (...values) => values.at(-1) ?? null,
};

/** Returns the anomalies that both kinds have. */
function common({ write, after }: Kind): Readonly<Record<string, Script>> {
  /** Reads that show the order of versions, after the anomaly. */
  const last = [transaction([read(X, after(1))]), transaction([read(Y, after(1))])];
  return {
    "G1a": [[transaction([write(X, 1)], { type: "fail" }), transaction([read(X, after(1))])]],
    "G1b": [[transaction([write(X, 1), write(X, 2)]), transaction([read(X, after(1))])]],
    "G1c": [[
      transaction([write(X, 1), read(Y, after(1))]),
      transaction([write(Y, 1), read(X, after(1))]),
    ]],
    "G-single-item": [
      [transaction([write(X, 1), write(Y, 1)]), transaction([read(X, after()), read(Y, after(1))])],
      last,
    ],
    "G-nonadjacent-item": [
      [
        transaction([write(X, 1)]),
        transaction([write(Y, 1)]),
        transaction([read(X, after(1)), read(Y, after())]),
        transaction([read(X, after()), read(Y, after(1))]),
      ],
      last,
    ],
    "G2-item": [
      [
        transaction([read(X, after()), write(Y, 1)]),
        transaction([read(Y, after()), write(X, 1)]),
      ],
      last,
    ],
    "G-single-item-realtime": [
      [transaction([write(X, 1)])],
      [transaction([read(X, after())])],
      [transaction([read(X, after(1))])],
    ],
  };
}

/** The anomalies of lists of appended elements. */
export const LIST_ANOMALIES: Readonly<Record<string, Script>> = {
  "G0": [
    [
      transaction([LISTS.write(X, 1), LISTS.write(Y, 1)]),
      transaction([LISTS.write(X, 2), LISTS.write(Y, 2)]),
    ],
    [transaction([read(X, [1, 2])]), transaction([read(Y, [2, 1])])],
  ],
  ...common(LISTS),
  // The reader also misses the later append of the same transaction, so that "G-single-item" names it, too.
  "G1b": [[transaction([LISTS.write(X, 1), LISTS.write(X, 2)]), transaction([read(X, [1])])]],
  "internal": [[transaction([LISTS.write(X, 1), read(X, [2])]), transaction([LISTS.write(X, 2)])]],
  "duplicate-elements": [[transaction([LISTS.write(X, 1)]), transaction([read(X, [1, 1])])]],
  "incompatible-order": [[
    transaction([LISTS.write(X, 1)]),
    transaction([LISTS.write(X, 2)]),
    transaction([read(X, [1, 2])]),
    transaction([read(X, [2, 1])]),
  ]],
};

/** The anomalies of registers. */
export const REGISTER_ANOMALIES: Readonly<Record<string, Script>> = {
  ...common(REGISTERS),
  "internal": [[transaction([REGISTERS.write(X, 1), read(X, 2)]), transaction([REGISTERS.write(X, 2)])]],
  // Each of the two also misses the write of the other, so that "G2-item" names them, too.
  "lost-update": [[
    transaction([REGISTERS.write(X, 1)]),
    transaction([read(X, 1), REGISTERS.write(X, 2)]),
    transaction([read(X, 1), REGISTERS.write(X, 3)]),
  ]],
};

/** Returns transactions without any anomaly: one after the other, with the results of a store that executes them. */
export function serialTransactions(
  random: SeededRandom,
  { write, count }: { readonly write: "append" | "w"; readonly count: number },
): Script {
  const next = randomTransactions(random, { write, keyCount: 5, maxLength: 4, maxWritesPerKey: 8 });
  const values = new Map<number, unknown>();
  return Array.from({ length: count }, () => {
    const steps = next().map(([f, key, value]): Step => {
      if (f === "r") return read(key, values.get(key) ?? null);
      const held = values.get(key);
      values.set(key, f === "w" ? value : [...Array.isArray(held) ? held : [], value]);
      return [f, key, value];
    });
    return [transaction(steps)];
  });
}
