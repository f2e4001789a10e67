/** Generates the reference of all messages from their declarations. Tested by `tests/docs/examples_test.ts`. */

import { type WorkloadName, WORKLOADS } from "../../checkers/workloads.ts";
import * as broadcast from "../../protocol/broadcast.ts";
import * as counter from "../../protocol/counter.ts";
import { ERRORS } from "../../protocol/errors.ts";
import { echo } from "../../protocol/echo.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";
import * as gSet from "../../protocol/g_set.ts";
import { init } from "../../protocol/init.ts";
import * as kafka from "../../protocol/kafka.ts";
import * as kv from "../../protocol/kv.ts";
import type { Rpc } from "../../protocol/message.ts";
import { listAppend, rwRegister } from "../../protocol/txn.ts";
import { generate } from "../../protocol/unique_ids.ts";
import { workloadOf } from "../workloads/mod.ts";

/** The parts of a declaration that the reference shows. Its types do not matter here. */
interface DocumentedMessage {
  readonly type: string;
  readonly description: string;
  readonly request: { readonly description: string };
  readonly reply: { readonly description: string };
  readonly example?: { readonly request: object; readonly reply: object };
}

function documented<Q extends object, R extends object>(declared: Rpc<Q, R>): DocumentedMessage {
  return declared;
}

/** The requests that a node receives in each workload, in addition to `init`. */
const MESSAGES: Readonly<Record<WorkloadName, readonly DocumentedMessage[]>> = {
  "echo": [documented(echo)],
  "unique-ids": [documented(generate)],
  "broadcast": [broadcast.topology, broadcast.broadcast, broadcast.read].map((each) =>
    documented<object, object>(each)
  ),
  "g-set": [documented(gSet.add), documented(gSet.read)],
  "g-counter": [documented(counter.add), documented(counter.read)],
  "pn-counter": [documented(counter.add), documented(counter.read)],
  "kafka": [
    documented(kafka.send),
    documented(kafka.poll),
    documented(kafka.commitOffsets),
    documented(kafka.listCommittedOffsets),
  ],
  "lin-kv": [documented(kv.read), documented(kv.write), documented(kv.cas)],
  "txn-list-append": [documented(listAppend)],
  "txn-rw-register": [documented(rwRegister)],
};

/** Returns the reference of a workload's messages as Markdown: each request, its reply, and an example of both. */
export function describeMessages(workload: WorkloadName): string {
  const { name, description } = workloadOf(workload);
  return [
    `## Workload ${name}`,
    "",
    `${description[0]?.toUpperCase()}${description.slice(1)}.`,
    "",
    ...[documented(init), ...MESSAGES[workload]].flatMap(describeMessage),
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
