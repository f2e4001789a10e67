/**
 * Shortest paths back: breadth-first search from the target of an edge to its source closes a cycle.
 *
 * Some cycles have a condition on the order of their edges. A second bit of state represents it, so the search is over
 * (vertex, state): the product of the graph with a small automaton.
 *
 * Tested by `tests/checkers/elle/cycles_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { type Graph, TARGET_SHIFT } from "./graph.ts";

/** The edges that a path may contain, and a condition on the whole path. */
export interface Route {
  /** The kinds that are always allowed. */
  readonly free: number;
  /**
   * `nonadjacent`: kinds that are allowed, too, but never in a row, and not as the first or last edge. `required`: one
   * edge must have one of these kinds.
   */
  readonly nonadjacent?: number;
  readonly required?: number;
}

/** The greatest length of a path, and the number of states at which a search gives up. */
export interface PathLimits {
  readonly lengthMax: number;
  readonly statesMax: number;
}

/** Searches one graph many times. The scratch arrays are allocated once. */
export class ReturnPaths {
  /** The number of states visited by all searches so far: a measure of the work. */
  work = 0;
  /** True if the last search ended at its limits. */
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

  /** Returns the vertices of a shortest path with both ends, or null. A vertex may repeat in different states. */
  find(from: number, to: number, route: Route, limits: PathLimits): number[] | null {
    const { offsets, edges } = this.#graph;
    const seen = this.#seen;
    const parent = this.#parent;
    const queue = this.#queue;
    const depth = this.#depth;
    const search = ++this.#search;
    const nonadjacent = route.nonadjacent ?? 0;
    const required = route.required ?? 0;
    // State 1: the last edge was nonadjacent; or a required one was taken.
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
