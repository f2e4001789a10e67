/**
 * The fault `clock-back`: nodes' clocks jump back, as a clock does that is set right. Timers then fire later, and a lease lasts longer
 * than its holder believes.
 *
 * Tested by `tests/bench/nemesis/clock_back_test.ts`.
 */

import { defineFault } from "../fault.ts";
import { someNodes } from "./some_nodes.ts";

/** The maximum jump, in ms. */
const JUMP_MS_MAX = 5000;

export const clockBack = defineFault({
  name: "clock-back",
  description: "lets the clocks of some nodes jump back by up to 5 s",
  isInAll: false, // no monotonic clock does this
  isVirtualOnly: true,
  band: { nodes: "affected" },
  source: (target) => ({
    draw: (random) => {
      const { asked, nodes } = someNodes(target.nodes, random);
      return {
        start: () => {
          const jumps = nodes.map((node) => [node, random.uniform(0, JUMP_MS_MAX)] as const);
          for (const [node, jumpMs] of jumps) target.clockOf(node)?.jumpBack(jumpMs);
          return {
            asked,
            done: Object.fromEntries(jumps.map(([node, jumpMs]) => [node, { jumpMs: -jumpMs }])),
            nodes,
          };
        },
        stop: () => ({ asked: null, done: "clocks-right" }),
      };
    },
  }),
});
