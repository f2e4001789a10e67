/**
 * The threads of workers. A thread needs a while to load its modules, so the bench starts the first one while it loads its own.
 *
 * Tested by `tests/bench/worker/thread_test.ts`.
 */

let ahead: Worker | undefined;

/** Starts the thread that the next call of {@linkcode takeThread} returns. */
export function startThread(): void {
  ahead ??= newThread();
}

/** Returns the thread that was started ahead, or a new one. */
export function takeThread(): Worker {
  const thread = ahead ?? newThread();
  ahead = undefined;
  return thread;
}

function newThread(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
}
