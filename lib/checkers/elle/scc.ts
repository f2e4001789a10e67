/**
 * Strongly connected components: Tarjan's algorithm (1972), without recursion.
 *
 * Tested by `tests/checkers/elle/cycles_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { type Graph, TARGET_SHIFT } from "./graph.ts";

/**
 * The components of a graph. `of[v]` is the component of vertex v. Numbers are in reverse topological order: sinks
 * first.
 */
export interface Components {
  readonly of: Int32Array;
  readonly count: number;
  readonly sizes: Int32Array;
}

/**
 * Returns the components of the graph of edges that have one of these `kinds`. The cost is linear in vertices and
 * edges.
 */
export function stronglyConnected(graph: Graph, kinds: number): Components {
  const { vertices: n, offsets, edges } = graph;
  const of = new Int32Array(n).fill(-1);
  const order = new Int32Array(n); // 0: not yet visited
  const low = new Int32Array(n);
  const cursor = new Int32Array(n);
  const path = new Int32Array(n); // the vertices on the current path
  const open = new Int32Array(n); // visited, but the component is not yet known
  let openSize = 0;
  let visited = 0;
  let count = 0;
  for (let root = 0; root < n; root++) {
    if (order[root] !== 0) continue;
    let depth = 0;
    path[0] = root;
    order[root] = low[root] = ++visited;
    cursor[root] = valueAt(offsets, root);
    open[openSize++] = root;
    while (depth >= 0) {
      const v = valueAt(path, depth);
      const end = valueAt(offsets, v + 1);
      let at = valueAt(cursor, v);
      let lowV = valueAt(low, v);
      let into = -1;
      while (at < end) {
        const edge = valueAt(edges, at++);
        if ((edge & kinds) === 0) continue;
        const w = edge >> TARGET_SHIFT;
        const orderW = valueAt(order, w);
        if (orderW === 0) {
          into = w;
          break;
        }
        if (orderW < lowV && of[w] === -1) lowV = orderW;
      }
      cursor[v] = at;
      low[v] = lowV;
      if (into >= 0) {
        order[into] = low[into] = ++visited;
        cursor[into] = valueAt(offsets, into);
        open[openSize++] = into;
        path[++depth] = into;
        continue;
      }
      if (lowV === order[v]) {
        let w = -1;
        do {
          w = valueAt(open, --openSize);
          of[w] = count;
        } while (w !== v);
        count++;
      }
      depth--;
      if (depth >= 0) {
        const parent = valueAt(path, depth);
        if (lowV < valueAt(low, parent)) low[parent] = lowV;
      }
    }
  }
  const sizes = new Int32Array(count);
  for (let v = 0; v < n; v++) {
    const c = valueAt(of, v);
    sizes[c] = valueAt(sizes, c) + 1;
  }
  return { of, count, sizes };
}

/** Returns the members of every component of two vertices or more. Members ascend, components by their first member. */
export function cyclicComponents(components: Components): Int32Array[] {
  const { of, sizes } = components;
  const slot = new Int32Array(sizes.length).fill(-1);
  const lists: Int32Array[] = [];
  const filled: number[] = [];
  for (let v = 0; v < of.length; v++) {
    const c = valueAt(of, v);
    const size = valueAt(sizes, c);
    if (size < 2) continue;
    let at = valueAt(slot, c);
    if (at < 0) {
      at = lists.length;
      slot[c] = at;
      lists.push(new Int32Array(size));
      filled.push(0);
    }
    const list = lists[at];
    const next = filled[at] ?? 0;
    if (list !== undefined) list[next] = v;
    filled[at] = next + 1;
  }
  return lists;
}

/** Returns true if a component has two vertices or more. An edge from a vertex to itself does not count. */
export function isCyclic(components: Components): boolean {
  return components.count < components.of.length;
}
