/**
 * Dependency graphs over transactions, in typed arrays: no object an edge, so a million transactions fit.
 *
 * An edge packs its target and the set of kinds of dependency that it stands for into one 32-bit integer.
 */

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

/** Edges are gathered in pieces, so that nothing is copied as their number grows: the first so long, … */
const PIECE_MIN = 256;
/** … each further one as long as all before it, up to this. */
const PIECE_MAX = 2 ** 18;

interface Piece {
  readonly from: Int32Array;
  readonly packed: Int32Array;
  size: number;
}

/** Edges being gathered, in any order; the same pair may come twice. */
export class EdgeList {
  size = 0;
  readonly #pieces: Piece[] = [];
  #last: Piece = newPiece(0);

  add(from: number, to: number, kinds: number): void {
    let piece = this.#last;
    if (piece.size === piece.from.length) {
      piece = this.#last = newPiece(Math.min(PIECE_MAX, Math.max(PIECE_MIN, this.size)));
      this.#pieces.push(piece);
    }
    piece.from[piece.size] = from;
    piece.packed[piece.size] = (to << TARGET_SHIFT) | kinds;
    piece.size++;
    this.size++;
  }

  /** Sorts the edges by their source (a counting sort: linear in vertices and edges). */
  toGraph(vertices: number): Graph {
    if (vertices > VERTICES_MAX) throw new RangeError(`At most ${VERTICES_MAX} vertices, not ${vertices}`);
    const offsets = new Int32Array(vertices + 1);
    for (const { from, size } of this.#pieces) {
      for (let i = 0; i < size; i++) {
        const after = (from[i] ?? 0) + 1;
        offsets[after] = (offsets[after] ?? 0) + 1;
      }
    }
    for (let v = 0; v < vertices; v++) offsets[v + 1] = (offsets[v + 1] ?? 0) + (offsets[v] ?? 0);
    const next = offsets.slice();
    const edges = new Int32Array(this.size);
    for (const { from, packed, size } of this.#pieces) {
      for (let i = 0; i < size; i++) {
        const v = from[i] ?? 0;
        const at = next[v] ?? 0;
        next[v] = at + 1;
        edges[at] = packed[i] ?? 0;
      }
    }
    return { vertices, offsets, edges };
  }
}

function newPiece(length: number): Piece {
  return { from: new Int32Array(length), packed: new Int32Array(length), size: 0 };
}

/**
 * The graph among `members` alone (their place in the list is their new number), with parallel edges merged into one
 * that has all their kinds. `place` is scratch: one entry a vertex of the whole graph, all −1, and left so.
 */
export function inducedGraph(graph: Graph, members: Int32Array, place: Int32Array): Graph {
  const n = members.length;
  for (let i = 0; i < n; i++) place[members[i] ?? 0] = i;
  let bound = 0;
  for (let i = 0; i < n; i++) {
    const v = members[i] ?? 0;
    bound += (graph.offsets[v + 1] ?? 0) - (graph.offsets[v] ?? 0);
  }
  const offsets = new Int32Array(n + 1);
  const edges = new Int32Array(bound);
  const seenAt = new Int32Array(n).fill(-1);
  let size = 0;
  for (let i = 0; i < n; i++) {
    const begin = size;
    const v = members[i] ?? 0;
    const end = graph.offsets[v + 1] ?? 0;
    for (let e = graph.offsets[v] ?? 0; e < end; e++) {
      const edge = graph.edges[e] ?? 0;
      const target = place[edge >> TARGET_SHIFT] ?? -1;
      if (target < 0) continue;
      const at = seenAt[target] ?? -1;
      if (at >= begin) {
        edges[at] = (edges[at] ?? 0) | (edge & KINDS);
      } else {
        seenAt[target] = size;
        edges[size] = (target << TARGET_SHIFT) | (edge & KINDS);
        size++;
      }
    }
    offsets[i + 1] = size;
  }
  for (let i = 0; i < n; i++) place[members[i] ?? 0] = -1;
  return { vertices: n, offsets, edges: edges.slice(0, size) };
}

/** The same graph with each edge's kinds replaced by `table[kinds]`; an edge that keeps none is no longer one. */
export function relabelled(graph: Graph, table: Uint8Array): Graph {
  const edges = graph.edges.map((edge) => (edge & ~KINDS) | (table[edge & KINDS] ?? 0));
  return { vertices: graph.vertices, offsets: graph.offsets, edges };
}
