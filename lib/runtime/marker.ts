/**
 * The mark by which the bench recognizes executables that were made with this library.
 *
 * Tested by `tests/runtime/process_test.ts`.
 */

/** A text in each such executable, which contains the sources of its modules. */
export const NODE_MARKER = "charybdis:node-runtime:1";
