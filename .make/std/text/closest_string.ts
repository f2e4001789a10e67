/** Substitute for `@std/text/closest-string`. */

import { levenshteinDistance } from "./levenshtein_distance.ts";

/** Options of {@linkcode closestString}. */
export interface ClosestStringOptions {
  /** True if the comparison is case-sensitive. Default: false. */
  caseSensitive?: boolean;
  /** The distance between two strings. Default: {@linkcode levenshteinDistance}. */
  compareFn?: (a: string, b: string) => number;
}

/** Returns the first string with the smallest distance to the given one. */
export function closestString(
  givenWord: string,
  possibleWords: readonly string[],
  options: ClosestStringOptions = {},
): string {
  const { caseSensitive = false, compareFn = levenshteinDistance } = options;
  const fold = (text: string) => caseSensitive ? text : text.toLowerCase();
  const [first, ...rest] = possibleWords.map((word) => ({
    word,
    distance: compareFn(fold(givenWord), fold(word)),
  }));
  if (first === undefined) throw new TypeError("the possibleWords array must contain at least one word");
  return rest.reduce((best, each) => each.distance < best.distance ? each : best, first).word;
}
