/**
 * The fault `bridge-partition`: two halves that hear each other only through one node, the bridge. A majority exists only with the
 * bridge in it.
 *
 * Tested by `tests/bench/nemesis/bridge_partition_test.ts`.
 */

import type { BlockedLinks } from "../../../sim/network.ts";
import { defineFault } from "../fault.ts";
import { cutFault, cutText, droppedByCut } from "./network_cuts.ts";

const kind = "bridge-partition";

export const bridgePartition = defineFault({
  name: kind,
  description: "cuts the network into two halves that hear each other only through one node",
  isInAll: false, // so that seeds of `all` keep their draws
  affected: "cut",
  band: { nodes: "all", text: cutText },
  source: (target) => ({
    draw: (random) =>
      cutFault(target, {
        kind,
        asked: "bridge",
        cuts: bridgeCuts(random.shuffle(target.nodes)),
        listed: "all",
      }),
    affectsDropped: droppedByCut(target, kind),
  }),
});

/** Returns the senders that each node does not hear. The first node is the bridge. */
export function bridgeCuts([bridge, ...others]: readonly string[]): BlockedLinks {
  const half = Math.ceil(others.length / 2);
  const [left, right] = [new Set(others.slice(0, half)), new Set(others.slice(half))];
  const cuts = others.map((node) => [node, left.has(node) ? right : left] as const);
  return new Map(bridge === undefined ? cuts : [[bridge, new Set()], ...cuts]);
}
