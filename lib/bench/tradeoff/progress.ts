/** Shows the progress of measurements in a terminal. Tested by `tests/bench/tradeoff/command_test.ts`. */

/** Shows on stderr how many runs are done, if it is a terminal. */
export function showProgress(done: number, total: number): void {
  if (!Deno.stderr.isTerminal()) return;
  const text = done < total ? `${done} of ${total} runs` : "";
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
}
