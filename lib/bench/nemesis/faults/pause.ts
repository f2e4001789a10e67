/**
 * The fault `pause`: nodes stop and continue later, with their state.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { defineFault } from "../fault.ts";
import { eachNode } from "../fault_target.ts";
import { someNodes } from "./some_nodes.ts";

export const pause = defineFault({
  name: "pause",
  description: "stops nodes (SIGSTOP) and continues them (SIGCONT)",
  events: { start: "pause", stop: "resume" },
  band: { nodes: "affected" },
  source: (target) => ({
    draw: (random) => {
      const { asked, nodes } = someNodes(target.nodes, random);
      return {
        start: () => {
          const alive = nodes.filter((node) => !target.dead.has(node));
          for (const node of alive) {
            target.paused.add(node);
            target.cluster.pause(node);
          }
          return { asked, done: eachNode(target.paused, "paused"), nodes: alive };
        },
        stop: () => {
          const back = [...target.paused];
          target.paused.clear();
          for (const node of back) target.cluster.resume(node);
          return { asked: "all", done: eachNode(back, "resumed") };
        },
      };
    },
  }),
});
