/** Measures set-ups with several workers. Tested by `tests/bench/tradeoff/consensus/command_test.ts`. */

import { BenchError } from "../../errors.ts";
import { type ConsensusFigures, type ConsensusMeasurement, mediansOf } from "./figures.ts";
import type { ConsensusConditions, ConsensusSetup } from "./setups.ts";
import type { MeasureAnswer, MeasureRequest } from "./worker.ts";

/** Runs every set-up with every seed, several at a time. Rejects with `BenchError`. */
export async function measureConsensus(
  setups: readonly ConsensusSetup[],
  { conditions, jobs, progress }: {
    readonly conditions: ConsensusConditions;
    readonly jobs: number;
    readonly progress?: (done: number, total: number) => void;
  },
): Promise<ConsensusMeasurement[]> {
  const runs = setups.map((): ConsensusFigures[] => []);
  const tasks = setups.flatMap((setup, i) =>
    conditions.seeds.map((seed) => ({ request: { setup, conditions, seed }, figures: runs[i] ?? [] }))
  ).sort((a, b) => workOf(b.request.setup) - workOf(a.request.setup));
  const queue = tasks.values();
  let done = 0;
  const work = async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    try {
      for (const { request, figures } of queue) {
        figures.push(await ask(worker, request));
        progress?.(++done, tasks.length);
      }
    } finally {
      worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, work));
  return setups.map((setup, i) => ({ ...setup, ...mediansOf(runs[i] ?? []) }));
}

/** Returns a rough measure of the work of a set-up. Long runs start first, so that no worker waits for one in the end. */
function workOf({ rate, conflictPercent }: ConsensusSetup): number {
  return rate * (1 + conflictPercent / 10);
}

function ask(worker: Worker, request: MeasureRequest): Promise<ConsensusFigures> {
  const { promise, resolve, reject } = Promise.withResolvers<ConsensusFigures>();
  worker.onmessage = ({ data }: MessageEvent<MeasureAnswer>) => {
    if (data.figures !== undefined) resolve(data.figures);
    else reject(new BenchError(`the measurement failed: ${data.problem}`));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new BenchError(`the worker failed: ${event.message}`));
  };
  worker.postMessage(request);
  return promise;
}
