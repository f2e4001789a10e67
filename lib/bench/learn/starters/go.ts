/** Starters in Go. Tested by `tests/bench/learn/starters_test.ts`. */

import { type Language, stemOf, stubsOf } from "./starter.ts";

/** Go, with its standard library. */
export const go: Language = {
  id: "go",
  title: "Go 1.18 or newer",
  starterOf: (lesson) => {
    const folder = `${stemOf(lesson)}-go`;
    const cases = stubsOf(lesson).map(({ type, description, reply, task }) =>
      [
        `\tcase "${type}":`,
        `\t\t// ${description}`,
        ...task.map((line) => `\t\t// ${line}`),
        `\t\treply(request, ${literal(JSON.parse(reply))})`,
      ].join("\n")
    );
    const source = `${folder}/main.go`;
    return {
      source,
      executable: `${folder}/node`,
      build: `cd ${folder} && go build -o node .`,
      files: [
        { path: `${folder}/go.mod`, text: `module ${stemOf(lesson).replaceAll("_", "-")}\n\ngo 1.18\n` },
        { path: source, text: program(lesson.workload, cases.join("\n")) },
      ],
    };
  },
};

/** Returns a JSON value as a Go expression. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[]any{${value.map(literal).join(", ")}}`;
  if (typeof value !== "object" || value === null) return value === null ? "nil" : JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}: ${literal(field)}`);
  return `map[string]any{${fields.join(", ")}}`;
}

const program = (workload: string, cases: string) =>
  `// A node for the workload ${workload}: one JSON message per line on stdin and stdout. Log to stderr.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type message struct {
	Src  string         \`json:"src"\`
	Dest string         \`json:"dest"\`
	Body map[string]any \`json:"body"\`
}

var (
	nodeID    string
	nodeIDs   []any
	nextMsgID int
)

// send sends a message to a node or a client.
func send(dest string, body map[string]any) {
	nextMsgID++
	body["msg_id"] = nextMsgID
	line, err := json.Marshal(message{nodeID, dest, body})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

func reply(request message, body map[string]any) {
	body["in_reply_to"] = request.Body["msg_id"]
	send(request.Src, body)
}

func handle(request message) {
	switch request.Body["type"] {
	case "init":
		nodeID = request.Body["node_id"].(string)
		nodeIDs = request.Body["node_ids"].([]any)
		reply(request, map[string]any{"type": "init_ok"})
${cases}
	default:
		fmt.Fprintln(os.Stderr, "unknown message:", request)
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var request message
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil {
			panic(err)
		}
		handle(request)
	}
}
`;
