/**
 * Reachability of many pairs of vertices at once: 32 pairs per pass, one bit each.
 *
 * Tested by `tests/checkers/elle/cycles_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { type Graph, TARGET_SHIFT } from "./graph.ts";
import { stronglyConnected } from "./scc.ts";

/**
 * Returns the first pair whose `to` reaches its `from` by edges of these kinds, or null.
 *
 * Each pass visits all edges once, in topological order of the components. So the worst case is pairs × edges / 32.
 */
export function reaches<Pair extends { readonly from: number; readonly to: number }>(
  graph: Graph,
  kinds: number,
  pairs: readonly Pair[],
): Pair | null {
  const components = stronglyConnected(graph, kinds);
  const inOrder = Int32Array.from({ length: graph.vertices }, (_, v) => v);
  // Sinks have the lowest numbers, so the descending order goes from sources to sinks.
  inOrder.sort((a, b) => valueAt(components.of, b) - valueAt(components.of, a));
  const bits = new Int32Array(components.count);
  for (let begin = 0; begin < pairs.length; begin += 32) {
    const block = pairs.slice(begin, begin + 32);
    bits.fill(0);
    for (const [i, pair] of block.entries()) {
      const c = valueAt(components.of, pair.to);
      bits[c] = valueAt(bits, c) | (1 << i);
    }
    for (const v of inOrder) {
      const mine = valueAt(bits, valueAt(components.of, v));
      if (mine === 0) continue;
      const end = valueAt(graph.offsets, v + 1);
      for (let e = valueAt(graph.offsets, v); e < end; e++) {
        const edge = valueAt(graph.edges, e);
        if ((edge & kinds) === 0) continue;
        const c = valueAt(components.of, edge >> TARGET_SHIFT);
        bits[c] = valueAt(bits, c) | mine;
      }
    }
    for (const [i, pair] of block.entries()) {
      if ((valueAt(bits, valueAt(components.of, pair.from)) & (1 << i)) !== 0) return pair;
    }
  }
  return null;
}
