/** The figures of a class: per challenge, how many passed, and the medians of those. Tested by `tests/bench/grade/outputs_test.ts`. */

import type { StudentResult } from "../student_result.ts";

/** The figures of one challenge. */
export interface ChallengeFigures {
  readonly id: string;
  readonly title: string;
  readonly pointsMax: number;
  readonly passed: number;
  readonly tried: number;
  /** Medians of the submissions that passed; `null` if there are none. */
  readonly messagesPerOperation: number | null;
  readonly medianMs: number | null;
  readonly longestMs: number | null;
  /** The kinds of failures with their numbers, the most frequent first. */
  readonly failures: readonly (readonly [kind: string, count: number])[];
}

/** Returns the figures of each challenge, in the order of the first student. */
export function classFigures(results: readonly StudentResult[]): readonly ChallengeFigures[] {
  const byId = Map.groupBy(results.flatMap(({ challenges }) => challenges), ({ id }) => id);
  return [...byId].flatMap(([id, all]) => {
    const [first] = all;
    if (first === undefined) return [];
    const passed = all.filter((each) => each.passed);
    const failed = Map.groupBy(all.filter((each) => !each.passed), ({ failure }) => failure);
    return [{
      id,
      title: first.title,
      pointsMax: first.pointsMax,
      passed: passed.length,
      tried: all.length,
      messagesPerOperation: median(passed.map((each) => each.messagesPerOperation)),
      medianMs: median(passed.map((each) => each.medianMs)),
      longestMs: median(passed.map((each) => each.longestMs)),
      failures: [...failed].map(([kind, all]) => [kind, all.length] as const).sort((a, b) => b[1] - a[1]),
    }];
  });
}

function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const [low, high] = [known[Math.floor((known.length - 1) / 2)], known[Math.floor(known.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
