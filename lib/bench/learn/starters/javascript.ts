/** Starters in JavaScript. Tested by `tests/bench/learn/starters_test.ts`. */

import { type Language, stemOf, stubsOf } from "./starter.ts";

/** JavaScript for Node.js, without packages. */
export const javascript: Language = {
  id: "js",
  title: "JavaScript, for Node.js",
  starterOf: (lesson) => {
    const path = `${stemOf(lesson)}.mjs`;
    const handlers = stubsOf(lesson).map(({ type, description, reply, task }) =>
      [
        `  // ${description}`,
        ...task.map((line) => `  // ${line}`),
        `  ${type}(request) {`,
        `    reply(request, ${reply});`,
        "  },",
      ].join("\n")
    );
    return {
      source: path,
      executable: path,
      files: [{ path, isScript: true, text: program(lesson.workload, handlers.join("\n")) }],
    };
  },
};

const program = (workload: string, handlers: string) =>
  `#!/usr/bin/env node
// A node for the workload ${workload}: one JSON message per line on stdin and stdout. Log with console.error.

import { createInterface } from "node:readline";

let nodeId = "";
let nodeIds = [];
let nextMsgId = 0;

/** Sends a message to a node or a client. */
function send(dest, body) {
  const message = { src: nodeId, dest, body: { ...body, msg_id: nextMsgId++ } };
  process.stdout.write(JSON.stringify(message) + "\\n");
}

function reply(request, body) {
  send(request.src, { ...body, in_reply_to: request.body.msg_id });
}

const handlers = {
  init(request) {
    nodeId = request.body.node_id;
    nodeIds = request.body.node_ids;
    reply(request, { type: "init_ok" });
  },
${handlers}
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  const handler = handlers[request.body.type];
  if (handler === undefined) console.error("unknown message:", line);
  else handler(request);
});
`;
