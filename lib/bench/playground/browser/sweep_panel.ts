/**
 * Sweeps in the page: many seeds on all cores, and the first failing run as small as possible.
 *
 * Tested by `tests/bench/playground/sweep_panel_test.ts`.
 */

/// <reference lib="dom" />

import { parseHistory } from "../../../checkers/parse.ts";
import { plural } from "../../format.ts";
import { narrate } from "../../replay/narrative.ts";
import { make } from "../../report/browser/details.ts";
import { byId } from "../../report/browser/start.ts";
import { neverSucceeded } from "../../sweep/outcomes.ts";
import { type FailedRun, runSeeds, type SweepResult } from "../../sweep/seeds.ts";
import { describeShrunk, type ShrinkResult, shrinkRun } from "../../sweep/shrink_run.ts";
import type { JobRunner, VirtualJob } from "../../worker/job.ts";

/** The maximum number of smaller runs tried. */
const SHRINK_TRIES = 400;

/** Seeds to run, and the job of each. */
export interface SeedPlan {
  /** The text before the figures; empty for none. */
  readonly name: string;
  readonly seeds: readonly number[];
  readonly job: (seed: number) => VirtualJob;
}

/** The outcome of a sweep. */
export interface SweepOutcome {
  /** True if each seed ran and was valid. */
  readonly isValid: boolean;
  /** The first failing run, as small as possible. */
  readonly shrunk?: ShrinkResult;
}

/** The panel of sweeps. */
export class SweepPanel {
  readonly #makeWorker: () => JobRunner;
  readonly #panel = byId("sweep-result");
  #stop: () => void = () => {};

  constructor(makeWorker: () => JobRunner) {
    this.#makeWorker = makeWorker;
  }

  /** Ends the current sweep. */
  stop(): void {
    this.#stop();
  }

  hide(): void {
    this.#panel.hidden = true;
  }

  /** Runs the seeds of each plan, up to the first failing run. */
  async run(plans: readonly SeedPlan[]): Promise<SweepOutcome> {
    this.#panel.replaceChildren();
    this.#panel.hidden = false;
    const stopped = Promise.withResolvers<undefined>();
    let isStopped = false;
    this.#stop = () => {
      isStopped = true;
      stopped.resolve(undefined);
    };
    for (const plan of plans) {
      const line = make("p", { role: "status" });
      this.#panel.append(line);
      const began = performance.now();
      const { result, failures } = await runSeeds({
        seeds: plan.seeds,
        jobs: Math.max(1, Math.min(plan.seeds.length, navigator.hardwareConcurrency)),
        keepGoing: false,
        job: plan.job,
        progress: (sofar) => line.textContent = progressText(plan, sofar, began),
        interruption: {
          get signal() {
            return isStopped ? "SIGINT" : undefined;
          },
          orSignal: (work) => Promise.race([work, stopped.promise]),
        },
      }, this.#makeWorker);
      const [failure] = failures;
      const text = progressText(plan, result, began);
      if (failure !== undefined) {
        return {
          isValid: false,
          shrunk: await this.#shrink(failure, { line, text, stopped: () => isStopped }),
        };
      }
      const never = neverSucceeded(result.outcomes);
      const isValid = !isStopped && never.length === 0;
      const silent = `No seed fails, but ${never.join(", ")} never succeeded, so nothing is proved.`;
      line.textContent = `${text} ${isStopped ? "Stopped." : isValid ? "Each of them is valid." : silent}`;
      if (!isValid) return { isValid };
    }
    return { isValid: true };
  }

  async #shrink(
    failure: FailedRun,
    { line, text, stopped }: {
      readonly line: HTMLElement;
      readonly text: string;
      readonly stopped: () => boolean;
    },
  ): Promise<ShrinkResult> {
    const worker = this.#makeWorker();
    try {
      const shrunk = await shrinkRun(failure, {
        worker,
        triesMax: SHRINK_TRIES,
        stopped,
        progress: (tries) =>
          line.textContent = `${text} Seed ${failure.job.seed} fails. ${plural(tries, "smaller run")} tried.`,
      });
      const history = parseHistory(shrunk.ran.history ?? [], { cutOff: "drop" });
      line.textContent = `${text} The first failing run: ${describeShrunk(failure.job, shrunk)}.`;
      this.#panel.append(
        make("pre", { tabindex: "0" }, narrate(shrunk.recorded, history, shrunk.ran.messages).join("\n")),
      );
      return shrunk;
    } finally {
      worker.stop();
    }
  }
}

function progressText(
  { name, seeds: all }: SeedPlan,
  { seeds, operations }: SweepResult,
  began: number,
): string {
  const seconds = (performance.now() - began) / 1000;
  return `${name}${seeds} of ${all.length} seeds, ${plural(operations, "operation")}, ${
    (seeds / seconds).toFixed(1)
  } seeds/s.`;
}
