/**
 * Generates histories with exactly one anomaly, to test checkers with.
 *
 * Tested by `tests/bench/generate/generate_test.ts`.
 */

import type { History } from "../../checkers/history.ts";
import { ArgumentError, unknownName } from "../../runtime/settings.ts";
import { SeededRandom } from "../../sim/random.ts";
import { LOG_ANOMALIES, serialLog } from "./logs.ts";
import { historyOf, type Script } from "./script.ts";
import { LIST_ANOMALIES, REGISTER_ANOMALIES, serialTransactions } from "./transactions.ts";
import {
  COUNTER_ANOMALIES,
  KEY_ANOMALIES,
  serialCounter,
  serialRegisters,
  serialSet,
  setAnomalies,
} from "./values.ts";

/** The name of a history without any anomaly. */
export const NO_ANOMALY = "none";

/** The histories of a workload: what precedes the anomaly, and the anomaly after it. */
interface Histories {
  readonly anomalies: readonly string[];
  /** Returns the scripts of a history with an anomaly, or without one, after `count` other operations. */
  readonly scripts: (anomaly: string, random: SeededRandom, count: number) => readonly Script[];
}

/** Returns histories whose anomaly does not depend on the other operations. */
function independent(
  anomalies: Readonly<Record<string, Script>>,
  serial: (random: SeededRandom, count: number) => Script,
): Histories {
  return {
    anomalies: Object.keys(anomalies),
    scripts: (anomaly, random, count) => [serial(random, count), anomalies[anomaly] ?? []],
  };
}

function sets(add: "add" | "broadcast"): Histories {
  const anomalies = setAnomalies({ add });
  return {
    anomalies: Object.keys(anomalies),
    scripts: (anomaly, random, count) => {
      const { script, elements } = serialSet(random, { add, count });
      const final: Script = [[{ f: "read", value: null, result: elements, final: true }]];
      return [script, anomalies[anomaly]?.(elements) ?? final];
    },
  };
}

const counters: Histories = {
  anomalies: Object.keys(COUNTER_ANOMALIES),
  scripts: (anomaly, random, count) => {
    const { script, sum } = serialCounter(random, count);
    const final: Script = [[{ f: "read", value: null, result: sum, final: true }]];
    return [script, COUNTER_ANOMALIES[anomaly]?.(sum) ?? final];
  },
};

const HISTORIES: ReadonlyMap<string, Histories> = new Map([
  [
    "txn-list-append",
    independent(LIST_ANOMALIES, (random, count) => serialTransactions(random, { write: "append", count })),
  ],
  [
    "txn-rw-register",
    independent(REGISTER_ANOMALIES, (random, count) => serialTransactions(random, { write: "w", count })),
  ],
  ["kafka", independent(LOG_ANOMALIES, serialLog)],
  ["lin-kv", independent(KEY_ANOMALIES, serialRegisters)],
  ["g-set", sets("add")],
  ["broadcast", sets("broadcast")],
  ["g-counter", counters],
  ["pn-counter", counters],
]);

/** The workloads whose histories can be generated. */
export const GENERATED_WORKLOADS: readonly string[] = [...HISTORIES.keys()];

/** Returns the names of a workload's anomalies. Throws `ArgumentError` for a workload without histories. */
export function anomaliesOf(workload: string): readonly string[] {
  return histories(workload).anomalies;
}

function histories(workload: string): Histories {
  const found = HISTORIES.get(workload);
  if (found !== undefined) return found;
  throw new ArgumentError(
    `no histories of ${workload} can be generated. Choose one of ${GENERATED_WORKLOADS.join(", ")}`,
  );
}

/** Returns the full name of an anomaly: `G-single` is short for `G-single-item`. */
function fullName(anomaly: string, known: readonly string[]): string | undefined {
  return known.find((each) => each === anomaly) ?? known.find((each) => each === `${anomaly}-item`);
}

/**
 * Returns a history with exactly one anomaly, after `operations` operations that have none. Throws `ArgumentError` for an unknown
 * workload or anomaly.
 */
export function generateHistory(
  { workload, anomaly, seed, operations }: {
    readonly workload: string;
    readonly anomaly: string;
    readonly seed: number;
    readonly operations: number;
  },
): History {
  const { anomalies, scripts } = histories(workload);
  const name = anomaly === NO_ANOMALY ? NO_ANOMALY : fullName(anomaly, anomalies);
  if (name === undefined) throw unknownName("anomaly", anomaly, [...anomalies, NO_ANOMALY]);
  return historyOf(scripts(name, new SeededRandom(seed).split("history"), operations));
}
