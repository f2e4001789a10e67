/** The fault `slow`: the links of some nodes are slower. Tested by `tests/bench/nemesis/fault_effects_test.ts`. */

import { isClient } from "../../../protocol/message.ts";
import { defineFault } from "../fault.ts";
import { someNodes } from "./some_nodes.ts";

/** The factor by which a slow node's links are slower. */
const SLOW_FACTOR = 10;

export const slow = defineFault({
  name: "slow",
  description: "makes the links of some nodes ten times slower",
  affected: "slowed",
  band: { nodes: "affected" },
  source: (target) => {
    let slowNodes: ReadonlySet<string> = new Set();
    return {
      draw: (random) => {
        const { asked, nodes } = someNodes(target.nodes, random);
        const factors = new Map(nodes.map((node) => [node, SLOW_FACTOR]));
        return {
          start: () => {
            target.network.slow(factors);
            slowNodes = new Set(nodes);
            return { asked, done: Object.fromEntries(factors), nodes };
          },
          stop: () => {
            target.network.slow(new Map());
            slowNodes = new Set();
            return { asked: null, done: "network-fast" };
          },
        };
      },
      affectsSent: ({ src, dest }) => {
        if (slowNodes.size === 0 || isClient(src) || isClient(dest)) return false;
        return slowNodes.has(src) || slowNodes.has(dest);
      },
    };
  },
});
