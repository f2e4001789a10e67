/**
 * Compares replies to clients with their declarations, field by field.
 *
 * Tested by `tests/bench/report/story_test.ts`.
 */

import { sameValue } from "../../../checkers/value_key.ts";
import { isClient } from "../../../protocol/message.ts";
import type { RunMessage } from "../../findings/causes/message_log.ts";
import { findWorkload } from "../../workloads/registry.ts";
import type { DocumentedMessage } from "../../workloads/workload.ts";
import { clip, valueJson } from "../html/text.ts";
import { microseconds } from "./operation_columns.ts";
import type { FieldDifference, OperationColumns, ReplyDifference } from "./report_data.ts";

/** The maximum number of replies. Replies that differ in the same fields count once. */
const REPLIES_MAX = 20;
/** The maximum number of characters of a value. */
const VALUE_LENGTH_MAX = 300;
/** The maximum time between the arrival of a reply and the end of its operation, in µs. */
const REPLY_US_MAX = 2;

/** Returns the replies that lack what the workload expects. An echo must have the value that was sent. */
export function replyDifferences(
  messages: readonly RunMessage[],
  { workload, operations }: { readonly workload: string; readonly operations: OperationColumns },
): ReplyDifference[] {
  const declared = new Map(findWorkload(workload)?.workload.messages.map((each) => [each.type, each]));
  const rowByEnd = new Map(operations.end.map((end, row) => [end, row]));
  const requests = new Map<string, RunMessage>();
  const found = new Map<string, ReplyDifference>();
  for (const message of messages) {
    const { src, dest, body, resolvedNs } = message;
    if (isClient(src)) requests.set(`${src} ${dest} ${String(body["msg_id"])}`, message);
    if (!isClient(dest) || body["type"] === "error" || found.size >= REPLIES_MAX) continue;
    const request = requests.get(`${dest} ${src} ${String(body["in_reply_to"])}`);
    const declaration = declared.get(String(request?.body["type"]));
    if (request === undefined || declaration === undefined) continue;
    const fields = fieldsOf(declaration, { request: request.body, reply: body });
    const different = fields.filter(({ isEqual }) => !isEqual).map(({ name }) => name);
    const operation = rowNear(rowByEnd, microseconds(resolvedNs));
    const kind = `${declaration.type} ${different.join(" ")}`;
    if (different.length === 0 || operation === undefined || found.has(kind)) continue;
    found.set(kind, { operation, fields });
  }
  return [...found.values()];
}

type Body = Readonly<Record<string, unknown>>;

function fieldsOf(
  { type, reply: form }: DocumentedMessage,
  { request, reply }: { readonly request: Body; readonly reply: Body },
): FieldDifference[] {
  const { type: gotType, in_reply_to: inReplyTo, msg_id: _, ...own } = reply;
  const exact = (name: string, wanted: unknown, got: unknown): FieldDifference => ({
    name,
    expected: jsonOf(wanted),
    got: jsonOf(got),
    isEqual: sameValue(wanted, got),
  });
  const known = Object.entries(form.fields ?? {});
  return [
    exact("type", `${type}_ok`, gotType),
    exact("in_reply_to", request["msg_id"], inReplyTo),
    ...known.filter(([name, field]) => field.optional !== true || own[name] !== undefined).map((
      [name, field],
    ) =>
      type === "echo" ? exact(name, request[name], own[name]) : {
        name,
        expected: clip(field.description, VALUE_LENGTH_MAX),
        got: jsonOf(own[name]),
        isEqual: field.is(own[name]),
      }
    ),
    ...Object.entries(own).filter(([name]) => form.fields?.[name] === undefined).map(([name, got]) => ({
      name,
      expected: "",
      got: jsonOf(got),
      isEqual: form.is(own), // a declaration may allow further fields
    })),
  ];
}

function jsonOf(value: unknown): string {
  return value === undefined ? "" : value === null ? "null" : valueJson(value, VALUE_LENGTH_MAX);
}

function rowNear(rowByEnd: ReadonlyMap<number, number>, time: number): number | undefined {
  for (let off = 0; off <= REPLY_US_MAX; off++) {
    const row = rowByEnd.get(time + off) ?? rowByEnd.get(time - off);
    if (row !== undefined) return row;
  }
  return undefined;
}
