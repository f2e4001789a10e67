/**
 * Dependency graphs over transactions, in typed arrays. There is no object per edge, so a million transactions fit.
 *
 * A 32-bit integer packs the target of an edge and the set of its kinds of dependency.
 *
 * Tested by `tests/checkers/elle/cycles_test.ts`.
 */

import { valueAt } from "../columns.ts";

/** The target overwrote what the source wrote: it comes next in the version order. */
export const WW = 1;
/** The target read what the source wrote. */
export const WR = 2;
/** The target overwrote what the source read. */
export const RW = 4;
/** The same process ran the source before the target. */
export const PROCESS = 8;
/** The source had completed before the target was invoked. */
export const REALTIME = 16;

/** The low bits of a packed edge, which hold its kinds. */
export const KINDS = 31;
/** The position of the target in a packed edge. */
export const TARGET_SHIFT = 5;
/** The number of transactions that a packed edge can address. */
const VERTICES_MAX = 2 ** (31 - TARGET_SHIFT);

/**
 * A graph. The outgoing edges of vertex v are `edges[offsets[v]] … edges[offsets[v + 1] - 1]`, each `target << 5 |
 * kinds`.
 */
export interface Graph {
  readonly vertices: number;
  readonly offsets: Int32Array;
  readonly edges: Int32Array;
}

/** Adds an edge. */
export type AddEdge = (from: number, to: number, kinds: number) => void;

/**
 * Calls back with all edges of a graph. The order does not matter, and pairs may repeat. Each call yields the same
 * edges.
 */
export type EdgeSource = (add: AddEdge) => void;

/**
 * Returns the graph of these edges: a counting sort by source, linear in vertices and edges.
 *
 * The source is called twice, so that the edges need not be stored. Large arrays would trigger garbage collection among
 * the objects of the caller.
 */
export function graphOf(vertices: number, edges: EdgeSource): Graph {
  if (vertices > VERTICES_MAX) throw new RangeError(`At most ${VERTICES_MAX} vertices, not ${vertices}`);
  const offsets = new Int32Array(vertices + 1);
  edges((from) => {
    offsets[from + 1] = valueAt(offsets, from + 1) + 1;
  });
  for (let v = 0; v < vertices; v++) offsets[v + 1] = valueAt(offsets, v + 1) + valueAt(offsets, v);
  const next = offsets.slice();
  const packed = new Int32Array(valueAt(offsets, vertices));
  edges((from, to, kinds) => {
    const at = valueAt(next, from);
    next[from] = at + 1;
    packed[at] = (to << TARGET_SHIFT) | kinds;
  });
  return { vertices, offsets, edges: packed };
}

/**
 * Returns the subgraph of `members`, with parallel edges merged into one that has all their kinds.
 *
 * The position in `members` is the new number of a vertex.
 *
 * @param place scratch: one entry per vertex of the whole graph, all −1 before and after
 */
export function inducedGraph(graph: Graph, members: Int32Array, place: Int32Array): Graph {
  const n = members.length;
  for (let i = 0; i < n; i++) place[valueAt(members, i)] = i;
  let bound = 0;
  for (let i = 0; i < n; i++) {
    const v = valueAt(members, i);
    bound += valueAt(graph.offsets, v + 1) - valueAt(graph.offsets, v);
  }
  const offsets = new Int32Array(n + 1);
  const edges = new Int32Array(bound);
  const seenAt = new Int32Array(n).fill(-1);
  let size = 0;
  for (let i = 0; i < n; i++) {
    const begin = size;
    const v = valueAt(members, i);
    const end = valueAt(graph.offsets, v + 1);
    for (let e = valueAt(graph.offsets, v); e < end; e++) {
      const edge = valueAt(graph.edges, e);
      const target = valueAt(place, edge >> TARGET_SHIFT);
      if (target < 0) continue;
      const at = valueAt(seenAt, target);
      if (at >= begin) {
        edges[at] = valueAt(edges, at) | (edge & KINDS);
      } else {
        seenAt[target] = size;
        edges[size] = (target << TARGET_SHIFT) | (edge & KINDS);
        size++;
      }
    }
    offsets[i + 1] = size;
  }
  for (let i = 0; i < n; i++) place[valueAt(members, i)] = -1;
  return { vertices: n, offsets, edges: edges.slice(0, size) };
}

/** Returns the graph with the kinds of each edge replaced by `table[kinds]`. An edge without kinds no longer counts. */
export function relabelled(graph: Graph, table: Uint8Array): Graph {
  const edges = graph.edges.map((edge) => (edge & ~KINDS) | (table[edge & KINDS] ?? 0));
  return { vertices: graph.vertices, offsets: graph.offsets, edges };
}
