/** Quantiles, as Jepsen's frequency distributions have them. Tested by `tests/checkers/figures_test.ts`. */

/**
 * Returns the element at ⌊n × q⌋ of n values in ascending order; undefined if there are none.
 *
 * @param sorted the values, ascending
 * @param q from 0, the least value, to 1, the greatest
 */
export function quantile(sorted: ArrayLike<number>, q: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}
