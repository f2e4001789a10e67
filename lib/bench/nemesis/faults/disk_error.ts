/**
 * The fault `disk-error`: the next write or sync of some nodes fails in part, as on a full or broken disk. A node cannot go on without
 * its store, so that it ends; it starts again when the fault ends.
 *
 * Tested by `tests/bench/nemesis/disk_faults_test.ts`.
 */

import { defineFault } from "../fault.ts";
import { eachNode } from "../fault_target.ts";
import { someNodes } from "./some_nodes.ts";

export const diskError = defineFault({
  name: "disk-error",
  description: "lets the next write or sync of some nodes fail, which ends them, and starts them again",
  isInAll: false, // so that seeds of `all` keep their draws
  isVirtualOnly: true,
  needsDisk: true,
  affected: "lost",
  band: { nodes: "affected" },
  source: (target) => {
    const failing = new Set<string>();
    const isDown = (node: string) => target.disks?.isRunning(node) === false && !target.dead.has(node);
    return {
      draw: (random) => {
        const { asked, nodes } = someNodes(target.nodes, random);
        return {
          start: () => {
            for (const node of nodes) {
              failing.add(node);
              target.disks?.failDisk(node);
            }
            return { asked, done: Object.fromEntries(nodes.map((node) => [node, "disk-failing"])), nodes };
          },
          stop: () => {
            const back = [...failing].filter(isDown);
            for (const node of failing) target.disks?.repairDisk(node);
            failing.clear();
            for (const node of back) {
              target.paused.delete(node);
              // A node that does not start again is a separate fault, which its cluster reports.
              target.startNode(node).catch(() => {});
            }
            return { asked: null, done: eachNode(back, "started") };
          },
        };
      },
      affectsDropped: ({ dest }, why) => why === "dead" && failing.has(dest) && isDown(dest),
    };
  },
});
