/** Samples on several workers: which schedules run, and which failure counts. */

import { assert, assertEquals } from "@std/assert";
import type { ExplorationSpec, SampleSpec } from "../../../lib/bench/explore/exploration.ts";
import { type ParallelSampleOptions, runSample } from "../../../lib/bench/explore/parallel_sample.ts";
import { unjudged } from "../../../lib/bench/run/verdict.ts";
import type { JobResult } from "../../../lib/bench/worker/job.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { forSeeds } from "../../seeds.ts";

const RAN: JobResult = { result: unjudged(""), operations: 0, tookMs: 0, checkMs: 0, events: 0 };
const NOTHING = { schedules: 0, pruned: 0, depth: 0, exhausted: false };

/** Runs schedules, some of which fail, and notes their numbers. A slice ends at random. */
class Model {
  readonly ran: number[] = [];
  readonly #fails: ReadonlySet<number>;
  readonly #random: SeededRandom;
  /** Turns of the event loop until a block ends, at random, so that blocks end in any order. */
  readonly run: ParallelSampleOptions<number>["run"] = async (_worker, spec) => {
    for (let turns = this.#random.below(5); turns > 0; turns--) await Promise.resolve();
    return { ...RAN, exploration: this.#outcome(spec) };
  };

  constructor(fails: readonly number[], seed: number) {
    this.#fails = new Set(fails);
    this.#random = new SeededRandom(seed);
  }

  #outcome({ countsSteps, sample }: Partial<ExplorationSpec>) {
    if (countsSteps === true) return { ...NOTHING, depth: 12 };
    return sample === undefined ? NOTHING : this.#slice(sample);
  }

  #slice({ first, schedules, steps }: SampleSpec) {
    assertEquals(steps, 12);
    const end = first + Math.min(schedules, 1 + this.#random.below(150));
    for (let number = first; number < end; number++) {
      this.ran.push(number);
      const done = { ...NOTHING, schedules: number - first + 1, depth: 15, chains: 3, hasSucceeded: true };
      if (this.#fails.has(number)) return { ...done, steps: [`step of ${number}`] };
    }
    return { ...NOTHING, schedules: end - first, depth: 14, chains: 4, hasSucceeded: true };
  }
}

function optionsOf(model: Model, jobs: number): ParallelSampleOptions<number> {
  return {
    workers: Array.from({ length: jobs }, (_, i) => i),
    first: 0,
    schedules: 1000,
    depth: 2,
    endsAt: Infinity,
    progress: () => {},
    run: model.run,
  };
}

Deno.test("every schedule runs once, for every number of workers", async () => {
  for (const jobs of [1, 2, 5]) {
    const model = new Model([], jobs);
    const { frontier, failed } = await runSample(optionsOf(model, jobs));
    assertEquals(model.ran.toSorted((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
    assertEquals([frontier.done.schedules, frontier.done.hasSucceeded, failed], [1000, true, undefined]);
    assertEquals(frontier.done.probability, 1 - (1 - 1 / (4 * 12)) ** 1000);
  }
});

Deno.test("the first failing schedule is found, for every number of workers", async () => {
  await forSeeds({ slice: 50, full: 1000 }, async (random, seed) => {
    const fails = Array.from({ length: 1 + random.below(5) }, () => random.below(1000));
    const first = Math.min(...fails);
    for (const jobs of [1, 2, 5]) {
      const { frontier, failed } = await runSample(optionsOf(new Model(fails, seed), jobs));
      assertEquals(failed?.ran.exploration?.steps, [`step of ${first}`]);
      assertEquals(frontier.done.schedules, first + 1);
    }
  });
});

Deno.test("a shard runs its own schedules, and counts them alone", async () => {
  const model = new Model([499, 620], 1);
  const share = { ...optionsOf(model, 2), first: 500, schedules: 250 };
  const { frontier, failed } = await runSample(share);
  assertEquals(failed?.ran.exploration?.steps, ["step of 620"]);
  assertEquals(frontier.done.schedules, 121);
  assert(model.ran.every((number) => number >= 500 && number < 750));
});

Deno.test("a sample ends at its time, and counts what ran", async () => {
  const model = new Model([], 1);
  let timeMs = 0;
  const options = optionsOf(model, 2);
  const run: typeof options.run = (worker, spec) => {
    timeMs += 100;
    return model.run(worker, spec);
  };
  const { frontier } = await runSample({ ...options, run, now: () => timeMs, endsAt: 500 });
  assertEquals(frontier.done.schedules, model.ran.length);
  assert(model.ran.length < 1000);
});

Deno.test("an interruption and a node that hangs end a sample", async () => {
  const interrupted = await runSample({
    ...optionsOf(new Model([], 1), 2),
    run: () => Promise.resolve(undefined),
  });
  assertEquals([interrupted.failed, interrupted.frontier.done.schedules], [undefined, 0]);
  const model = new Model([], 1);
  const run: typeof model.run = (worker, spec) =>
    spec.sample === undefined ? model.run(worker, spec) : Promise.resolve(RAN);
  assertEquals((await runSample({ ...optionsOf(model, 2), run })).failed?.ran, RAN);
});
