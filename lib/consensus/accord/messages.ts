/** The message between nodes, and the forms of records and snapshots. Tested by `tests/nodes/txn_list_append_test.ts`. */

import { oneWay } from "../../protocol/message.ts";
import {
  array,
  boolean,
  type Infer,
  json,
  literal,
  natural,
  object,
  optional,
  string,
  tuple,
  union,
} from "../../protocol/schema.ts";
import { commandsOrNone, floor, head, type Route } from "../leaderless/messages.ts";
import type { AccordMessage, AccordSnapshot, Part, TransactionRecord } from "./types.ts";

const deps = object({ ids: array(string), floor });
const proposal = { id: string, initialAt: natural, commands: commandsOrNone };
const decision = { ...proposal, executeAt: natural, deps };
const inBallot = { id: string, ballot: natural };

const transactionRecord = object({
  ...inBallot,
  acceptedBallot: natural,
  phase: union(
    literal("unknown"),
    literal("preaccepted"),
    literal("accepted"),
    literal("stable"),
    literal("committed"),
  ),
  commands: optional(commandsOrNone),
  initialAt: natural,
  executeAt: natural,
  deps,
});

const keyTimes = object({ used: natural, written: natural });

const snapshotForm = object({
  number: natural,
  clock: natural,
  executed: floor,
  floor,
  executedBeyond: array(string),
  keys: array(tuple(string, keyTimes, keyTimes)),
  state: json,
  records: array(transactionRecord),
});

const part = union(
  object({ type: literal("hello") }),
  object({ type: literal("hello_ok"), incarnation: string }),
  object({ type: literal("pre_accept"), ...proposal }),
  object({ type: literal("pre_accept_ok"), id: string, executeAt: natural, deps }),
  object({ type: literal("accept"), ballot: natural, ...decision }),
  object({ type: literal("accept_ok"), ...inBallot, deps }),
  object({ type: literal("stabilize"), ballot: natural, ...decision }),
  object({ type: literal("stabilize_ok"), ...inBallot }),
  object({ type: literal("commit"), ...decision }),
  object({ type: literal("recover"), ...inBallot, initialAt: natural, commands: optional(commandsOrNone) }),
  object({
    type: literal("recover_ok"),
    record: transactionRecord,
    isRefuted: boolean,
    awaited: array(string),
  }),
  object({ type: literal("refused"), ...inBallot }),
  object({ type: literal("fetch"), id: string }),
);

/** The only message: everything that a node has for another one in a turn. */
export const accordMessage = oneWay("accord", {
  description: "Carries the steps of several transactions, and what the sender has executed.",
  request: { ...head, parts: array(part) },
});

/** Returns the message in a body. */
export function toMessage(
  { parts, delays, ...rest }: Infer<typeof accordMessage.request>,
  route: Route,
): AccordMessage {
  return { ...route, ...rest, delays, parts: parts.map(toPart) };
}

function toPart(each: Infer<typeof part>): Part {
  if (each.type === "recover_ok") return { ...each, record: recordOf(each.record) };
  return each.type === "recover" ? { ...each, commands: each.commands } : each;
}

function recordOf({ commands, ...rest }: Infer<typeof transactionRecord>): TransactionRecord {
  return { ...rest, commands };
}

/** The forms of what an Accord node stores. */
export const ACCORD_FORMS = {
  engine: "accord",
  toRecord: (value: unknown): TransactionRecord | undefined =>
    transactionRecord.is(value) ? recordOf(value) : undefined,
  toSnapshot: (value: unknown): AccordSnapshot | undefined =>
    snapshotForm.is(value) ? { ...value, records: value.records.map(recordOf) } : undefined,
} as const;
