/**
 * The search for cycles of each kind in one strongly connected component.
 *
 * Each kind of cycle contains a certain kind of edge. If both ends of such an edge are in one component of the allowed
 * edges, a shortest path back closes a cycle. Two kinds need more (exactly one rw edge; no two rw edges in a row);
 * components of a product graph narrow their candidates first.
 *
 * An edge may represent several dependencies. As in Elle, the *explanation* of each edge names a cycle: its first kind
 * in the order of the explainer. So the search for exact kinds uses first kinds. For G0 and G1c it falls back to any
 * kind, and the cycle gets the name that its explanation gives it.
 */

import { valueAt } from "../columns.ts";
import { CYCLE_KINDS, type CycleKind, cycleName, type CycleShape, impliedAnomalies } from "./anomalies.ts";
import {
  type Graph,
  graphOf,
  KINDS,
  PROCESS,
  REALTIME,
  relabelled,
  RW,
  TARGET_SHIFT,
  WR,
  WW,
} from "./graph.ts";
import { FirstCycles, type PathSpec, type StepBudget } from "./first_cycle.ts";
import { reaches } from "./reachability.ts";
import { type PathLimits, ReturnPaths, type Route } from "./return_path.ts";
import { type Components, isCyclic, stronglyConnected } from "./scc.ts";

/** A cycle: `vertices[i]` → `vertices[i + 1]`, and the last → the first. `kinds[i]` explains that edge. */
export interface Cycle {
  readonly type: string;
  readonly vertices: readonly number[];
  readonly kinds: readonly number[];
}

/** The number of states that a quick search through one candidate edge visits. */
const QUICK_STATES = 512;
/**
 * The number of states that all quick searches for one kind of cycle visit. Above it, the shortest cycle so far is
 * used.
 */
const QUICK_STATES_ALL = 200_000;
/**
 * The number of states that all full searches for one kind of cycle visit. Unless walks touch themselves, the first
 * succeeds.
 */
const FULL_STATES_ALL = 50_000_000;
/** The number of states that the last resort visits, a search over simple paths. */
const EXACT_STATES_MAX = 1_000_000;

const UNLIMITED: PathLimits = { lengthMax: Number.MAX_SAFE_INTEGER, statesMax: Number.MAX_SAFE_INTEGER };

/** The searches in one strongly connected component. Intermediate results are computed on demand. */
export class ComponentSearch {
  readonly #graph: Graph;
  readonly #explained: Graph;
  readonly #kinds: number;
  /** The kinds of edges from a transaction to itself. */
  readonly #selfKinds: number;
  readonly #components = new Map<string, Components>();
  readonly #paths = new Map<Graph, ReturnPaths>();

  /** `graph` must be strongly connected, with merged edges. `explanation[kinds]` is the kind that explains an edge. */
  constructor(graph: Graph, explanation: Uint8Array) {
    this.#graph = graph;
    this.#explained = relabelled(graph, explanation);
    let kinds = 0;
    let selfKinds = 0;
    for (let v = 0; v < graph.vertices; v++) {
      const end = valueAt(graph.offsets, v + 1);
      for (let e = valueAt(graph.offsets, v); e < end; e++) {
        const edge = valueAt(graph.edges, e);
        kinds |= edge;
        if (edge >> TARGET_SHIFT === v) selfKinds |= edge;
      }
    }
    this.#kinds = kinds & KINDS;
    this.#selfKinds = selfKinds & KINDS;
  }

  /** Returns one cycle of each kind that exists, worst first, except kinds that a found one implies. */
  cycles(): Cycle[] {
    const found: Cycle[] = [];
    const implied = new Set<string>();
    for (const kind of CYCLE_KINDS) {
      if (implied.has(kind.name)) continue;
      const cycle = this.#find(kind);
      if (cycle === null) continue;
      found.push(cycle);
      for (const name of impliedAnomalies([kind.name])) implied.add(name);
    }
    return found;
  }

