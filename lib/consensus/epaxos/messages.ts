/** The message between nodes, and the forms of records and snapshots. Tested by `tests/nodes/lin_kv_test.ts`. */

import { oneWay } from "../../protocol/message.ts";
import {
  array,
  boolean,
  double,
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
import { commands, commandsOrNone, floor, head, type Route } from "../leaderless/messages.ts";
import type { EpaxosMessage, EpaxosSnapshot, InstanceRecord, Part } from "./types.ts";

const deps = floor;
const proposal = { id: string, commands, deps };
const decision = { id: string, commands: commandsOrNone, deps };

const instanceRecord = object({
  id: string,
  ballot: natural,
  acceptedBallot: natural,
  phase: union(literal("unknown"), literal("preaccepted"), literal("accepted"), literal("committed")),
  commands: optional(commandsOrNone),
  deps,
  initialCommands: optional(commandsOrNone),
  initialDeps: deps,
});

const part = union(
  object({ type: literal("hello") }),
  object({ type: literal("hello_ok"), incarnation: string }),
  object({ type: literal("announce"), id: string, at: double, uses: array(tuple(string, boolean)) }),
  object({ type: literal("pre_accept"), ...proposal }),
  object({ type: literal("pre_accept_ok"), id: string, deps }),
  object({ type: literal("accept"), ballot: natural, ...decision }),
  object({ type: literal("accept_ok"), id: string, ballot: natural }),
  object({ type: literal("commit"), ...decision }),
  object({ type: literal("recover"), id: string, ballot: natural }),
  object({ type: literal("recover_ok"), record: instanceRecord }),
  object({ type: literal("validate"), ballot: natural, ...proposal }),
  object({
    type: literal("validate_ok"),
    id: string,
    ballot: natural,
    conflicts: array(tuple(string, boolean)),
  }),
  object({ type: literal("waiting"), id: string, count: natural }),
  object({ type: literal("refused"), id: string, ballot: natural }),
  object({ type: literal("fetch"), id: string }),
);

/** The only message: everything that a node has for another one in a turn. */
export const epaxosMessage = oneWay("epaxos", {
  description: "Carries the steps of several instances, and what the sender has executed.",
  request: { ...head, parts: array(part) },
});

/** Returns the message in a body. */
export function toMessage(
  { parts, delays, ...rest }: Infer<typeof epaxosMessage.request>,
  route: Route,
): EpaxosMessage {
  return { ...route, ...rest, delays, parts: parts.map(toPart) };
}

function toPart(each: Infer<typeof part>): Part {
  return each.type === "recover_ok" ? { ...each, record: toRecord(each.record) } : each;
}

/** Returns a record with all its fields. */
function toRecord(
  { commands, initialCommands, ...rest }: Infer<typeof instanceRecord>,
): InstanceRecord {
  return { ...rest, commands, initialCommands };
}

const snapshotForm = object({
  number: natural,
  executed: floor,
  floor,
  executedBeyond: array(string),
  state: json,
  instances: array(instanceRecord),
});

/** The forms of what an EPaxos node stores. */
export const EPAXOS_FORMS = {
  engine: "epaxos",
  toRecord: (value: unknown): InstanceRecord | undefined =>
    instanceRecord.is(value) ? toRecord(value) : undefined,
  toSnapshot: (value: unknown): EpaxosSnapshot | undefined =>
    snapshotForm.is(value) ? { ...value, instances: value.instances.map(toRecord) } : undefined,
} as const;
