/**
 * Replaces modules that a browser lacks and that the playground's page does not call: `node:crypto`, and the text of the
 * plot library.
 *
 * Tested by `tests/bench/playground/replaced_test.ts`.
 */

/** Replaces `createHash`. */
export function createHash(): never {
  throw new Error("not available in a browser");
}
