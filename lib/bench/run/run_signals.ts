/**
 * The signals that the parts of a run share: it was stopped, or promises were settled.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

/** The signals of one run. */
export class RunSignals {
  #isStopped = false;
  #isAsync = false;

  /** True if the run ends early: no further operation starts, and the run does not wait for those in progress. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Ends the run early. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Records that a promise was settled. */
  settled(): void {
    this.#isAsync = true;
  }

  /** Returns true if promises were settled since the last call: microtasks must then run before time advances. */
  consumeAsyncFlag(): boolean {
    const was = this.#isAsync;
    this.#isAsync = false;
    return was;
  }
}
