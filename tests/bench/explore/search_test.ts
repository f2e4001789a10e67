/** The search finds every outcome that a search through all orders finds. */

import { assert, assertEquals } from "@std/assert";
import { type Execution, search, type SearchResult, type Step } from "../../../lib/bench/explore/search.ts";
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
): Promise<{ readonly outcomes: ReadonlySet<string>; readonly result: SearchResult }> {
  const outcomes = new Set<string>();
  const result = await search({
    begin: () => Promise.resolve(new ModelExecution(model)),
    visit: (outcome) => {
      outcomes.add(outcome);
      return true;
    },
    stopped: ({ schedules, pruned }) => schedules + pruned > 60_000,
    reduces,
  });
  return { outcomes, result };
}

Deno.test("the reduced search finds every outcome, with fewer executions", async () => {
  let all = 0;
  let reduced = 0;
  await forSeeds({ slice: 30, full: 1000 }, async (random, seed) => {
    const model = {
      seed,
      processes: 2 + random.below(2),
      first: 1 + random.below(4),
      stepsMax: random.below(4),
      dropsMax: random.below(2),
    };
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
