/**
 * The fault `disk-slow`: each sync of some nodes' disks takes time, in which the node does nothing else.
 *
 * Tested by `tests/bench/nemesis/disk_faults_test.ts`.
 */

import { defineFault } from "../fault.ts";
import { someNodes } from "./some_nodes.ts";

/** The range of a sync's duration, in ms. */
const SYNC_MS_MIN = 5;
const SYNC_MS_MAX = 200;

export const diskSlow = defineFault({
  name: "disk-slow",
  description: `lets each sync of some nodes' disks take ${SYNC_MS_MIN} to ${SYNC_MS_MAX} ms`,
  isInAll: false, // so that seeds of `all` keep their draws
  isVirtualOnly: true,
  needsDisk: true,
  band: { nodes: "affected" },
  source: (target) => ({
    draw: (random) => {
      const { asked, nodes } = someNodes(target.nodes, random);
      const delayMs = Math.round(SYNC_MS_MIN * Math.pow(SYNC_MS_MAX / SYNC_MS_MIN, random.next()));
      return {
        start: () => {
          for (const node of nodes) target.disks?.slowDisk(node, delayMs);
          return { asked, done: Object.fromEntries(nodes.map((node) => [node, delayMs])), nodes };
        },
        stop: () => {
          for (const node of nodes) target.disks?.slowDisk(node, 0);
          return { asked: null, done: "disks-fast" };
        },
      };
    },
  }),
});
