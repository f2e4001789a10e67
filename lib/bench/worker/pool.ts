/** Workers that outlive their job: one that has run a test is several times as fast as a new one. */

import { BenchWorker } from "./handle.ts";

/** Idle workers. */
export class WorkerPool {
  readonly #idle: BenchWorker[] = [];

  /** Runs `work` on an idle worker, or on a new one, and resolves to its result. */
  async use<T>(work: (worker: BenchWorker) => Promise<T>): Promise<T> {
    const worker = this.#idle.pop() ?? new BenchWorker();
    try {
      return await work(worker);
    } finally {
      this.#idle.push(worker);
    }
  }

  /** Ends all idle workers and their jobs. */
  stop(): void {
    for (const worker of this.#idle.splice(0)) worker.stop();
  }
}
