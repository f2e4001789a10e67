/** The faults that are active at a time, per node. Tested by `tests/bench/report/fault_scenes_test.ts`. */

import type { FaultBand } from "../data/report_data.ts";
import { countUntil, sortedTimes } from "./cursor.ts";

/** The active faults. Arrays are by node; 0 if the node is not affected. */
export interface FaultScene {
  readonly down: Uint8Array;
  readonly paused: Uint8Array;
  readonly slow: Uint8Array;
  /** 1 if the node's messages do not reach others, but it receives theirs. */
  readonly mute: Uint8Array;
  /** 1 if the node was asked to leave the membership, and not yet to join it again. */
  readonly outside: Uint8Array;
  /** Rate of a skewed clock. */
  readonly rate: Float64Array;
  /** Side of a partition, from 1; the first side is the largest. 0: the network is not split into sides. */
  readonly side: Int32Array;
  /** Pairs of nodes that a partition without sides cuts. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Kinds of faults of the whole network. */
  readonly others: readonly string[];
}

/** The scenes of a run, each computed once. */
export class FaultScenes {
  readonly #bands: readonly FaultBand[];
  readonly #ends: Readonly<Record<string, number>>;
  readonly #nodes: readonly string[];
  readonly #scenes: (FaultScene | undefined)[] = [];
  /** Times at which the faults change. */
  readonly times: Float64Array;

  constructor({ faults, ends, nodes }: {
    readonly faults: readonly FaultBand[];
    readonly ends: Readonly<Record<string, number>>;
    readonly nodes: readonly string[];
  }) {
    this.#bands = faults;
    this.#ends = ends;
    this.#nodes = nodes;
    this.times = sortedTimes([...faults.flatMap(({ from, to }) => [from, to]), ...Object.values(ends)]);
  }

  /** Returns the scene at a time. */
  at(time: number): FaultScene {
    const period = countUntil(this.times, time);
    return this.#scenes[period] ??= this.#scene(time);
  }

  #scene(time: number): FaultScene {
    const count = this.#nodes.length;
    const scene = {
      down: new Uint8Array(count),
      paused: new Uint8Array(count),
      slow: new Uint8Array(count),
      mute: new Uint8Array(count),
      outside: new Uint8Array(count),
      rate: new Float64Array(count),
      side: new Int32Array(count),
      pairs: new Array<readonly [number, number]>(),
      others: new Array<string>(),
    };
    const mark = (flags: Uint8Array, names: Iterable<string>) => {
      for (const name of names) {
        const node = this.#nodes.indexOf(name);
        if (node >= 0) flags[node] = 1;
      }
    };
    for (const { kind, from, to, nodes, isDown, cuts, rates } of this.#bands) {
      if (from > time || to <= time) continue;
      if (isDown === true) mark(scene.down, nodes);
      else if (kind === "pause") mark(scene.paused, nodes);
      else if (kind === "slow") mark(scene.slow, nodes);
      else if (kind === "membership") mark(scene.outside, nodes);
      else if (rates !== undefined) {
        for (const [name, rate] of Object.entries(rates)) scene.rate[this.#nodes.indexOf(name)] = rate;
      } else if (cuts !== undefined) {
        const cut = cutMatrix(cuts, this.#nodes);
        if (!isMutual(cut)) mark(scene.mute, Object.values(cuts).flat());
        else if (!splitSides(cut, scene.side)) scene.pairs.push(...cutPairs(cut));
      } else scene.others.push(kind);
    }
    for (const [name, end] of Object.entries(this.#ends)) if (end <= time) mark(scene.down, [name]);
    return scene;
  }
}

/** Returns, by receiver and sender, if the messages are cut. */
export function cutMatrix(
  cuts: Readonly<Record<string, readonly string[]>>,
  nodes: readonly string[],
): readonly Uint8Array[] {
  return nodes.map((receiver) => {
    const row = new Uint8Array(nodes.length);
    for (const sender of cuts[receiver] ?? []) {
      const at = nodes.indexOf(sender);
      if (at >= 0) row[at] = 1;
    }
    return row;
  });
}

/** True if each cut holds in both directions. */
export function isMutual(cut: readonly Uint8Array[]): boolean {
  return cut.every((row, a) => row.every((is, b) => is === cut[b]?.[a]));
}

/** Returns the pairs of a mutual cut. */
export function cutPairs(cut: readonly Uint8Array[]): (readonly [number, number])[] {
  return cut.flatMap((row, a) => [...row].flatMap((is, b) => is === 1 && a < b ? [[a, b] as const] : []));
}

/**
 * Writes the side of each node, if the nodes form groups without a cut inside and with all links between them cut.
 * Returns false otherwise.
 */
export function splitSides(cut: readonly Uint8Array[], side: Int32Array): boolean {
  const groups: number[][] = [];
  const isPeer = (a: number, b: number) => a === b || cut[a]?.[b] === 0;
  for (const node of cut.keys()) {
    const joined = groups.filter((group) => isPeer(group[0] ?? 0, node));
    if (joined.length > 1) return false;
    if (joined[0] === undefined) groups.push([node]);
    else joined[0].push(node);
  }
  const isSplit = groups.every((group) => group.every((a) => group.every((b) => isPeer(a, b))));
  if (!isSplit || groups.length < 2) return false;
  groups.sort((a, b) => b.length - a.length);
  for (const [i, group] of groups.entries()) for (const node of group) side[node] = i + 1;
  return true;
}
