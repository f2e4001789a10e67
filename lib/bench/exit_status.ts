/** The exit statuses of the bench. Tested by `tests/bench/run/bounds_test.ts`. */

import type { Validity } from "../checkers/result.ts";

/** Exit statuses, as in Maelstrom. */
export const EXIT = { valid: 0, invalid: 1, unknown: 2, arguments: 254, bench: 255 } as const;

/** The exit status of a verdict. */
export function exitStatus(valid: Validity): number {
  return valid === true ? EXIT.valid : valid === false ? EXIT.invalid : EXIT.unknown;
}
