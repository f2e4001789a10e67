/** Settings that sweeping and fuzzing share. */

import { ArgumentError, parsed } from "../../runtime/settings.ts";
import { ALL_FAULTS, FAULT_KINDS, type FaultKind } from "../nemesis.ts";
import { parseFaults, testSettings } from "../options.ts";

const { nemesis: _nemesis, ...shape } = testSettings;

/** What shapes a test, but for its faults. */
export const testShape = shape;

/** `--seeds A..B`. */
export const seedsSetting = parsed<{ readonly from: number; readonly to: number }>({
  form: "A..B",
  about: "The seeds, both ends included.",
  parse: parseSeeds,
});

/** `--faults none|all|LIST`. */
export const faultSetting = parsed<readonly FaultKind[]>({
  form: "none|all|FAULT,…",
  about: `The faults that are injected: none (the default), all (${ALL_FAULTS.join(", ")}), or some of ${
    FAULT_KINDS.join(", ")
  }.`,
  parse: parseFaults,
});

function parseSeeds(given: string): { readonly from: number; readonly to: number } | undefined {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(given);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  if (from > to) {
    throw new ArgumentError(
      `--seeds ${given} runs backwards: the smaller stands first, as in ${to}..${from}`,
    );
  }
  return Number.isSafeInteger(to) ? { from, to } : undefined;
}
