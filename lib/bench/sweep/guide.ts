/**
 * Chooses the settings of the next run of a guided sweep from the signals that earlier runs gave.
 *
 * A run's score grows with the number of its signals, where a signal that n runs gave counts 1/n. A setting is worth the
 * mean score of the runs that had it, less that of all runs. The next run has the candidate settings of greatest worth.
 * Scores fall as signals become frequent, so that the choice changes in the course of a sweep.
 *
 * Tested by `tests/bench/sweep/guided_test.ts`.
 */

import type { TestOptions } from "../run/options.ts";

/** The maximum number of runs that are remembered. The oldest ones are left out. */
const RUNS_MAX = 256;
/** The worth of a setting that no run had yet. It is positive, so that the sweep tries each setting. */
const WORTH_UNTRIED = 0.3;
/** The number of runs before the first choice. */
const RUNS_MIN = 2;

/** The settings of a run that the guide learned from, and what it gave. */
interface LearnedRun {
  readonly settings: readonly string[];
  readonly signals: readonly number[];
}

/** Learns which settings give rare signals. */
export class Guide {
  readonly #runs: LearnedRun[] = [];
  readonly #counts = new Map<number, number>(); // signal → runs that gave it

  /** Adds a run. The order of runs matters only if there are more than are remembered. */
  learn(test: TestOptions, signals: ReadonlySet<number>): void {
    for (const signal of signals) this.#counts.set(signal, (this.#counts.get(signal) ?? 0) + 1);
    this.#runs.push({ settings: settingsOf(test), signals: [...signals] });
    if (this.#runs.length > RUNS_MAX) this.#runs.shift();
  }

  /** Returns the candidate whose settings are worth most; the first one among equals. Throws on none. */
  choose<T extends { readonly test: TestOptions }>(candidates: readonly T[]): T {
    const [first] = candidates;
    if (first === undefined) throw new RangeError("no candidate to choose from");
    if (this.#runs.length < RUNS_MIN) return first;
    const worth = this.#worth();
    const worthOf = ({ test }: T) =>
      settingsOf(test).reduce((sum, setting) => sum + (worth.get(setting) ?? WORTH_UNTRIED), 0);
    return candidates.reduce((best, each) => worthOf(each) > worthOf(best) ? each : best, first);
  }

  /** Returns the worth of each setting that a run had. */
  #worth(): ReadonlyMap<string, number> {
    const scores = this.#runs.map(({ signals }) =>
      Math.log1p(signals.reduce((sum, signal) => sum + 1 / (this.#counts.get(signal) ?? 1), 0))
    );
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const sums = new Map<string, { readonly excess: number; readonly count: number }>();
    for (const [i, { settings }] of this.#runs.entries()) {
      for (const setting of settings) {
        const { excess, count } = sums.get(setting) ?? { excess: 0, count: 0 };
        sums.set(setting, { excess: excess + (scores[i] ?? mean) - mean, count: count + 1 });
      }
    }
    // One more run of mean score damps settings that few runs had.
    return new Map([...sums].map(([setting, { excess, count }]) => [setting, excess / (count + 1)]));
  }
}

/** Returns the settings that a seed draws, as texts. Similar numbers are one setting. */
function settingsOf({ faults, nodes, rate, nemesisIntervalS, latency, timeLimitS }: TestOptions): string[] {
  return [
    ...faults.map((kind) => `fault ${kind}`),
    `nodes ${nodes.length}`,
    `rate ${Math.round(Math.log2(rate) / 1.5)}`,
    `interval ${Math.round(Math.log2(nemesisIntervalS))}`,
    `latency ${latency.meanMs}`,
    `time limit ${Math.floor(timeLimitS / 4)}`,
  ];
}
