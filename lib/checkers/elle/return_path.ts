/**
 * Shortest ways back: breadth-first search from the target of an edge to its source closes a cycle through that edge.
 *
 * Some cycles have a condition on the order of their edges. It is kept as a second bit of state, so the search runs over
 * (vertex, state): a product of the graph with a small automaton.
 */

import { valueAt } from "../columns.ts";
import { type Graph, TARGET_SHIFT } from "./graph.ts";

/** Which edges may be taken, and what must be so of a whole path. */
export interface Route {
  /** Kinds that may be taken at any time. */
  readonly free: number;
  /** `nonadjacent`: these kinds, too, but never two in a row, nor first or last. `required`: one of these must be taken. */
  readonly nonadjacent?: number;
  readonly required?: number;
}

/** The best path found is this long at most, and a search that looked at so many states gives up. */
export interface PathLimits {
  readonly lengthMax: number;
  readonly statesMax: number;
}

/** Searches one graph many times over; its scratch arrays are made once. */
export class ReturnPaths {
  /** States looked at in all searches so far: the measure of work done. */
  work = 0;
  /** Whether the last search ended because of its limits. */
  limited = false;
  readonly #graph: Graph;
  readonly #seen: Int32Array;
  readonly #parent: Int32Array;
  readonly #queue: Int32Array;
  readonly #depth: Int32Array;
  #search = 0;

  constructor(graph: Graph) {
    const states = graph.vertices * 2;
    this.#graph = graph;
    this.#seen = new Int32Array(states);
    this.#parent = new Int32Array(states);
    this.#queue = new Int32Array(states);
    this.#depth = new Int32Array(states);
  }

  /** The vertices of a shortest path, both ends included, or null. It may visit a vertex twice, in different states. */
  find(from: number, to: number, route: Route, limits: PathLimits): number[] | null {
    const { offsets, edges } = this.#graph;
    const seen = this.#seen;
    const parent = this.#parent;
    const queue = this.#queue;
    const depth = this.#depth;
    const search = ++this.#search;
    const nonadjacent = route.nonadjacent ?? 0;
    const required = route.required ?? 0;
    // State 1: for nonadjacent, the last edge was one of those; for required, one has been taken.
    const start = from * 2 + (nonadjacent !== 0 ? 1 : 0);
    const goal = to * 2 + (required !== 0 ? 1 : 0);
    let head = 0;
    let tail = 0;
    queue[tail++] = start;
    seen[start] = search;
    parent[start] = -1;
    depth[start] = 0;
    this.limited = false;
    if (start === goal) return [from];
    while (head < tail) {
      const at = valueAt(queue, head++);
      const deep = valueAt(depth, at);
      if (head > limits.statesMax || deep >= limits.lengthMax) {
        this.limited = true;
        break;
      }
      const v = at >> 1;
      const state = at & 1;
      const end = valueAt(offsets, v + 1);
      for (let e = valueAt(offsets, v); e < end; e++) {
        const edge = valueAt(edges, e);
        const target = (edge >> TARGET_SHIFT) * 2;
        for (let choice = 0; choice < 2; choice++) {
          let next = -1;
          if (choice === 0) {
            if ((edge & route.free) !== 0) next = target + (required !== 0 ? state : 0);
          } else if ((edge & required) !== 0) {
            next = target + 1;
          } else if (state === 0 && (edge & nonadjacent) !== 0) {
            next = target + 1;
          }
          if (next < 0 || seen[next] === search) continue;
          seen[next] = search;
          parent[next] = at;
          depth[next] = deep + 1;
          if (next === goal) {
            this.work += tail;
            return pathTo(parent, goal);
          }
          queue[tail++] = next;
        }
      }
    }
    this.work += tail;
    return null;
  }
}

function pathTo(parent: Int32Array, goal: number): number[] {
  const path: number[] = [];
  for (let at = goal; at >= 0; at = valueAt(parent, at)) path.push(at >> 1);
  return path.reverse();
}
