/** Random schedules keep their guarantee. */

import { assert, assertEquals } from "@std/assert";
import { guaranteeOf, sample, trialSteps } from "../../../lib/bench/explore/sample.ts";
import type { Execution, Step } from "../../../lib/bench/explore/search.ts";
import { draftOf } from "../../../lib/bench/explore/step_draft.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";

/** Some chains of steps: a step is possible after the one before it in its chain. */
class Chains implements Execution<readonly string[]> {
  readonly #lengths: readonly number[];
  readonly #done: number[];
  readonly #order: string[] = [];

  constructor(lengths: readonly number[]) {
    this.#lengths = lengths;
    this.#done = lengths.map(() => 0);
  }

  enabled(): string[] {
    return this.#lengths.flatMap((length, chain) => {
      const next = this.#done[chain] ?? 0;
      return next < length ? [`${chain}.${next}`] : [];
    });
  }

  creatorOf(id: string): string | undefined {
    const [chain = 0, index = 0] = id.split(".").map(Number);
    return index === 0 ? undefined : `${chain}.${index - 1}`;
  }

  execute(id: string): Promise<Step> {
    const [chain = 0, index = 0] = id.split(".").map(Number);
    this.#done[chain] = index + 1;
    this.#order.push(id);
    return Promise.resolve({ ...draftOf(id, this.creatorOf(id)), process: String(chain) });
  }

  finish(): Promise<readonly string[]> {
    return Promise.resolve(this.#order);
  }
}

/** Returns how often `fails` holds, and the guaranteed probability per schedule. */
async function rate(depth: number, fails: (order: readonly string[]) => boolean) {
  let failures = 0;
  const parts = {
    begin: () => Promise.resolve(new Chains([4, 4, 4])),
    stepsMax: 100,
    random: new SeededRandom(depth),
  };
  const steps = await trialSteps(parts);
  const result = await sample({
    ...parts,
    steps,
    visit: (order) => {
      if (fails(order)) failures++;
      return true;
    },
    stopped: () => false,
    schedules: 4000,
    depth,
  });
  return { share: failures / result.schedules, result: { ...result, steps, depth } };
}

const precedes = (order: readonly string[], one: string, other: string) =>
  order.indexOf(one) < order.indexOf(other);

Deno.test("a failure of depth 1 is found by one in three of three chains", async () => {
  const { share, result } = await rate(
    1,
    (order) => precedes(order, "2.3", "0.0") && precedes(order, "2.3", "1.0"),
  );
  assertEquals([result.chains, result.steps], [3, 12]);
  assert(share >= 1 / 3 * 0.9, `${share}`);
});

Deno.test("a failure of depth 2 is found at least as often as is guaranteed", async () => {
  // Chain 0 must run to its third step, and then wait for all of chain 1.
  const { share, result } = await rate(
    2,
    (order) => precedes(order, "0.2", "1.0") && precedes(order, "1.3", "0.3"),
  );
  const guaranteed = 1 / (result.chains * result.steps);
  assert(share >= guaranteed, `${share} of at least ${guaranteed}`);
  assert(guaranteeOf(result) > 0.99);
});

Deno.test("a sample ends with the first schedule that is refused", async () => {
  const result = await sample({
    begin: () => Promise.resolve(new Chains([1])),
    visit: () => false,
    stopped: () => false,
    schedules: 10,
    stepsMax: 100,
    steps: 1,
    depth: 1,
    random: new SeededRandom(1),
  });
  assertEquals(result.schedules, 1);
});

Deno.test("a schedule depends on its number alone", async () => {
  const orders = async (first: number, schedules: number) => {
    const found: string[] = [];
    await sample({
      begin: () => Promise.resolve(new Chains([4, 4, 4])),
      visit: (order) => found.push(order.join()) > 0,
      stopped: () => false,
      first,
      schedules,
      stepsMax: 100,
      steps: 12,
      depth: 3,
      random: new SeededRandom(1),
    });
    return found;
  };
  const all = await orders(0, 20);
  assert(new Set(all).size > 10);
  assertEquals([...await orders(0, 7), ...await orders(7, 1), ...await orders(8, 12)], all);
});
