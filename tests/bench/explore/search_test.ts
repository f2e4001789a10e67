/** The search finds every outcome that a search through all orders finds. */

import { assert, assertEquals } from "@std/assert";
import { divide } from "../../../lib/bench/explore/divide.ts";
import { search, type SearchPart, type SearchResult } from "../../../lib/bench/explore/search.ts";
import { forSeeds, longTest, soaking } from "../../seeds.ts";
import { drawModel, type Model, ModelExecution } from "./support/model.ts";

async function explore(
  model: Model,
  reduces: boolean,
  { part, executionsMax = soaking ? 10_000 : 2000 }: {
    readonly part?: SearchPart;
    readonly executionsMax?: number;
  } = {},
): Promise<{ readonly outcomes: ReadonlySet<string>; readonly result: SearchResult }> {
  const outcomes = new Set<string>();
  const result = await search({
    begin: () => Promise.resolve(new ModelExecution(model)),
    visit: (outcome) => {
      outcomes.add(outcome);
      return true;
    },
    stopped: ({ schedules, pruned }) => schedules + pruned >= executionsMax,
    reduces,
    part,
  });
  return { outcomes, result };
}

longTest("the reduced search finds every outcome, with fewer executions", async () => {
  let all = 0;
  let reduced = 0;
  await forSeeds({ slice: 12, full: 1000 }, async (random, seed) => {
    const model = drawModel(random, seed);
    const naive = await explore(model, false);
    if (!naive.result.exhausted) return;
    const found = await explore(model, true);
    assert(found.result.exhausted);
    assertEquals([...found.outcomes].sort(), [...naive.outcomes].sort(), JSON.stringify(model));
    all += naive.result.schedules;
    reduced += found.result.schedules;
  });
  assert(reduced * 3 < all, `${reduced} of ${all}`);
});

Deno.test("messages to different processes need one order", async () => {
  const model = { seed: 1, processes: 4, first: 4, stepsMax: 0, dropsMax: 0, cutsMax: 0, crashesMax: 0 };
  assertEquals((await explore(model, false)).result.schedules, 24);
  assertEquals((await explore(model, true)).result.schedules, 1);
});

Deno.test("the parts of a search find each outcome, and none runs an order of another part", async () => {
  await forSeeds({ slice: 10, full: 1000 }, async (random, seed) => {
    const model = drawModel(random, seed);
    const whole = await explore(model, true, { executionsMax: 1000 });
    if (!whole.result.exhausted) return;
    for (const [wanted, checks] of [[2, Infinity], [7, Infinity], [50, Infinity], [50, 3]] as const) {
      let left = checks;
      const parts = await divide({
        parts: wanted,
        begin: () => Promise.resolve(new ModelExecution(model)),
        stopped: () => --left < 0,
      });
      const outcomes = new Set<string>();
      let schedules = 0;
      for (const part of parts) {
        const found = await explore(model, true, { part });
        assert(found.result.exhausted);
        schedules += found.result.schedules;
        for (const outcome of found.outcomes) outcomes.add(outcome);
      }
      assertEquals(outcomes, whole.outcomes, JSON.stringify(model));
      // With a bound on losses, an order of independent steps may be possible while its equal is not.
      if (model.dropsMax + model.cutsMax + model.crashesMax === 0) {
        assertEquals(schedules, whole.result.schedules, JSON.stringify(model));
      }
    }
  });
});

longTest("a search that stops after each execution continues as if it had not", async () => {
  await forSeeds({ slice: 10, full: 200 }, async (random, seed) => {
    const model = drawModel(random, seed);
    const whole = await explore(model, true, { executionsMax: 2000 });
    if (!whole.result.exhausted) return;
    const outcomes = new Set<string>();
    let [schedules, pruned] = [0, 0];
    for (let part: SearchPart | undefined, exhausted = false; !exhausted;) {
      const { result, ...found } = await explore(model, true, { executionsMax: 1, ...(part && { part }) });
      for (const outcome of found.outcomes) outcomes.add(outcome);
      schedules += result.schedules;
      pruned += result.pruned;
      exhausted = result.exhausted;
      part = JSON.parse(JSON.stringify(result.rest ?? null)) ?? undefined;
      assertEquals(part === undefined, exhausted);
    }
    assertEquals([schedules, pruned], [whole.result.schedules, whole.result.pruned]);
    assertEquals(outcomes, whole.outcomes);
  });
});
