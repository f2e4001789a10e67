/** What a checker says of a history. */

/** `unknown`: nothing wrong was found, but not everything could be established. */
export type Validity = true | false | "unknown";

/** A checker's result: a verdict, and whatever proves it. Keys are Jepsen's, without the question mark. */
export interface Result {
  /** The verdict. */
  readonly valid: Validity;
  /** What proves it, by Jepsen's names. */
  readonly [key: string]: unknown;
}

/** How a long check shows how far it is, and is stopped. A stopped check is `unknown`, with what was established. */
export interface CheckControl {
  /** Asked every now and then; the check ends soon after it first says true. */
  readonly stopped?: () => boolean;
  /** Called every now and then with the part done, from 0 to 1. */
  readonly progress?: (part: number) => void;
}

/**
 * The verdict of several: false if one is false, else `unknown` if one is, else true.
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
