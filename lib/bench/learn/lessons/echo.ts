/** Lesson 1: messages in, messages out. Tested by `tests/bench/learn/lessons_test.ts`. */

import { echo } from "../../../protocol/echo.ts";
import type { Lesson } from "../lesson.ts";

/** Challenge 1. */
export const echoLesson: Lesson = {
  workload: "echo",
  file: "echo.ts",
  messages: [echo],
  template: `/** Challenge 1: answer each request with the value that it carried. */

import { type Node, serve } from "@charybdis/charybdis";
import { echo as messages } from "@charybdis/charybdis/protocol";

/** Answers each request with the value that it carried. */
export function echo(node: Node): void {
  // A handler receives the request's body and returns the reply's own fields. The runtime adds \`type\`, \`msg_id\` and
  // \`in_reply_to\`, and sends it.
  node.on(messages.echo, (body) => ({ echo: \`received \${body.type}\` }));
}

if (import.meta.main) await serve(echo);
`,
  exercises: [{
    id: "1",
    task: [
      "A node is a program that reads messages from stdin, one JSON object per line, and writes its own to stdout. This first " +
      "node answers every `echo` request with the value that the request carried.",
      "It is not distributed yet. It shows that your tools work: edit, check, read the problem, edit again.",
    ],
    hints: [
      "Compare the value that the check sent with the value that it received.",
      "The value is in the request's body, under the name `echo`; the reply returns it under the same name.",
      "({ echo }) => ({ echo })",
    ],
  }],
  solution: ["nodes/echo.ts", "lib/runtime/node.ts"],
};
