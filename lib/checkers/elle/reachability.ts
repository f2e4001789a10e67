/** For many pairs of vertices at once: is there a path? Thirty-two pairs a pass, a bit each. */

import { type Graph, TARGET_SHIFT } from "./graph.ts";
import { stronglyConnected } from "./scc.ts";

/**
 * The first pair whose `to` reaches its `from` by edges of these kinds, or null. Each pass goes once over all edges, in
 * topological order of the components, so pairs × edges / 32 in the worst case.
 */
export function reaches<Pair extends { readonly from: number; readonly to: number }>(
  graph: Graph,
  kinds: number,
  pairs: readonly Pair[],
): Pair | null {
  const components = stronglyConnected(graph, kinds);
  const inOrder = Int32Array.from({ length: graph.vertices }, (_, v) => v);
  // Sinks have the lowest numbers: descending is from sources to sinks.
  inOrder.sort((a, b) => (components.of[b] ?? 0) - (components.of[a] ?? 0));
  const bits = new Int32Array(components.count);
  for (let begin = 0; begin < pairs.length; begin += 32) {
    const block = pairs.slice(begin, begin + 32);
    bits.fill(0);
    for (const [i, pair] of block.entries()) {
      const c = components.of[pair.to] ?? 0;
      bits[c] = (bits[c] ?? 0) | (1 << i);
    }
    for (const v of inOrder) {
      const mine = bits[components.of[v] ?? 0] ?? 0;
      if (mine === 0) continue;
      const end = graph.offsets[v + 1] ?? 0;
      for (let e = graph.offsets[v] ?? 0; e < end; e++) {
        const edge = graph.edges[e] ?? 0;
        if ((edge & kinds) === 0) continue;
        const c = components.of[edge >> TARGET_SHIFT] ?? 0;
        bits[c] = (bits[c] ?? 0) | mine;
      }
    }
    for (const [i, pair] of block.entries()) {
      if (((bits[components.of[pair.from] ?? 0] ?? 0) & (1 << i)) !== 0) return pair;
    }
  }
  return null;
}
