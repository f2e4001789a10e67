/**
 * The fault `leader-partition`: partitions that separate the leader from a majority. A leader is a node whose watched `role` is
 * `leader`; without any, the fault takes a random node.
 *
 * Tested by `tests/bench/nemesis/leader_partition_test.ts`.
 */

import type { BlockedLinks } from "../../../sim/network.ts";
import { defineFault, type Switched } from "../fault.ts";
import { cutFault, cutText, droppedByCut } from "./network_cuts.ts";

const kind = "leader-partition";

/** The leader alone; the leader in a minority; every link cut except those of one node that is not the leader. */
const SHAPES = ["leader-alone", "leader-in-minority", "quorum-through-one"] as const;

export const leaderPartition = defineFault({
  name: kind,
  description: "separates the leader, if nodes watch their role, from a majority",
  isInAll: false, // so that seeds of `all` keep their draws
  isVirtualOnly: true,
  needsWatches: true,
  affected: "cut",
  band: { nodes: "all", text: cutText },
  source: (target) => ({
    draw: (random) => {
      const asked = random.pick(SHAPES);
      const order = random.shuffle(target.nodes);
      let stop: () => Switched = () => ({ asked: null, done: "network-healed" });
      return {
        start: () => {
          const leader = order.find((node) => target.watchedOf(node, "role") === "leader") ?? order[0] ?? "";
          const cuts = cutsOf(asked, { leader, others: order.filter((node) => node !== leader) });
          const fault = cutFault(target, { kind, asked, cuts, listed: "all" });
          stop = () => fault.stop();
          return fault.start();
        },
        stop: () => stop(),
      };
    },
    affectsDropped: droppedByCut(target, kind),
  }),
});

/** Returns the senders that each node does not hear. */
export function cutsOf(
  shape: typeof SHAPES[number],
  { leader, others }: { readonly leader: string; readonly others: readonly string[] },
): BlockedLinks {
  const nodes = [leader, ...others];
  if (shape === "quorum-through-one") {
    const [bridge] = others;
    return new Map(nodes.map((node) => [
      node,
      new Set(node === bridge ? [] : nodes.filter((other) => other !== node && other !== bridge)),
    ]));
  }
  const minority = shape === "leader-alone" ? 1 : Math.max(1, Math.ceil(nodes.length / 2) - 1);
  const [left, right] = [new Set(nodes.slice(0, minority)), new Set(nodes.slice(minority))];
  return new Map(nodes.map((node) => [node, left.has(node) ? right : left]));
}
