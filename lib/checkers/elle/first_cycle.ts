/**
 * The first cycle that Elle 0.2.2 finds.
 *
 * Elle searches for each kind of cycle breadth-first over paths, and ends at the first path that has the necessary
 * edges. If the explanation of that cycle gives it another kind, Elle takes the kind to be absent and continues with
 * weaker ones. So its anomalies depend on the order in which it visits transactions: that of its hash tables, tries
 * that branch by five bits of a Murmur3 hash of the event's index. This search uses the same order.
 *
 * Elle's search ends after a second. This one ends after a number of steps, at which Elle may have run out of time,
 * too.
 *
 * Tested by `tests/checkers/elle/cycles_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { hashOf } from "./clojure_hash.ts";
import { type Graph, PROCESS, REALTIME, RW, TARGET_SHIFT, WR, WW } from "./graph.ts";

/** The use of rw edges: as any other, exactly once, or never twice in a row (`taken`: the last edge was one). */
type Mode = "none" | "single" | "free" | "taken";

/** The steps that searches may still take, per component and in all. */
export class StepBudget {
  #left: number;
  #leftHere = 0;

  constructor(all: number) {
    this.#left = all;
  }

  /** Begins a component with this number of steps, or with those that remain. */
  begin(steps: number): void {
    this.#leftHere = Math.min(steps, this.#left);
  }

  /** Takes a step. Returns false if none remains. */
  take(): boolean {
    if (this.#leftHere <= 0) return false;
    this.#leftHere--;
    this.#left--;
    return true;
  }
}

/** A kind of cycle, as Elle specifies it. */
export interface PathSpec {
  /** The kinds of edges that are always allowed. */
  readonly legal: number;
  /** Sets of kinds. The cycle must contain an edge of each set. */
  readonly required: readonly number[];
  /** The least number of rw edges. */
  readonly rwAtLeast: 0 | 1 | 2;
  readonly mode: Exclude<Mode, "taken">;
}

/** A path of the search: its last vertex, and the edges that it still needs. */
interface Path {
  readonly vertex: number;
  readonly before: Path | null;
  readonly required: readonly number[];
  readonly rwWanted: number;
  readonly mode: Mode;
}

/** An edge by which a path is extended: its kinds, and those that are always allowed. */
interface Edge {
  readonly target: number;
  readonly kinds: number;
  readonly legal: number;
}

/** The targets of a vertex in Elle's order, with the kinds of their edges. */
type Targets = ReadonlyMap<number, number>;
type TargetsOf = (vertex: number) => Targets;

/** The order in which the kinds of an edge are tried. */
const KINDS_IN_ORDER = [WW, WR, RW, PROCESS, REALTIME] as const;

/** Searches one component for cycles in Elle's order. */
export class FirstCycles {
  readonly #graph: Graph;
  readonly #hashes: Int32Array;
  readonly #steps: StepBudget;

  /** `indexes` has the index of each vertex's event. */
  constructor(graph: Graph, options: { readonly indexes: readonly number[]; readonly steps: StepBudget }) {
    this.#graph = graph;
    this.#hashes = Int32Array.from(options.indexes, tableHash);
    this.#steps = options.steps;
  }

  /** Returns the vertices of the first cycle; `null` if there is none; undefined if the steps are exhausted. */
  find(spec: PathSpec): number[] | null | undefined {
    const kinds = spec.required.reduce((all, some) => all | some, spec.legal) | (spec.rwAtLeast > 0 ? RW : 0);
    const known = new Map<number, Targets>();
    const targetsOf = (vertex: number): Targets => {
      let targets = known.get(vertex);
      if (targets === undefined) known.set(vertex, targets = this.#targetsOf(vertex, kinds));
      return targets;
    };
    return this.#search(targetsOf, spec, this.#inOrder(this.#verticesWith(kinds)));
  }

  /** Returns the vertices that have an edge of these kinds. */
  #verticesWith(kinds: number): number[] {
    const { vertices, offsets, edges } = this.#graph;
    const found: number[] = [];
    const isFound = new Uint8Array(vertices);
    const find = (vertex: number): void => {
      if (isFound[vertex] === 1) return;
      isFound[vertex] = 1;
      found.push(vertex);
    };
    for (let v = 0; v < vertices; v++) {
      const end = valueAt(offsets, v + 1);
      for (let e = valueAt(offsets, v); e < end; e++) {
        const edge = valueAt(edges, e);
        if ((edge & kinds) === 0) continue;
        find(v);
        find(edge >> TARGET_SHIFT);
      }
    }
    return found;
  }

  /** Returns the targets of a vertex in order, with the kinds of their edges that are among `kinds`. */
  #targetsOf(vertex: number, kinds: number): Targets {
    const { offsets, edges } = this.#graph;
    const targets = new Map<number, number>();
    for (let e = valueAt(offsets, vertex), end = valueAt(offsets, vertex + 1); e < end; e++) {
      const edge = valueAt(edges, e);
      if ((edge & kinds) !== 0) targets.set(edge >> TARGET_SHIFT, edge & kinds);
    }
    return new Map(this.#inOrder([...targets.keys()]).map((target) => [target, targets.get(target) ?? 0]));
  }

