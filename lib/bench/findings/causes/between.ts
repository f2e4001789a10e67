/**
 * The cause of a finding with several operations: where and when each ran, and which messages their nodes exchanged.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import type { Event } from "../../../checkers/history.ts";
import { valueText } from "../../../checkers/value_key.ts";
import { plural } from "../../format.ts";
import { at, type CauseSentence, sentence } from "./cause.ts";
import { describeDeliveries } from "./lost_value.ts";
import type { Operation, RunView } from "./run_view.ts";

/** Maximum number of operations described. */
const OPERATIONS_SHOWN_MAX = 6;

/** One operation of a finding, with its name in the finding. */
export interface Named {
  readonly name: string;
  readonly operation: Operation;
}

/** Returns the operations of events, without duplicates. */
export function namedOperations(
  run: RunView,
  events: readonly Event[],
  nameOf: (i: number) => string,
): Named[] {
  const found = new Map<Operation, string>();
  events.forEach((event, i) => {
    const operation = run.operationOf(event);
    if (operation !== undefined && !found.has(operation)) found.set(operation, nameOf(i));
  });
  return [...found].slice(0, OPERATIONS_SHOWN_MAX).map(([operation, name]) => ({ name, operation }));
}

/** Describes where and when each operation ran. Of transactions, shows the operations on `keys`; by default, on all keys. */
export function placesOf(
  run: RunView,
  operations: readonly Named[],
  keys?: ReadonlySet<string>,
): CauseSentence[] {
  return operations.map(({ name, operation: { invoke, completion, node } }) => {
    const end = completion === undefined
      ? `from ${at(invoke.time)} on, and was never answered`
      : `from ${at(invoke.time)} to ${at(completion.time)}`;
    const outcome = completion === undefined || completion.type === "ok"
      ? ""
      : completion.type === "fail"
      ? `; it failed${errorName(completion)}, so it must have no effect`
      : "; its outcome is indeterminate";
    return sentence(
      `${name.charAt(0).toUpperCase()}${name.slice(1)}${
        transactionText(completion ?? invoke, keys)
      } ran at ${node} (${run.clientOf(invoke)}) ${end}${outcome}.`,
      {
        kind: "operation",
        timeNs: invoke.time,
        operations: [invoke.index, ...(completion === undefined ? [] : [completion.index])],
      },
    );
  });
}

/** Returns the name of a reply's error in parentheses; empty if it has none. */
function errorName({ error }: Event): string {
  const name: unknown = Array.isArray(error) ? error[0] : error;
  return typeof name === "string" ? ` (${name})` : "";
}

/** Maximum number of characters shown of a transaction. A longer one is not shown. */
const TRANSACTION_SHOWN_MAX = 50;

/** Returns the operations of a transaction, or those on the keys: ` [r 8 null] [w 8 3]`; empty for other operations. */
function transactionText({ f, value }: Event, keys: ReadonlySet<string> | undefined): string {
  if (f !== "txn" || !Array.isArray(value)) return "";
  const steps = value.filter((step): step is readonly unknown[] => Array.isArray(step));
  const texts = [steps, steps.filter(([, key]) => keys?.has(keyText(key)) ?? true)].map((shown) =>
    [...new Set(shown.map((step) => `[${step.map(keyText).join(" ")}]`))].join(" ")
  );
  const text = texts.find(({ length }) => length <= TRANSACTION_SHOWN_MAX);
  return text === undefined || text === "" ? "" : ` ${text}`;
}

/** Returns a key, or another part of an operation, as text. */
export function keyText(key: unknown): string {
  return typeof key === "string" ? key : valueText(key);
}

/**
 * Describes the messages from the node of each operation to the node of the next one. Counts messages sent after the
 * start of the first operation and before the return of the second.
 */
export function passedBetween(
  run: RunView,
  edges: readonly (readonly [from: Named, to: Named])[],
): CauseSentence[] {
  if (run.log === undefined || !run.log.isComplete) return [];
  const { messages } = run.log;
  const told = new Set<string>();
  return edges.flatMap(([from, to]): CauseSentence[] => {
    const [a, b] = [from.operation, to.operation];
    const endNs = b.completion?.time ?? run.endNs;
    if (a.node === b.node || a.invoke.time >= endNs) return [];
    const name = `${a.node} ${b.node} ${a.invoke.time} ${endNs}`;
    if (told.has(name)) return [];
    told.add(name);
    const sent = messages.filter(({ src, dest, sentNs }) =>
      src === a.node && dest === b.node && a.invoke.time <= sentNs && sentNs <= endNs
    );
    const between = `between the call of ${from.name} and the return of ${to.name}`;
    if (sent.length === 0) {
      return [
        sentence(`${a.node} sent ${b.node} no message ${between}.`, { kind: "absence", timeNs: endNs }),
      ];
    }
    const inTime = sent.filter(({ deliveryStatus, resolvedNs }) =>
      deliveryStatus === "received" && resolvedNs <= endNs
    );
    const late = sent.filter(({ deliveryStatus, resolvedNs }) =>
      deliveryStatus === "received" && resolvedNs > endNs
    );
    const other = sent.filter(({ deliveryStatus }) => deliveryStatus !== "received");
    const parts = [
      inTime.length === 0
        ? "none arrived in time"
        : sent.length === 1
        ? "it arrived in time"
        : `${inTime.length} arrived in time`,
      ...(late.length === 0
        ? []
        : [`${late.length} arrived later, the first at ${at(late[0]?.resolvedNs ?? 0)}`]),
      ...(other.length === 0 ? [] : [describeDeliveries(other, { isPart: true })]),
    ];
    return [
      sentence(
        `${a.node} sent ${b.node} ${plural(sent.length, "message")} ${between}: ${parts.join(", ")}.`,
        { kind: "delivery", timeNs: sent[0]?.sentNs, messages: sent.map(({ id }) => id).slice(0, 50) },
      ),
    ];
  });
}

/** Describes kills of the operations' nodes between the first call and the last return. */
export function killsBetween(run: RunView, operations: readonly Named[]): CauseSentence[] {
  const fromNs = Math.min(...operations.map(({ operation }) => operation.invoke.time));
  const toNs = Math.max(...operations.map(({ operation: { completion } }) => completion?.time ?? run.endNs));
  return [...new Set(operations.map(({ operation }) => operation.node))].flatMap((node) => {
    const kills = run.eventsOf(node, fromNs, toNs).filter(({ kind }) => kind === "killed");
    const [first] = kills;
    if (first === undefined) return [];
    const often = kills.length === 1
      ? ""
      : `, and ${plural(kills.length - 1, "more time")} before the last of them returned`;
    return [
      sentence(`${node} was killed at ${at(first.timeNs)}${often}.`, {
        kind: "fault",
        timeNs: first.timeNs,
        operations: kills.map(({ index }) => index),
      }),
    ];
  });
}
