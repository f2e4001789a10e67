/** Ways to cut a network into parts, after Jepsen's. Tested by `tests/sim/network_test.ts`. */

import type { BlockedLinks } from "./network.ts";
import type { SeededRandom } from "./random.ts";

/** The kinds of two-way partitions, by Maelstrom's names. */
export const PARTITION_KINDS = ["one", "minority-third", "majority", "majorities-ring"] as const;

/** A kind of two-way partition. */
export type PartitionKind = typeof PARTITION_KINDS[number];

/** Returns the cuts of a random partition of that kind. */
export function partition(kind: PartitionKind, nodes: readonly string[], random: SeededRandom): BlockedLinks {
  const shuffled = random.shuffle(nodes);
  switch (kind) {
    case "one":
      return split(shuffled, 1);
    case "minority-third":
      return split(shuffled, Math.floor((nodes.length - 1) / 3));
    case "majority":
      return split(shuffled, Math.floor(nodes.length / 2));
    case "majorities-ring":
      return majoritiesRing(shuffled, random);
  }
}

/** Some nodes are not heard by the others, but hear them. */
export function oneWay(nodes: readonly string[], random: SeededRandom): BlockedLinks {
  const shuffled = random.shuffle(nodes);
  const mute = new Set(shuffled.slice(0, 1 + random.below(Math.max(1, nodes.length - 1))));
  return new Map(shuffled.filter((node) => !mute.has(node)).map((node) => [node, mute]));
}

/** The first `size` nodes and the rest do not hear each other. */
function split(nodes: readonly string[], size: number): BlockedLinks {
  const left = new Set(nodes.slice(0, size));
  const right = new Set(nodes.slice(size));
  return new Map(nodes.map((node) => [node, left.has(node) ? right : left]));
}

/**
 * Every node hears a majority, no two the same. Up to five nodes: a ring in which each hears those nearest to it. More:
 * links are added between those who hear fewest, until each hears a majority.
 */
function majoritiesRing(ring: readonly string[], random: SeededRandom): BlockedLinks {
  const majority = Math.floor(ring.length / 2) + 1;
  const hears = new Map(ring.map((node) => [node, new Set([node])]));
  if (ring.length <= 5) {
    for (let from = 0; from < ring.length; from++) {
      const window = Array.from({ length: majority }, (_, i) => ring[(from + i) % ring.length] ?? "");
      hears.set(window[Math.floor(majority / 2)] ?? "", new Set(window));
    }
  } else {
    const degree = (node: string) => hears.get(node)?.size ?? 0;
    for (;;) {
      const byDegree = random.shuffle(ring).sort((a, b) => degree(a) - degree(b));
      const least = byDegree[0] ?? "";
      if (degree(least) >= majority) break;
      const other = byDegree.find((node) => !hears.get(least)?.has(node)) ?? "";
      hears.get(least)?.add(other);
      hears.get(other)?.add(least);
    }
  }
  return new Map(ring.map((node) => [node, new Set(ring.filter((other) => !hears.get(node)?.has(other)))]));
}
