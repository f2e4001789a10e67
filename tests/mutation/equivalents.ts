/**
 * Changes that no test can notice, because they change nothing that can be seen, each with its reason. One whose place is
 * gone is an error: `equivalents_test.ts` says so.
 */

import type { FileMutation } from "./draw.ts";

/** A change that was looked at, and why nobody could notice it. */
export interface Equivalent {
  readonly file: string;
  /** Where it is, as {@linkcode Mutation.place} says it: what is replaced stands between ⟦ and ⟧. */
  readonly place: string;
  readonly replacement: string;
  readonly reason: string;
}

/** Every one that was met. */
export const EQUIVALENTS: readonly Equivalent[] = [];

/** Why nobody can notice this change; undefined when nobody said so. */
export function reasonFor(
  { file, place, replacement }: Pick<FileMutation, "file" | "place" | "replacement">,
): string | undefined {
  return EQUIVALENTS.find((each) =>
    each.file === file && each.place === place && each.replacement === replacement
  )?.reason;
}
