/** Substitute for `@std/text/levenshtein-distance`. */

/** Returns the number of characters to insert, delete or replace to turn one string into the other. */
export function levenshteinDistance(str1: string, str2: string): number {
  const to = [...str2];
  let distances = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, character] of [...str1].entries()) {
    const next = [i + 1];
    for (const [j, other] of to.entries()) {
      const replaced = (distances[j] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (distances[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    distances = next;
  }
  return distances[to.length] ?? 0;
}
