/** Ends a run in real time as soon as its failure is certain. Tested by `tests/bench/run/fail_fast_test.ts`. */

import { type Event, NEMESIS } from "../../checkers/history.ts";
import type { Clock } from "../../runtime/host.ts";
import type { NodeFault } from "../../sim/cluster.ts";
import type { EarlyEnd } from "../store/file_limit.ts";
import { verdictWithoutEnd } from "./early_end.ts";
import { TIMEOUT_ERROR } from "../workloads/operations.ts";
import type { TestResult } from "./verdict.ts";

/** Age of the first judgment of the history so far, in ms. Each later judgment waits twice as long. */
const FIRST_JUDGMENT_MS = 2000;
/** The time after which a run ends if its nodes have not replied to any operation, in ms: two timeouts of a client. */
const NO_REPLY_MS = 10_000;

/** The parts of a run that the decision needs. */
export interface FailFastOptions {
  readonly clock: Clock;
  /** True if every operation must succeed. */
  readonly isTotal: boolean;
  /** Judges the history so far. */
  readonly judge: () => Promise<TestResult | undefined>;
  readonly end: (reason: EarlyEnd) => void;
}

/** Decides when the failure of one run is certain. */
export class FailFast {
  readonly #options: FailFastOptions;
  #isStopped = false;
  #invoked = 0;
  #replied = 0;

  constructor(options: FailFastOptions) {
    this.#options = options;
  }

  /** Starts the judgments, when the first operation can start. */
  start(): void {
    this.#options.clock.after(NO_REPLY_MS, () => {
      if (this.#invoked === 0 || this.#replied > 0) return;
      this.#end("no-reply", `no node replied to any operation within ${NO_REPLY_MS / 1000} s`);
    });
    this.#schedule(FIRST_JUDGMENT_MS);
  }

  /** Ends the judgments. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Receives the failure of a node, which makes every run invalid. */
  failed({ node }: NodeFault): void {
    this.#end("certain", `node ${node} failed`);
  }

  /** Receives an event of the history. */
  recorded({ process, type, f, error }: Event): void {
    if (process === NEMESIS) return;
    if (type === "invoke") this.#invoked++;
    else if (error !== TIMEOUT_ERROR) this.#replied++;
    if (this.#options.isTotal && (type === "fail" || type === "info")) {
      this.#end("certain", `an operation (${f}) did not succeed, and all must`);
    }
  }

  #schedule(afterMs: number): void {
    this.#options.clock.after(afterMs, () => {
      if (!this.#isStopped) this.#judge(2 * afterMs);
    });
  }

  async #judge(nextAfterMs: number): Promise<void> {
    const result = await this.#options.judge().catch(() => undefined); // the last judgment reports the problem
    if (this.#isStopped) return;
    if (result !== undefined && verdictWithoutEnd(result) === false) {
      this.#end("certain", "the history so far is invalid");
    } else this.#schedule(nextAfterMs);
  }

  #end(kind: "certain" | "no-reply", why: string): void {
    if (this.#isStopped) return;
    this.stop();
    this.#options.end({ kind, text: `The run ended early because it cannot pass any more: ${why}.` });
  }
}
