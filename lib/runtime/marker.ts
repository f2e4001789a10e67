/**
 * The mark by which the bench recognizes executables that were made with this library.
 *
 * Tested by `tests/runtime/process_test.ts`.
 */

/** A text that is part of each such executable, since the modules in it keep their source. */
export const NODE_MARKER = "charybdis:node-runtime:1";
