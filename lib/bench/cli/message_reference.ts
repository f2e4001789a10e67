/** Generates the reference of all messages from their declarations. Tested by `tests/docs/messages_test.ts`. */

import { WORKLOADS } from "../../checkers/workloads.ts";
import { ERRORS } from "../../protocol/errors.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";
import { init } from "../../protocol/init.ts";
import { join, leave } from "../../protocol/membership.ts";
import { workloadOf } from "../workloads/registry.ts";
import type { DocumentedMessage } from "../workloads/workload.ts";

/** Returns the reference of a workload's messages as Markdown: each request, its reply, and an example of both. */
export function describeMessages(workload: string): string {
  const { name, description, messages } = workloadOf(workload);
  return [
    `## Workload ${name}`,
    "",
    `${description[0]?.toUpperCase()}${description.slice(1)}.`,
    "",
    ...[init, ...messages].flatMap(describeMessage),
  ].join("\n");
}

/** Returns a request and its reply as lines of JSON; empty if the declaration has no example. */
export function exampleLines(
  { type, example }: {
    readonly type: string;
    readonly example?: { readonly request: unknown; readonly reply: unknown };
  },
): string[] {
  if (example === undefined) return [];
  const message = (src: string, dest: string, body: object) => stringifyExactJson({ src, dest, body });
  return [
    message("c1", "n1", { type, msg_id: 1, ...Object(example.request) }),
    message("n1", "c1", { type: `${type}_ok`, in_reply_to: 1, ...Object(example.reply) }),
  ];
}

function describeMessage(declared: DocumentedMessage): string[] {
  const { type, description, request, reply } = declared;
  const lines = exampleLines(declared);
  return [
    `### \`${type}\``,
    "",
    description,
    "",
    `- Request: \`${request.description}\``,
    `- Reply \`${type}_ok\`: \`${reply.description}\``,
    "",
    ...(lines.length === 0 ? [] : ["```json", ...lines, "```", ""]),
  ];
}

/** Returns the reference of all messages and error codes as Markdown. */
export function describeAllMessages(): string {
  return [
    "# Messages",
    "",
    "Each message is one line of JSON. A node reads requests from stdin and writes replies to stdout.",
    "",
    ...WORKLOADS.map(describeMessages),
    "## Changes of the membership",
    "",
    "An extension of Maelstrom's protocol, for the fault `membership`. Nodes that do not support it reply with error 10.",
    "",
    ...[leave, join].flatMap(describeMessage),
    "## Errors",
    "",
    "```json",
    '{"src":"n1","dest":"c1","body":{"type":"error","in_reply_to":1,"code":20,"text":"no such key"}}',
    "```",
    "",
    "A definite error means that the operation did not happen and never will.",
    "",
    "| code | name | definite | meaning |",
    "| ---: | --- | :---: | --- |",
    ...Object.entries(ERRORS).map(([code, { name, definite, meaning }]) =>
      `| ${code} | ${name} | ${definite ? "yes" : "no"} | ${meaning} |`
    ),
  ].join("\n");
}
