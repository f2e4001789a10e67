/**
 * The fault `kill`: nodes end without warning, and start again with what their disks hold.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { defineFault } from "../fault.ts";
import { eachNode } from "../fault_target.ts";
import { someNodes } from "./some_nodes.ts";

export const kill = defineFault({
  name: "kill",
  description: "ends nodes (SIGKILL) and starts them again",
  events: { start: "kill", stop: "start" },
  needsDisk: true,
  affected: "lost",
  band: { nodes: "down" },
  source: (target) => ({
    draw: (random) => {
      const { asked, nodes } = someNodes(target.nodes, random);
      return {
        start: () => {
          for (const node of nodes) {
            target.dead.add(node);
            target.paused.delete(node);
            target.cluster.kill(node);
          }
          return { asked, done: eachNode(nodes, "killed"), nodes };
        },
        stop: () => {
          const back = [...target.dead];
          target.dead.clear();
          for (const node of back) {
            // A node that does not start again is a separate fault, which its cluster reports.
            target.startNode(node).catch(() => {});
          }
          return { asked: "all", done: eachNode(back, "started") };
        },
      };
    },
    affectsDropped: ({ dest }, why) => why === "dead" && target.dead.has(dest),
  }),
});
