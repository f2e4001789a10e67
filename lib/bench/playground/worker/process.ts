/**
 * Replaces `node:process` in a browser: a message to oneself is a task that runs after all promise continuations.
 *
 * Tested by `tests/bench/playground/replaced_test.ts`.
 */

const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();

/** Runs a function after all promise continuations that are ready. */
export function nextTick(run: () => void): void {
  waiting.push(run);
  port2.postMessage(0);
}
