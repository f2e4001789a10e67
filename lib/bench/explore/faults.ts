/**
 * The faults of an explored cluster: the used parts of their bounds, and the cut of its network.
 *
 * Tested by `tests/bench/explore/world_test.ts`.
 */

import type { BlockedLinks } from "../../sim/network.ts";
import type { Flight } from "./pending.ts";
import type { Step } from "./search.ts";
import { draftOf } from "./step_draft.ts";
import { numbered } from "./step_names.ts";
import type { Bounds } from "./world_options.ts";

/** The process of the steps in which the network is cut and healed. */
export const NETWORK = "network";

/** A division of the nodes into two sides. */
interface Cut {
  /** The name: the nodes of the smaller side. */
  readonly name: string;
  /** The links between the sides. */
  readonly links: ReadonlySet<string>;
}

/** The faults of one execution. */
export class ExploredFaults {
  /** The used parts of the bounds. */
  readonly spent = { drops: 0, duplicates: 0, crashes: 0, timeouts: 0, partitions: 0 };
  readonly #bounds: Bounds;
  readonly #nodes: readonly string[];
  readonly #cuts: readonly Cut[];
  /** The step in which the current cut began, and the cut. */
  #current: { readonly place: string; readonly cut: Cut; hasLost: boolean } | undefined;

  constructor(bounds: Bounds, nodes: readonly string[]) {
    this.#bounds = bounds;
    this.#nodes = nodes;
    this.#cuts = (bounds.partitions ?? 0) > 0 ? cutsOf(nodes) : [];
  }

  /** True if a part of a bound is left. */
  has(kind: keyof Bounds): boolean {
    return this.spent[kind] < (this.#bounds[kind] ?? 0);
  }

  /** Returns the steps in which faults can happen. */
  enabled(flights: readonly Flight[]): string[] {
    const between = flights.filter(({ message: { src, dest } }) =>
      this.#nodes.includes(dest) && this.#nodes.includes(src)
    );
    return [
      ...(this.has("crashes")
        ? this.#nodes.map((node) => `crash ${numbered(node, this.spent.crashes)}`)
        : []),
      ...(this.has("drops") ? between.map(({ name }) => `drop ${name}`) : []),
      ...(this.has("duplicates")
        ? between.flatMap(({ name, copies }) => copies === 1 ? [`twice ${name}`] : [])
        : []),
      ...(this.#current === undefined ? this.#cutSteps(between) : []),
      // A cut that loses nothing has no effect.
      ...(this.#current?.hasLost === true ? [`heal ${this.#current.place}`] : []),
    ];
  }

  /**
   * Returns the cuts that can begin now: those with a message between their sides. An earlier beginning would have no other effect,
   * because messages are lost at their arrival.
   */
  #cutSteps(between: readonly Flight[]): string[] {
    if (!this.has("partitions")) return [];
    const used = new Set(between.map(({ message: { src, dest } }) => linkOf(src, dest)));
    return this.#cuts.flatMap(({ name, links }) =>
      links.isDisjointFrom(used) ? [] : [`cut ${numbered(name, this.spent.partitions)}`]
    );
  }

  /** Returns a crash or a cut with all effects that it can have. A restart can end operations and read the time. */
  mostOf(id: string): Step | undefined {
    const [kind, place = ""] = id.split(" ");
    const [name = ""] = place.split("/");
    const step = draftOf(id, undefined);
    if (kind === "crash") {
      return { ...step, process: name, completes: true, readsTime: true, budget: "crashes" };
    }
    const cut = kind === "cut" ? this.#cuts.find((each) => each.name === name) : undefined;
    return cut && { ...step, process: NETWORK, switches: [...cut.links] };
  }

  /** Cuts the network in the step of this name. Returns the links that are cut. */
  cut(place: string): readonly string[] {
    const [name = ""] = place.split("/");
    const cut = this.#cuts.find((each) => each.name === name);
    if (cut === undefined) return [];
    this.spent.partitions++;
    this.#current = { place, cut, hasLost: false };
    return [...cut.links];
  }

  /** Heals the network. Returns the links that were cut. */
  heal(): readonly string[] {
    const links = [...this.#current?.cut.links ?? []];
    this.#current = undefined;
    return links;
  }

  /** Returns the link of a message whose arrival a cut can prevent; undefined if there are no cuts. */
  linkOf({ message: { src, dest } }: Flight): string | undefined {
    return this.#cuts.length > 0 && this.#nodes.includes(src) && this.#nodes.includes(dest)
      ? linkOf(src, dest)
      : undefined;
  }

  /** Returns true if the network is cut where a message arrives, which is lost. */
  loses({ message: { src, dest } }: Flight): boolean {
    if (this.#current === undefined || !this.isCut(src, dest)) return false;
    this.#current.hasLost = true;
    return true;
  }

  /** Returns true if messages from `src` do not reach `dest` now. */
  isCut(src: string, dest: string): boolean {
    return this.#current?.cut.links.has(linkOf(src, dest)) ?? false;
  }

  /** True if the network is cut. */
  get hasCut(): boolean {
    return this.#current !== undefined;
  }

  /** The state of the current cut; undefined if the network is whole. */
  get cutText(): string | undefined {
    return this.#current && `${this.#current.cut.name}${this.#current.hasLost ? " lost" : ""}`;
  }

  /** The senders that each node does not hear. */
  get blocked(): BlockedLinks {
    return new Map(
      this.#nodes.map((dest) => [dest, new Set(this.#nodes.filter((src) => this.isCut(src, dest)))]),
    );
  }
}

/** Returns every division of some nodes into two sides. Those with a small side come first. */
function cutsOf(nodes: readonly string[]): Cut[] {
  let sides: string[][] = [[]];
  for (const node of nodes) sides = sides.flatMap((side) => [[...side, node], side]);
  const isNamed = (side: readonly string[]) =>
    side.length > 0 &&
    (side.length * 2 < nodes.length || (side.length * 2 === nodes.length && side[0] === nodes[0]));
  return sides.filter(isNamed).sort((a, b) => a.length - b.length).map((side) => ({
    name: side.join("+"),
    links: new Set(
      side.flatMap((src) => nodes.flatMap((dest) => side.includes(dest) ? [] : [linkOf(src, dest)])),
    ),
  }));
}

/** Returns the name of a link, which is the same in both directions. */
function linkOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
