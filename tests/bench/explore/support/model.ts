/** A small system to search. */

import { assert } from "@std/assert";
import type { Step } from "../../../../lib/bench/explore/search.ts";
import { draftOf } from "../../../../lib/bench/explore/step_draft.ts";
import type { StatefulExecution } from "../../../../lib/bench/explore/state_search.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";

/** A message of the model: at its receiver it appends its name to the receiver's log, and sends further messages. */
interface ModelMessage {
  readonly id: string;
  readonly to: string;
  /** The sender. The first messages have none, and no cut holds them up. */
  readonly from: string | undefined;
  readonly creator: string | undefined;
}

export interface Model {
  readonly processes: number;
  readonly first: number;
  readonly stepsMax: number;
  readonly dropsMax: number;
  /** The number of times that one process is cut off from the others. */
  readonly cutsMax: number;
  /** The number of times that one process crashes. */
  readonly crashesMax: number;
  readonly seed: number;
}

/** A small system of processes that react to messages depending on what they received before. */
export class ModelExecution implements StatefulExecution<string> {
  readonly #model: Model;
  readonly #logs: string[][];
  #pending: ModelMessage[] = [];
  #drops = 0;
  #cuts = 0;
  #crashes = 0;
  /** The process that is cut off. */
  #alone: string | undefined;
  /** The step that made each cut or its end possible. */
  readonly #creators = new Map<string, string>();

  constructor(model: Model) {
    this.#model = model;
    this.#logs = Array.from({ length: model.processes }, () => []);
    for (let i = 0; i < model.first; i++) {
      this.#pending.push({ id: `m${i}`, to: `p${i % model.processes}`, from: undefined, creator: undefined });
    }
  }

  enabled(): string[] {
    const ids = this.#pending.map(({ id }) => id);
    const drops = this.#drops < this.#model.dropsMax ? ids.map((id) => `drop ${id}`) : [];
    const crashes = this.#crashes < this.#model.crashesMax
      ? this.#processes.map((each) => `crash ${each} ${this.#crashes}`)
      : [];
    return [...ids, ...drops, ...this.#switches(), ...crashes];
  }

  get #processes(): string[] {
    return this.#logs.map((_, i) => `p${i}`);
  }

  mostOf(id: string): Step | undefined {
    const [kind, process = ""] = id.split(" ");
    return kind === "crash" ? { ...draftOf(id, this.creatorOf(id)), process, budget: "crash" } : undefined;
  }

  #switches(): string[] {
    if (this.#alone !== undefined) return [`heal ${this.#cuts}`];
    if (this.#cuts >= this.#model.cutsMax) return [];
    return this.#processes.filter((alone) =>
      this.#pending.some((message) => linkOf(message)?.includes(alone))
    ).map((alone) => `cut ${alone} ${this.#cuts}`);
  }

  creatorOf(id: string): string | undefined {
    return this.#creators.get(id) ??
      this.#pending.find((each) => each.id === id.replace("drop ", ""))?.creator;
  }

  execute(id: string): Promise<Step> {
    const before = this.enabled();
    assert(before.includes(id), `${id} is enabled`);
    const creator = this.creatorOf(id);
    const [kind = "", name = id] = id.split(" ");
    const effects = this.#perform(kind, name);
    const after = this.enabled();
    for (const each of after) {
      if (/^(cut|heal|crash)/.test(each) && !before.includes(each)) this.#creators.set(each, id);
    }
    // A message that is not lost because another one was, is lost where the other one arrives.
    const excludes = before.filter((each) =>
      each !== id && !after.includes(each) && (!each.startsWith("drop") || each === `drop ${name}`)
    );
    return Promise.resolve({ ...draftOf(id, creator), excludes, ...effects });
  }

  #perform(kind: string, name: string): Partial<Step> & Pick<Step, "process"> {
    if (kind === "crash") return this.#crash(name);
    return kind === "cut" || kind === "heal" ? this.#switch(kind, name) : this.#take(name, kind === "drop");
  }

  #crash(process: string): Pick<Step, "process" | "budget"> {
    this.#crashes++;
    this.#logs[Number(process.slice(1))]?.push("crash");
    return { process, budget: "crash" };
  }

  #take(name: string, isLost: boolean): Pick<Step, "process" | "link"> {
    const message = this.#pending.find((each) => each.id === name);
    assert(message !== undefined);
    this.#pending = this.#pending.filter((each) => each !== message);
    const link = linkOf(message);
    if (isLost) this.#drops++;
    else if (this.#alone === undefined || !link?.includes(this.#alone)) this.#receive(message);
    return { process: message.to, link: isLost ? undefined : link?.join() };
  }

  #switch(kind: string, alone: string): Pick<Step, "process" | "switches"> {
    const affected = this.#alone ?? alone;
    this.#alone = kind === "cut" ? alone : undefined;
    if (kind === "cut") this.#cuts++;
    const others = this.#processes.filter((each) => each !== affected);
    return { process: "network", switches: others.map((each) => [affected, each].sort().join()) };
  }

  #receive({ id, to }: ModelMessage): void {
    const log = this.#logs[Number(to.slice(1))] ?? [];
    log.push(id);
    if (log.filter((each) => each !== "crash").length > this.#model.stepsMax) return;
    // The reaction depends on everything that the process has received, in its order.
    const random = new SeededRandom(`${this.#model.seed} ${log.join()}`);
    const count = random.below(3);
    for (let i = 0; i < count; i++) {
      const receiver = `p${random.below(this.#model.processes)}`;
      this.#pending.push({ id: `${id}.${i}`, to: receiver, from: to, creator: id });
    }
  }

  stateText(): string {
    const pending = this.#pending.map(({ id }) => id).sort();
    return JSON.stringify([this.#logs, pending, this.#drops, this.#cuts, this.#alone, this.#crashes]);
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
    cutsMax: random.below(2),
    crashesMax: random.chance(0.3) ? 1 + random.below(2) : 0,
  };
}

/** Returns the link of a message between two processes. */
function linkOf({ from, to }: ModelMessage): string[] | undefined {
  return from === undefined || from === to ? undefined : [from, to].sort();
}
