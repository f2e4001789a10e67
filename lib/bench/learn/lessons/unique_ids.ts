/** Lesson 2: agreeing without talking. */

import { generate } from "../../../protocol/unique_ids.ts";
import type { Lesson } from "../lesson.ts";

/** Challenge 2. */
export const uniqueIdsLesson: Lesson = {
  workload: "unique-ids",
  file: "unique_ids.ts",
  messages: [generate],
  template: `/** Challenge 2: ids that no node ever gives twice, with no coordination. */

import { type Node, serve } from "@charybdis/charybdis";
import { uniqueIds as messages } from "@charybdis/charybdis/protocol";

/** Gives out ids that no node gives twice. */
export function uniqueIds(node: Node): void {
  let count = 0;
  node.on(messages.generate, () => ({ id: count++ }));
}

if (import.meta.main) await serve(uniqueIds);
`,
  exercises: [{
    id: "2",
    task: [
      "Three nodes give out ids. No id may be given twice, by the same node or by two of them, and every request must be " +
      "answered, even while the network between the nodes is cut: so no node may wait for another.",
      "Think of a node that crashes and is started again, too: what does it remember of what it gave out?",
    ],
    hints: [
      "What do two nodes know, without a message, that is different at each?",
      "`node.id` is different at each node, a count is different at each request. Together they last until the node is " +
      "started again, and counts from the beginning.",
      "Draw something random once, when the node starts: `node.random.id()` gives 128 bits. An id of all three, node, start " +
      "and count, needs no disk, no clock and no message.",
    ],
  }],
  solution: ["nodes/unique_ids.ts"],
};
