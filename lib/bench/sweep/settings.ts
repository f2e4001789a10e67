/** The range of seeds that `sweep` and `fuzz` accept. */

import { ArgumentError, parsed } from "../../runtime/settings.ts";

/** The setting `--seeds A..B`. */
export const seedsSetting = parsed<{ readonly from: number; readonly to: number }>({
  form: "A..B",
  about: "Range of seeds, both ends included. Default: 1..100; fuzz: 1..10.",
  parse: parseSeeds,
});

function parseSeeds(given: string): { readonly from: number; readonly to: number } | undefined {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(given);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  if (from > to) {
    throw new ArgumentError(
      `--seeds ${given} is reversed: write the smaller seed first, as in ${to}..${from}`,
    );
  }
  return Number.isSafeInteger(to) ? { from, to } : undefined;
}
