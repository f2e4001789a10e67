/** Single-precision fractions, as Jepsen has them. Tested by `tests/checkers/figures_test.ts`. */

/**
 * Returns the shortest decimal that reads back as the same single-precision float.
 *
 * Jepsen prints `(float x)` in this way: 0.90123457, although the double has more digits.
 */
export function shortestFloat32(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}
