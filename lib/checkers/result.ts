/**
 * The verdict of a check, and the means to watch and to stop a long one.
 *
 * Tested by `tests/checkers/check_history_test.ts`.
 */

/** `unknown`: the check found nothing wrong, but could not establish everything. */
export type Validity = true | false | "unknown";

/** A result in Jepsen's form: its keys are Jepsen's, without the question mark. */
export interface JepsenResult {
  /** The verdict. */
  readonly valid: Validity;
  /** The evidence, under Jepsen's names. */
  readonly [key: string]: unknown;
}

/**
 * Callbacks by which a caller follows a long check and ends it. A check that was ended is at best `unknown`, and reports
 * what it had established.
 */
export interface CheckControl {
  /** Called repeatedly. The check ends soon after it first returns true. */
  readonly stopped?: () => boolean;
  /** Called repeatedly with the part of the check that is done, from 0 to 1. */
  readonly progress?: (part: number) => void;
}

/**
 * Returns the verdict of several: false if one is false, otherwise `unknown` if one is, otherwise true.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mergeValidity } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(mergeValidity([true, "unknown"]), "unknown");
 * assertEquals(mergeValidity([true, "unknown", false]), false);
 * ```
 */
export function mergeValidity(verdicts: Iterable<Validity>): Validity {
  let merged: Validity = true;
  for (const valid of verdicts) {
    if (valid === false) return false;
    if (valid === "unknown") merged = "unknown";
  }
  return merged;
}
