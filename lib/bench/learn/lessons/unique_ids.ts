/** Lesson 2: agree without messages. Tested by `tests/bench/learn/lessons_test.ts`. */

import { generate } from "../../../protocol/unique_ids.ts";
import type { Lesson } from "../lesson.ts";

/** Challenge 2. */
export const uniqueIdsLesson: Lesson = {
  workload: "unique-ids",
  file: "unique_ids.ts",
  messages: [generate],
  template: `/** Challenge 2: ids that are unique across all nodes, without coordination. */

import { type Node, serve } from "@charybdis/charybdis";
import { uniqueIds as messages } from "@charybdis/charybdis/protocol";

/** Generates ids that are unique across all nodes. */
export function uniqueIds(node: Node): void {
  let count = 0;
  node.on(messages.generate, () => ({ id: count++ }));
}

if (import.meta.main) await serve(uniqueIds);
`,
  exercises: [{
    id: "2",
    task: [
      "Three nodes generate ids. No two requests may receive the same id, at one node or at two. Every request must be " +
      "answered, even during a partition between the nodes, so no node may wait for another.",
      "Also consider a node that crashes and restarts: how does it avoid ids that it generated before?",
    ],
    hints: [
      "Which data differs at each node without any message?",
      "`node.id` is different at each node, a counter is different for each request. Together they suffice until the node " +
      "restarts and counts from the beginning.",
      "Draw a random value once, when the node starts: `node.random.id()` has 128 bits. An id of node, random value " +
      "and counter needs no disk, no clock and no message.",
    ],
  }],
  solution: ["nodes/unique_ids.ts"],
};
