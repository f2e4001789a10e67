/**
 * The mark by which the bench recognizes executables that were made with this library.
 *
 * Tested by `tests/runtime/process_test.ts`.
 */

/**
 * The text in `--version` that follows a program's own version. Each executable contains it: it is used, so that a bundler keeps
 * it.
 */
export const NODE_MARKER = "(Charybdis, Deno ";
