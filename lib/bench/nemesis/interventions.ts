/**
 * Interventions: what a person does to a running cluster by hand, each at its time. They are part of a run's choices, so
 * that the run can be repeated with them. Until the first of them, the run is the same as without them.
 *
 * Tested by `tests/bench/nemesis/interventions_test.ts`.
 */

import {
  array,
  double,
  type Infer,
  literal,
  natural,
  object,
  string,
  tuple,
  union,
} from "../../protocol/schema.ts";
import { eachNode, type FaultTarget } from "./fault_target.ts";
import type { Switched } from "./fault.ts";

const atMs = double;
const ofNode = <const K extends string>(kind: K) => object({ kind: literal(kind), atMs, node: string });
const ofLinks = <const K extends string>(kind: K) =>
  object({ kind: literal(kind), atMs, links: array(tuple(string, string)) });

/** The form of interventions in files and addresses. Times are in ms since the start of the test. */
export const interventions = array(union(
  /** Cuts links in both directions. */
  ofLinks("cut"),
  ofLinks("heal"),
  ofNode("kill"),
  ofNode("start"),
  ofNode("pause"),
  ofNode("resume"),
  /** Sets the rate of a node's clock, and lets it jump forward. */
  object({ kind: literal("skew"), atMs, node: string, rate: double, jumpMs: double }),
  /** Drops a message on its way. `message` is the network's id. */
  object({ kind: literal("drop"), atMs, message: natural }),
  /** Delays a message on its way. */
  object({ kind: literal("hold"), atMs, message: natural, forMs: double }),
));

/** One intervention. */
export type Intervention = Infer<typeof interventions>[number];

/** The name under which the network keeps cuts by hand, and of their events in the history. */
const CUT = "cut";

/** Applies the interventions of a run. */
export class Interventions {
  readonly #all: readonly Intervention[];
  readonly #target: FaultTarget;
  readonly #record: (f: string, switched: Switched) => void;
  /** The senders that each node does not hear. */
  readonly #cuts = new Map<string, Set<string>>();
  readonly #clocks = new Map<string, { readonly rate: number; readonly jumpMs: number }>();

  constructor(
    all: readonly Intervention[],
    { target, record }: {
      readonly target: FaultTarget;
      readonly record: (f: string, switched: Switched) => void;
    },
  ) {
    this.#all = all;
    this.#target = target;
    this.#record = record;
  }

  /** Schedules each intervention. */
  start(at: (timeMs: number, act: () => void) => void): void {
    for (const each of this.#all) at(each.atMs, () => this.#apply(each));
  }

  /** Ends the effects of all interventions. */
  end(): void {
    if (this.#cuts.size > 0) {
      this.#cuts.clear();
      this.#showCuts();
    }
    for (const node of [...this.#target.dead]) this.#startNode(node);
    for (const node of [...this.#target.paused]) this.#resume(node);
    for (const node of [...this.#clocks.keys()]) this.#skew(node, { rate: 1, jumpMs: 0 });
  }

  #apply(each: Intervention): void {
    if ("links" in each) {
      for (const [a, b] of each.links) this.#setCut(a, b, each.kind === "cut");
      return this.#showCuts();
    }
    if ("message" in each) {
      const value = { message: each.message };
      return this.#record(`${each.kind}-message`, { asked: value, done: value });
    }
    if (!this.#target.nodes.includes(each.node)) return; // a smaller run has fewer nodes
    switch (each.kind) {
      case "kill":
        return this.#kill(each.node);
      case "start":
        return this.#startNode(each.node);
      case "pause":
        return this.#pause(each.node);
      case "resume":
        return this.#resume(each.node);
      case "skew":
        return this.#skew(each.node, each);
    }
  }

  #setCut(a: string, b: string, isCut: boolean): void {
    for (const [dest, src] of [[a, b], [b, a]] as const) {
      const senders = this.#cuts.get(dest) ?? new Set();
      if (isCut) senders.add(src);
      else senders.delete(src);
      if (senders.size > 0) this.#cuts.set(dest, senders);
      else this.#cuts.delete(dest);
    }
  }

  #showCuts(): void {
    const { nodes } = this.#target;
    if (this.#cuts.size === 0) {
      this.#target.repair(CUT);
      return this.#record(`stop-${CUT}`, { asked: null, done: "network-healed" });
    }
    this.#target.cut(CUT, new Map(this.#cuts));
    const rows = nodes.map((node) => [node, [...this.#cuts.get(node) ?? []].sort()]);
    this.#record(`start-${CUT}`, { asked: "by-hand", done: ["isolated", Object.fromEntries(rows)] });
  }

  #kill(node: string): void {
    const { dead, paused, cluster } = this.#target;
    if (dead.has(node)) return;
    dead.add(node);
    paused.delete(node);
    cluster.kill(node);
    this.#record("kill", { asked: [node], done: eachNode(dead, "killed"), nodes: [node] });
  }

  #startNode(node: string): void {
    const { dead } = this.#target;
    if (!dead.delete(node)) return;
    // A node that does not start again is a separate fault, which its cluster reports.
    this.#target.startNode(node).catch(() => {});
    this.#record("start", { asked: [node], done: eachNode([node], "started") });
    if (dead.size > 0) this.#record("kill", { asked: null, done: eachNode(dead, "killed") });
  }

  #pause(node: string): void {
    const { dead, paused, cluster } = this.#target;
    if (dead.has(node) || paused.has(node)) return;
    paused.add(node);
    cluster.pause(node);
    this.#record("pause", { asked: [node], done: eachNode(paused, "paused"), nodes: [node] });
  }

  #resume(node: string): void {
    const { paused, cluster } = this.#target;
    if (!paused.delete(node)) return;
    cluster.resume(node);
    this.#record("resume", { asked: [node], done: eachNode([node], "resumed") });
    if (paused.size > 0) this.#record("pause", { asked: null, done: eachNode(paused, "paused") });
  }

  #skew(node: string, { rate, jumpMs }: { readonly rate: number; readonly jumpMs: number }): void {
    const clock = this.#target.clockOf(node);
    clock?.drift(rate);
    if (jumpMs > 0) clock?.jump(jumpMs);
    if (rate === 1) this.#clocks.delete(node);
    else this.#clocks.set(node, { rate, jumpMs });
    if (this.#clocks.size === 0) this.#record("stop-clock", { asked: null, done: "clocks-right" });
    else this.#record("start-clock", { asked: null, done: Object.fromEntries(this.#clocks) });
  }
}

/** The maximum error of a sum of times, in ms. */
const ROUNDING_MS = 1e-6;

/** Messages that interventions drop or delay. */
export class HeldMessages {
  readonly #until = new Map<number, number>();

  constructor(all: readonly Intervention[]) {
    for (const each of all) {
      if (each.kind === "drop") this.#until.set(each.message, Infinity);
      if (each.kind === "hold") this.#until.set(each.message, each.atMs + each.forMs);
    }
  }

  /** Returns how long a message that arrives must wait, in ms; infinite if it is dropped. `timeMs` counts from the start of the test. */
  delayMs(id: number, timeMs: number): number {
    const until = this.#until.get(id);
    const leftMs = until === undefined ? 0 : until - timeMs;
    return leftMs > ROUNDING_MS ? leftMs : 0;
  }
}

/** Returns true if an intervention kills a node. */
export function killsNode(all: readonly Intervention[]): boolean {
  return all.some(({ kind }) => kind === "kill");
}