  /**
   * Returns the cycles that Elle itself reports of this component: the first that it visits of each kind.
   *
   * The result is incomplete if the steps are exhausted.
   *
   * @param indexes by vertex, the index of its event
   */
  elleCycles(indexes: readonly number[], steps: StepBudget): Cycle[] {
    const search = new FirstCycles(this.#graph, { indexes, steps });
    const found: Cycle[] = [];
    const implied = new Set<string>();
    for (const kind of CYCLE_KINDS) {
      if (implied.has(kind.name)) continue;
      const order = orderOf(kind);
      if (order !== 0 && (this.#kinds & order) === 0) continue;
      if (!this.#canHave(kind)) continue;
      const vertices = search.find(specOf(kind));
      if (vertices === undefined) break;
      if (vertices === null) continue;
      const cycle = explainedCycle(this.#explained, vertices);
      const isTyped = kind.shape !== "G0" && kind.shape !== "G1c";
      if (isTyped && cycle.type !== kind.name) continue;
      found.push(cycle);
      for (const name of impliedAnomalies([kind.name])) implied.add(name);
    }
    return found;
  }

  /**
   * Returns true if there is a cycle of edges of these kinds. With `hops` it may also contain rw edges, but never in a
   * row.
   */
  hasCycle(kinds: number, hops: boolean): boolean {
    const present = kinds & this.#kinds;
    if ((this.#selfKinds & kinds) !== 0) return true;
    return isCyclic(hops ? this.#hopping(this.#graph, present) : this.#plain(this.#graph, present));
  }

  /**
   * Returns false if no cycle of the graph has the edges of this kind, under any explanation. It takes much less time than a
   * search of all paths.
   */
  #canHave(kind: CycleKind): boolean {
    const graph = this.#graph;
    const { legal, required } = specOf(kind);
    switch (kind.shape) {
      case "G0":
      case "G1c": {
        const components = this.#plain(graph, legal);
        return [legal, ...required].every((kinds) => candidates(graph, kinds, components).length > 0);
      }
      case "G-single-item":
        return this.#single(graph, legal, null) !== null;
      case "G-nonadjacent-item":
        return hopCandidates(graph, this.#hopping(graph, legal)).length > 0;
      case "G2-item":
        return true;
    }
  }

  #find(kind: CycleKind): Cycle | null {
    const order = orderOf(kind);
    if (order !== 0 && (this.#kinds & order) === 0) return null;
    const exact = this.#explained;
    switch (kind.shape) {
      case "G0": {
        const through = order === 0 ? WW : order;
        return this.#through(exact, through, { free: WW | order }, kind.name) ??
          this.#through(this.#graph, through, { free: WW | order }, null);
      }
      case "G1c": {
        const route: Route = order === 0 ? { free: WW | WR } : { free: WW | WR | order, required: order };
        return this.#through(exact, WR, route, kind.name) ?? this.#through(this.#graph, WR, route, null);
      }
      case "G-single-item":
        return this.#single(exact, WW | WR | order, kind.name);
      case "G-nonadjacent-item":
        return this.#nonadjacent(exact, WW | WR | order, kind.name);
      case "G2-item":
        return this.#through(exact, RW, { free: WW | WR | RW | order }, kind.name);
    }
  }

  /** Returns a cycle through an edge of kind `through`. Every such edge within a component of the route is on one. */
  #through(graph: Graph, through: number, route: Route, type: string | null): Cycle | null {
    if ((this.#kinds & through) === 0) return null;
    const components = this.#plain(graph, route.free | through);
    if (!isCyclic(components) && (this.#selfKinds & through) === 0) return null;
    return this.#shortest(graph, candidates(graph, through, components), route, type);
  }

  /**
   * Returns a cycle with exactly one rw edge. The path back has none, so reachability decides rather than components.
   */
  #single(graph: Graph, free: number, type: string | null): Cycle | null {
    if ((this.#kinds & RW) === 0) return null;
    const components = this.#hopping(graph, free);
    if (!isCyclic(components)) return null;
    const edges = hopCandidates(graph, components);
    const quick = this.#quick(graph, edges, { free }, type);
    if (quick.cycle !== null || quick.undecided.length === 0) return quick.cycle;
    const closing = reaches(graph, free, quick.undecided);
    return closing === null ? null : this.#shortest(graph, [closing], { free }, type);
  }

  /**
   * Returns a cycle with several rw edges, no two in a row. Every rw edge inside a component of the product graph lies
   * on a closed walk.
   */
  #nonadjacent(graph: Graph, free: number, type: string): Cycle | null {
    if ((this.#kinds & RW) === 0) return null;
    const components = this.#hopping(graph, free);
    if (!isCyclic(components)) return null;
    const edges = hopCandidates(graph, components);
    const route: Route = { free, nonadjacent: RW };
    return this.#shortest(graph, edges, route, type) ?? exactNonadjacent(graph, edges, free, type);
  }

  #shortest(graph: Graph, edges: readonly Candidate[], route: Route, type: string | null): Cycle | null {
    const quick = this.#quick(graph, edges, route, type);
    if (quick.cycle !== null) return quick.cycle;
    const paths = this.#pathsOf(graph);
    const workMax = paths.work + FULL_STATES_ALL;
    for (const edge of quick.undecided) {
      if (paths.work > workMax) break;
      const path = paths.find(edge.to, edge.from, route, UNLIMITED);
      const cycle = this.#close(edge, path, type);
      if (cycle !== null) return cycle;
    }
    return null;
  }

  /** Returns the shortest cycle that quick searches find, and the candidates that they left undecided. */
  #quick(
    graph: Graph,
    edges: readonly Candidate[],
    route: Route,
    type: string | null,
  ): { cycle: Cycle | null; undecided: Candidate[] } {
    const paths = this.#pathsOf(graph);
    const workMax = paths.work + QUICK_STATES_ALL;
    const undecided: Candidate[] = [];
    let best: Cycle | null = null;
    for (const edge of edges) {
      if (best !== null && (best.vertices.length <= 2 || paths.work > workMax)) break;
      const lengthMax = best === null ? Number.MAX_SAFE_INTEGER : best.vertices.length - 2;
      const path = paths.find(edge.to, edge.from, route, { lengthMax, statesMax: QUICK_STATES });
      if (path === null && paths.limited) undecided.push(edge);
      const cycle = this.#close(edge, path, type);
      if (cycle !== null && (best === null || cycle.vertices.length < best.vertices.length)) best = cycle;
    }
    return { cycle: best, undecided };
  }

  /** Returns the cycle of a candidate edge and its path back, if no vertex repeats and it has the expected type. */
  #close(edge: Candidate, path: number[] | null, type: string | null): Cycle | null {
    if (path === null) return null;
    const vertices = [edge.from, ...path.slice(0, -1)];
    if (new Set(vertices).size < vertices.length) return null;
    const cycle = explainedCycle(this.#explained, vertices);
    return type === null || cycle.type === type ? cycle : null;
  }

  #pathsOf(graph: Graph): ReturnPaths {
    let paths = this.#paths.get(graph);
    if (paths === undefined) this.#paths.set(graph, paths = new ReturnPaths(graph));
    return paths;
  }

  #plain(graph: Graph, kinds: number): Components {
    return this.#remember(graph, `plain:${kinds & this.#kinds}`, () => stronglyConnected(graph, kinds));
  }

  /**
   * Returns the components of the product with the state "the last edge was rw". Vertex v in state s has number 2 v +
   * s.
   */
  #hopping(graph: Graph, free: number): Components {
    return this.#remember(
      graph,
      `hop:${free & this.#kinds}`,
      () => stronglyConnected(hopGraph(graph, free), 1),
    );
  }

  #remember(graph: Graph, what: string, find: () => Components): Components {
    const key = `${graph === this.#graph ? "any" : "explained"} ${what}`;
    let components = this.#components.get(key);
    if (components === undefined) this.#components.set(key, components = find());
    return components;
  }
}

function orderOf({ order }: CycleKind): number {
  return order === "realtime" ? REALTIME : order === "process" ? PROCESS : 0;
}

/** Returns Elle's specification of a kind of cycle. */
function specOf(kind: CycleKind): PathSpec {
  const order = orderOf(kind);
  const legal = WW | WR | order;
  const required = order === 0 ? [] : [order];
  switch (kind.shape) {
    case "G0":
      return { legal: WW | order, required, rwAtLeast: 0, mode: "none" };
    case "G1c":
      return { legal, required: [WR, ...required], rwAtLeast: 0, mode: "none" };
    case "G-single-item":
      return { legal, required, rwAtLeast: 1, mode: "single" };
    case "G-nonadjacent-item":
      return { legal, required, rwAtLeast: 2, mode: "free" };
    case "G2-item":
      return { legal: legal | RW, required, rwAtLeast: 2, mode: "none" };
  }
}

/** An edge that a cycle may contain. */
export interface Candidate {
  readonly from: number;
  readonly to: number;
}

function candidates(graph: Graph, kinds: number, components: Components): Candidate[] {
  const found: Candidate[] = [];
  forEachEdge(graph, kinds, (from, to) => {
    if (components.of[from] === components.of[to]) found.push({ from, to });
  });
  return found;
}

function hopCandidates(graph: Graph, components: Components): Candidate[] {
  const found: Candidate[] = [];
  forEachEdge(graph, RW, (from, to) => {
    if (components.of[from * 2] === components.of[to * 2 + 1]) found.push({ from, to });
  });
  return found;
}

function forEachEdge(graph: Graph, kinds: number, visit: (from: number, to: number) => void): void {
  for (let v = 0; v < graph.vertices; v++) {
    const end = valueAt(graph.offsets, v + 1);
    for (let e = valueAt(graph.offsets, v); e < end; e++) {
      const edge = valueAt(graph.edges, e);
      if ((edge & kinds) !== 0) visit(v, edge >> TARGET_SHIFT);
    }
  }
}

function hopGraph(graph: Graph, free: number): Graph {
  return graphOf(graph.vertices * 2, (add) => {
    for (let v = 0; v < graph.vertices; v++) {
      const end = valueAt(graph.offsets, v + 1);
      for (let e = valueAt(graph.offsets, v); e < end; e++) {
        const edge = valueAt(graph.edges, e);
        const target = (edge >> TARGET_SHIFT) * 2;
        if ((edge & free) !== 0) {
          add(v * 2, target, 1);
          add(v * 2 + 1, target, 1);
        }
        if ((edge & RW) !== 0) add(v * 2, target + 1, 1);
      }
    }
  });
}

function explainedCycle(explained: Graph, vertices: readonly number[]): Cycle {
  const kinds = vertices.map((v, i) => kindOf(explained, v, vertices[(i + 1) % vertices.length] ?? 0));
  return { type: typeOf(kinds), vertices, kinds };
}

function kindOf(graph: Graph, from: number, to: number): number {
  const end = valueAt(graph.offsets, from + 1);
  for (let e = valueAt(graph.offsets, from); e < end; e++) {
    const edge = valueAt(graph.edges, e);
    if (edge >> TARGET_SHIFT === to) return edge & KINDS;
  }
  throw new RangeError(`No edge from ${from} to ${to}`);
}

/** Returns the name of a cycle whose edges have these explanations. */
function typeOf(kinds: readonly number[]): string {
  const rw = kinds.filter((kind) => kind === RW).length;
  const adjacent = kinds.some((kind, i) => kind === RW && kinds[(i + 1) % kinds.length] === RW);
  let shape: CycleShape = "G0";
  if (rw === 1) shape = "G-single-item";
  else if (rw > 1) shape = adjacent ? "G2-item" : "G-nonadjacent-item";
  else if (kinds.includes(WR)) shape = "G1c";
  const order = kinds.includes(REALTIME) ? "realtime" : kinds.includes(PROCESS) ? "process" : "";
  return cycleName(shape, order);
}

/**
 * Returns a cycle without adjacent rw edges, by backtracking over simple paths.
 *
 * This is necessary only if every shortest closed walk touches itself, which takes a G0 or G1c cycle between two rw
 * edges. So a budget suffices.
 */
function exactNonadjacent(
  graph: Graph,
  edges: readonly Candidate[],
  free: number,
  type: string,
): Cycle | null {
  let budget = EXACT_STATES_MAX;
  for (const { from, to } of edges) {
    const path = [from, to];
    const onPath = new Set(path);
    const cursors = [{ at: valueAt(graph.offsets, to), hopped: true }];
    while (cursors.length > 0 && budget-- > 0) {
      const cursor = cursors[cursors.length - 1];
      const v = path[path.length - 1];
      if (cursor === undefined || v === undefined) break;
      if (cursor.at >= valueAt(graph.offsets, v + 1)) {
        cursors.pop();
        path.pop();
        onPath.delete(v);
        continue;
      }
      const edge = valueAt(graph.edges, cursor.at++);
      const target = edge >> TARGET_SHIFT;
      const hop = (edge & free) === 0;
      if (hop && (cursor.hopped || (edge & RW) === 0)) continue;
      if (target === from) {
        if (hop) continue;
        const cycle = explainedCycle(graph, path);
        if (cycle.type === type) return cycle;
      } else if (!onPath.has(target)) {
        path.push(target);
        onPath.add(target);
        cursors.push({ at: valueAt(graph.offsets, target), hopped: hop });
      }
    }
  }
  return null;
}
