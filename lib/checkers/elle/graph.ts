/**
 * Dependency graphs over transactions, in typed arrays: no object an edge, so a million transactions fit.
 *
 * An edge packs its target and the set of kinds of dependency that it stands for into one 32-bit integer.
 */

import { valueAt } from "../columns.ts";

/** The target overwrote (came next in the version order after) what the source wrote. */
export const WW = 1;
/** The target read what the source wrote. */
export const WR = 2;
/** The target overwrote what the source read. */
export const RW = 4;
/** The same process ran the source before the target. */
export const PROCESS = 8;
/** The source had completed before the target was invoked. */
export const REALTIME = 16;

/** Low bits of a packed edge: the kinds. */
export const KINDS = 31;
/** How far the target stands to the left in a packed edge. */
export const TARGET_SHIFT = 5;
/** More transactions than this do not fit a packed edge. */
export const VERTICES_MAX = 2 ** (31 - TARGET_SHIFT);

/** Outgoing edges of vertex v: `edges[offsets[v]] … edges[offsets[v + 1] - 1]`, each `target << 5 | kinds`. */
export interface Graph {
  readonly vertices: number;
  readonly offsets: Int32Array;
  readonly edges: Int32Array;
}

/** Takes an edge. */
export type AddEdge = (from: number, to: number, kinds: number) => void;

/** Tells all edges of a graph, in any order; the same pair may come twice. Each call tells the same. */
export type EdgeSource = (add: AddEdge) => void;

/**
 * The graph of these edges: a counting sort by source, linear in vertices and edges. The edges are told twice, so that they
 * need not be kept meanwhile: large arrays make the engine collect garbage among all of the caller's objects.
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
 * The graph among `members` alone (their place in the list is their new number), with parallel edges merged into one
 * that has all their kinds. `place` is scratch: one entry a vertex of the whole graph, all −1, and left so.
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

/** The same graph with each edge's kinds replaced by `table[kinds]`; an edge that keeps none is no longer one. */
export function relabelled(graph: Graph, table: Uint8Array): Graph {
  const edges = graph.edges.map((edge) => (edge & ~KINDS) | (table[edge & KINDS] ?? 0));
  return { vertices: graph.vertices, offsets: graph.offsets, edges };
}
