/** A small system to search. */

import { assert } from "@std/assert";
import type { Step } from "../../../../lib/bench/explore/search.ts";
import type { StatefulExecution } from "../../../../lib/bench/explore/state_search.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";

/** A message of the model: at its receiver it appends its name to the receiver's log, and sends further messages. */
interface ModelMessage {
  readonly id: string;
  readonly to: string;
  readonly creator: string | undefined;
}

export interface Model {
  readonly processes: number;
  readonly first: number;
  readonly stepsMax: number;
  readonly dropsMax: number;
  readonly seed: number;
}

/** A small system of processes that react to messages depending on what they received before. */
export class ModelExecution implements StatefulExecution<string> {
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

  stateText(): string {
    const pending = this.#pending.map(({ id }) => id).sort();
    return JSON.stringify([this.#logs, pending, this.#drops]);
  }

  labelOf(id: string): string {
    return id;
  }

  finish(): Promise<string> {
    return Promise.resolve(JSON.stringify(this.#logs));
  }
}

/** Draws a system. */
export function drawModel(random: SeededRandom, seed: number): Model {
  return {
    seed,
    processes: 2 + random.below(2),
    first: 1 + random.below(4),
    stepsMax: random.below(4),
    dropsMax: random.below(2),
  };
}
