/** The range of seeds that `sweep` and `fuzz` accept. Tested by `tests/bench/cli/messages_test.ts`. */

import { ArgumentError, custom } from "../../runtime/settings.ts";

/** The setting `--seeds A..B`. */
export const seedsSetting = custom<{ readonly from: number; readonly to: number }>({
  syntax: "A..B",
  description: "Range of seeds, both ends included. Default: 1..100; fuzz: 1..10.",
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
