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
import { parseSweep, planSweep } from "../../sweep/plan.ts";
import { type FailedRun, runSeeds, type SweepResult } from "../../sweep/seeds.ts";
import { describeShrunk, type ShrinkResult, shrinkRun } from "../../sweep/shrink_run.ts";
import type { JobRunner } from "../../worker/job.ts";

/** The number of seeds of a sweep. */
const SEEDS = 200;
/** The maximum number of smaller runs tried. */
const SHRINK_TRIES = 400;

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

  /**
   * Sweeps with the options of a test, and returns the first failing run as small as possible. Rejects with `ArgumentError` if
   * the options are wrong.
   */
  async run(args: readonly string[], code: string | undefined): Promise<ShrinkResult | undefined> {
    const cut = args.indexOf("--");
    const seeds = ["--seeds", `1..${SEEDS}`];
    const all = cut < 0 ? [...args, ...seeds] : [...args.slice(0, cut), ...seeds, ...args.slice(cut)];
    const { job } = planSweep(parseSweep(all));
    const stopped = Promise.withResolvers<undefined>();
    let isStopped = false;
    this.#stop = () => {
      isStopped = true;
      stopped.resolve(undefined);
    };
    const began = performance.now();
    const { result, failures } = await runSeeds({
      seeds: Array.from({ length: SEEDS }, (_, i) => i + 1),
      jobs: Math.max(1, navigator.hardwareConcurrency),
      keepGoing: false,
      job: (seed) => code === undefined ? job(seed) : { ...job(seed), code, form: "text" },
      progress: (sofar) => this.#tell(progressText(sofar, began)),
      interruption: {
        get signal() {
          return isStopped ? "SIGINT" : undefined;
        },
        orSignal: (work) => Promise.race([work, stopped.promise]),
      },
    }, this.#makeWorker);
    const [failure] = failures;
    const text = progressText(result, began);
    if (failure !== undefined) return await this.#shrink(failure, { text, stopped: () => isStopped });
    this.#tell(isStopped ? `${text} Stopped.` : `${text} Each of them is valid.`);
    return undefined;
  }

  async #shrink(
    failure: FailedRun,
    { text, stopped }: { readonly text: string; readonly stopped: () => boolean },
  ): Promise<ShrinkResult> {
    const worker = this.#makeWorker();
    try {
      // A run without a history ended in a node that never returned, and each smaller one would, too.
      const triesMax = failure.ran.history === undefined ? 0 : SHRINK_TRIES;
      const shrunk = await shrinkRun(failure, {
        worker,
        triesMax,
        stopped,
        progress: (tries) =>
          this.#tell(`${text} Seed ${failure.job.seed} fails. ${plural(tries, "smaller run")} tried.`),
      });
      const history = parseHistory(shrunk.ran.history ?? [], { cutOff: "drop" });
      this.#tell(`${text} The first failing run: ${describeShrunk(failure.job, shrunk)}.`);
      this.#panel.append(
        make("pre", { tabindex: "0" }, narrate(shrunk.recorded, history, shrunk.ran.messages).join("\n")),
      );
      return shrunk;
    } finally {
      worker.stop();
    }
  }

  #tell(text: string): void {
    this.#panel.hidden = false;
    this.#panel.replaceChildren(make("p", { role: "status" }, text));
  }
}

function progressText({ seeds, operations }: SweepResult, began: number): string {
  const seconds = (performance.now() - began) / 1000;
  return `${seeds} of ${SEEDS} seeds, ${plural(operations, "operation")}, ${
    (seeds / seconds).toFixed(1)
  } seeds/s.`;
}
