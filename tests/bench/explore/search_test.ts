/** The search finds every outcome that a search through all orders finds. */

import { assert, assertEquals } from "@std/assert";
import { divide } from "../../../lib/bench/explore/divide.ts";
import {
  type Execution,
  search,
  type SearchPart,
  type SearchResult,
  type Step,
} from "../../../lib/bench/explore/search.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { forSeeds } from "../../seeds.ts";

/** A message of the model: at its receiver it appends its name to the receiver's log, and sends further messages. */
interface ModelMessage {
  readonly id: string;
  readonly to: string;
  readonly creator: string | undefined;
}

interface Model {
  readonly processes: number;
  readonly first: number;
  readonly stepsMax: number;
  readonly dropsMax: number;
  readonly seed: number;
}

/** A small system of processes that react to messages depending on what they received before. */
class ModelExecution implements Execution<string> {
  readonly #model: Model;
  readonly #logs: string[][];
  #pending: ModelMessage[] = [];
  #drops = 0;

  constructor(model: Model) {
    this.#model = model;
    this.#logs = Array.from({ length: model.processes }, () => []);
    for (let i = 0; i < model.first; i++) {
      this.#pending.push({ id: `m${i}`, to: `p${i % model.processes}`, creator: undefined });
    }
  }

  enabled(): string[] {
    const ids = this.#pending.map(({ id }) => id);
    return this.#drops < this.#model.dropsMax ? [...ids, ...ids.map((id) => `drop ${id}`)] : ids;
  }

  creatorOf(id: string): string | undefined {
    return this.#pending.find((each) => each.id === id.replace("drop ", ""))?.creator;
  }

  execute(id: string): Promise<Step> {
    const name = id.replace("drop ", "");
    const message = this.#pending.find((each) => each.id === name);
    assert(message !== undefined, `${id} is enabled`);
    this.#pending = this.#pending.filter((each) => each !== message);
    const dropped = name !== id;
    const excludes = dropped ? [name] : this.#drops < this.#model.dropsMax ? [`drop ${name}`] : [];
    if (dropped) this.#drops++;
    else this.#receive(message);
    return Promise.resolve({
      id,
      process: message.to,
      creator: message.creator,
      invokes: false,
      completes: false,
      readsTime: false,
      advancesTime: false,
      showsState: false,
      budget: undefined,
      excludes,
    });
  }

  #receive({ id, to }: ModelMessage): void {
    const log = this.#logs[Number(to.slice(1))] ?? [];
    log.push(id);
    if (log.length > this.#model.stepsMax) return;
    // The reaction depends on everything that the process has received, in its order.
    const random = new SeededRandom(`${this.#model.seed} ${log.join()}`);
    const count = random.below(3);
    for (let i = 0; i < count; i++) {
      this.#pending.push({ id: `${id}.${i}`, to: `p${random.below(this.#model.processes)}`, creator: id });
    }
  }

  finish(): Promise<string> {
    return Promise.resolve(JSON.stringify(this.#logs));
  }
}

async function explore(
  model: Model,
  reduces: boolean,
  { part, executionsMax = 60_000 }: { readonly part?: SearchPart; readonly executionsMax?: number } = {},
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

function drawModel(random: SeededRandom, seed: number): Model {
  return {
    seed,
    processes: 2 + random.below(2),
    first: 1 + random.below(4),
    stepsMax: random.below(4),
    dropsMax: random.below(2),
  };
}

Deno.test("the reduced search finds every outcome, with fewer executions", async () => {
  let all = 0;
  let reduced = 0;
  await forSeeds({ slice: 30, full: 1000 }, async (random, seed) => {
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
  const model = { seed: 1, processes: 4, first: 4, stepsMax: 0, dropsMax: 0 };
  assertEquals((await explore(model, false)).result.schedules, 24);
  assertEquals((await explore(model, true)).result.schedules, 1);
});

Deno.test("the parts of a search find each outcome, and none runs an order of another part", async () => {
  await forSeeds({ slice: 20, full: 1000 }, async (random, seed) => {
    const model = drawModel(random, seed);
    const whole = await explore(model, true, { executionsMax: 1000 });
    if (!whole.result.exhausted) return;
    for (const wanted of [2, 7, 50]) {
      const parts = await divide({ parts: wanted, begin: () => Promise.resolve(new ModelExecution(model)) });
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
      if (model.dropsMax === 0) assertEquals(schedules, whole.result.schedules, JSON.stringify(model));
    }
  });
});

Deno.test("a search that stops after each execution continues as if it had not", async () => {
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
