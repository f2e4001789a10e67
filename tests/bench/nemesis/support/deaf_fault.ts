/** A fault that the bench does not have: some nodes receive nothing. */

import { defineFault } from "../../../../lib/bench/nemesis/fault.ts";
import { number } from "../../../../lib/runtime/setting.ts";

export const deaf = defineFault({
  name: "deaf",
  description: "drops all messages to some nodes",
  events: { start: "deafen", stop: "cure" },
  settings: { deafNodes: number(1, { min: 1, max: 10, whole: true, description: "Number of deaf nodes." }) },
  drawSettings: { deafNodes: (random) => 2 + random.below(2) },
  affected: "unheard",
  outcome: "cut",
  band: { nodes: "affected", text: (value) => value === null ? "heard again" : undefined },
  source: (target, { deafNodes }) => ({
    draw: (random) => {
      const nodes = random.shuffle(target.nodes).slice(0, deafNodes);
      const others = new Set(target.nodes);
      return {
        start: () => {
          target.cut("deaf", new Map(nodes.map((node) => [node, others])));
          return { asked: "some", done: Object.fromEntries(nodes.map((node) => [node, "deaf"])), nodes };
        },
        stop: () => {
          target.repair("deaf");
          return { asked: null, done: null };
        },
      };
    },
    affectsDropped: ({ src, dest }, why) => why === "cut" && target.isCut("deaf", src, dest),
  }),
});