  /**
   * Returns vertices in the order of a trie of their hashes: at each level first those that are alone on their branch.
   */
  #inOrder(vertices: readonly number[], shift = 0): number[] {
    if (vertices.length < 2 || shift > 31) return [...vertices];
    const branches: number[][] = [];
    for (const v of vertices) (branches[(valueAt(this.#hashes, v) >>> shift) & 31] ??= []).push(v);
    const alone = branches.filter((branch) => branch.length === 1).flat();
    const nested = branches.filter((branch) => branch.length > 1);
    return [...alone, ...nested.flatMap((branch) => this.#inOrder(branch, shift + 5))];
  }

  #search(
    targetsOf: TargetsOf,
    spec: PathSpec,
    starts: readonly number[],
  ): number[] | null | undefined {
    for (const start of starts) {
      const found = this.#searchFrom(targetsOf, spec, start);
      if (found !== null) return found;
    }
    return null;
  }

  #searchFrom(
    targetsOf: TargetsOf,
    spec: PathSpec,
    start: number,
  ): number[] | null | undefined {
    const { required, rwAtLeast, mode } = spec;
    let paths: Path[] = [{ vertex: start, before: null, required, rwWanted: rwAtLeast, mode }];
    while (paths.length > 0) {
      const open: Path[] = [];
      for (const path of paths) {
        if (!isLoop(path)) {
          open.push(path);
          continue;
        }
        if (path.required.length > 0 || path.rwWanted > 0 || path.mode === "taken") continue;
        const vertices = verticesOf(path);
        if (vertices[0] === path.vertex) return vertices.slice(0, -1);
        const found = this.#trim(targetsOf, spec, vertices.slice(vertices.indexOf(path.vertex)));
        if (found !== null) return found;
      }
      paths = [];
      for (const path of open) {
        for (const [target, kinds] of targetsOf(path.vertex)) {
          if (!this.#steps.take()) return undefined;
          extend(path, { target, kinds, legal: spec.legal }, paths);
        }
      }
    }
    return null;
  }

  /** Searches for the cycle among the vertices of a loop, if a path ended in a loop with a tail. */
  #trim(
    targetsOf: TargetsOf,
    spec: PathSpec,
    loop: readonly number[],
  ): number[] | null | undefined {
    const kept = new Set(loop);
    const inside = new Map<number, Targets>();
    for (const v of kept) inside.set(v, new Map([...targetsOf(v)].filter(([target]) => kept.has(target))));
    return this.#search((vertex) => inside.get(vertex) ?? new Map(), spec, loop);
  }
}

function isLoop({ vertex, before }: Path): boolean {
  for (let at = before; at !== null; at = at.before) if (at.vertex === vertex) return true;
  return false;
}

function verticesOf(path: Path): number[] {
  const vertices: number[] = [];
  for (let at: Path | null = path; at !== null; at = at.before) vertices.push(at.vertex);
  return vertices.reverse();
}

/** Adds the paths that extend a path by one edge: one for each kind that makes a difference. */
function extend(path: Path, edge: Edge, into: Path[]): void {
  const isFirst = path.before === null;
  const takesRw = path.rwWanted > 0 || path.mode === "single" || path.mode === "free";
  const rw = takesRw ? RW : 0;
  const wanted = path.required.reduce((all, some) => all | some, 0) & ~rw;
  take(path, edge, edge.kinds & rw, into);
  if (isFirst && path.rwWanted > 0) return;
  for (const kind of KINDS_IN_ORDER) take(path, edge, edge.kinds & wanted & kind, into);
  if (isFirst && path.required.length > 0) return;
  const legal = edge.kinds & edge.legal & ~rw & ~wanted;
  take(path, edge, KINDS_IN_ORDER.find((kind) => (legal & kind) !== 0) ?? 0, into);
}

/** Takes an edge as one of this kind, unless `kind` is 0 or is not allowed. */
function take(path: Path, edge: Edge, kind: number, into: Path[]): void {
  if (kind === 0) return;
  const { mode, required, rwWanted } = path;
  const isLegal = (kind & edge.legal) !== 0;
  if (!isLegal && (kind !== RW || (mode !== "single" && mode !== "free"))) return;
  const met = required.findIndex((some) => (some & kind) !== 0);
  into.push({
    vertex: edge.target,
    before: path,
    required: met < 0 ? required : required.filter((_, i) => i !== met),
    rwWanted: kind === RW ? Math.max(0, rwWanted - 1) : rwWanted,
    mode: isLegal ? (mode === "taken" ? "free" : mode) : mode === "single" ? "none" : "taken",
  });
}

/** Returns the hash by which Elle's graphs (of the library Bifurcan) store an operation. */
function tableHash(index: number): number {
  const murmur = hashOf(index);
  let hash = murmur < 0 ? ~murmur : murmur; // folds the halves of the 64-bit value
  hash ^= (hash >>> 20) ^ (hash >>> 12);
  hash ^= (hash >>> 7) ^ (hash >>> 4);
  return hash;
}
