/**
 * The fault `disk-damage`: the last node ends, and its disk has a damaged file when it starts again: flipped bits, zeros, a missing end, a
 * missing file, or another content. The damage is one that the next opening of the store must find.
 *
 * Tested by `tests/bench/nemesis/disk_faults_test.ts`.
 */

import { defineFault } from "../fault.ts";
import { eachNode } from "../fault_target.ts";

/** The maximum number of kills until one takes effect. Half of them do so at once. */
const KILLS_MAX = 64;

export const diskDamage = defineFault({
  name: "disk-damage",
  description: "ends the last node, damages a file on its disk, and starts the node again",
  isInAll: false, // only nodes that can get their state from others bear it
  isVirtualOnly: true,
  needsDisk: true,
  affected: "lost",
  band: { nodes: "down" },
  source: (target) => {
    let down: string | undefined;
    const isDown = (node: string) => target.disks?.isRunning(node) === false && !target.dead.has(node);
    return {
      draw: (random) => {
        // Always the same node, because a majority that has lost its state cannot be helped.
        const node = target.nodes.at(-1) ?? "";
        return {
          start: () => {
            down = node;
            target.paused.delete(node);
            target.cluster.kill(node);
            return { asked: "one", done: eachNode([node], "killed"), nodes: [node] };
          },
          stop: () => {
            down = undefined;
            // A kill may take effect only in the next turn, but the node must be down to be damaged.
            for (let i = 0; i < KILLS_MAX && target.disks?.isRunning(node); i++) target.cluster.kill(node);
            // A node that another fault has killed keeps its disk.
            if (!isDown(node)) return { asked: null, done: {} };
            const damage = target.disks?.damageDisk(node, random) ?? null;
            // A node that does not start again is a separate fault, which its cluster reports.
            target.startNode(node).catch(() => {});
            return { asked: damage, done: eachNode([node], "started") };
          },
        };
      },
      affectsDropped: ({ dest }, why) => why === "dead" && dest === down && isDown(dest),
    };
  },
});
