/** Fractions as Jepsen gives them: single-precision floats. */

/**
 * The shortest decimal that reads back as the same single-precision float: what Jepsen prints for `(float x)`, such as
 * 0.90123457 where the double would go on.
 */
export function shortestFloat32(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}
