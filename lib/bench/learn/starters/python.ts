/** Starters in Python. Tested by `tests/bench/learn/starters_test.ts`. */

import { type Language, stemOf, stubsOf } from "./starter.ts";

/** Python 3, with its standard library. */
export const python: Language = {
  id: "python",
  title: "Python 3",
  starterOf: (lesson) => {
    const path = `${stemOf(lesson)}.py`;
    const branches = stubsOf(lesson).map(({ type, description, reply, task }) =>
      [
        `    elif body["type"] == "${type}":`,
        `        # ${description}`,
        ...task.map((line) => `        # ${line}`),
        `        reply(request, ${reply})`,
      ].join("\n")
    );
    return {
      source: path,
      executable: path,
      files: [{ path, isScript: true, text: program(lesson.workload, branches.join("\n")) }],
    };
  },
};

const program = (workload: string, branches: string) =>
  `#!/usr/bin/env python3
"""A node for the workload ${workload}: one JSON message per line on stdin and stdout. Log to stderr."""

import json
import sys

node_id = ""
node_ids = []
next_msg_id = 0


def send(dest, body):
    """Sends a message to a node or a client."""
    global next_msg_id
    next_msg_id += 1
    message = {"src": node_id, "dest": dest, "body": {**body, "msg_id": next_msg_id}}
    print(json.dumps(message), flush=True)


def reply(request, body):
    send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})


def handle(request):
    global node_id, node_ids
    body = request["body"]
    if body["type"] == "init":
        node_id, node_ids = body["node_id"], body["node_ids"]
        reply(request, {"type": "init_ok"})
${branches}
    else:
        print(f"unknown message: {request}", file=sys.stderr)


for line in sys.stdin:
    handle(json.loads(line))
`;
