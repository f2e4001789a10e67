/**
 * The cause of a lost value: which nodes have it, which do not, and what became of the messages that carried it.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { sameValue, valueText } from "../../../checkers/value_key.ts";
import { plural } from "../../format.ts";
import { NODE_EVENTS } from "../../nemesis/fault_target.ts";
import type { Carriers } from "./carriers.ts";
import { at, type CauseSentence, names, sentence } from "./cause.ts";
import type { DeliveryStatus, RunMessage } from "./message_log.ts";
import type { Operation, RunView } from "./run_view.ts";

/** A value that a client gave to a node, with the nodes' last reads. */
export interface LostValue {
  readonly value: unknown;
  readonly key?: string;
  /** The operation that gave the value. */
  readonly given: Operation;
  /** The last read of each node that started after the value was given, with its result. */
  readonly lastReads: ReadonlyMap<
    string,
    { readonly operation: Operation; readonly values: readonly unknown[] }
  >;
  /** Maximum number of nodes described besides those whose last reads lack the value. */
  readonly others: readonly string[];
}

/** Describes why a value is lost, as far as the run shows it. */
export function lostValueCause(
  run: RunView,
  carriers: Carriers | undefined,
  lost: LostValue,
): CauseSentence[] {
  const { given, lastReads, value } = lost;
  const text = valueText(value);
  const holds = ({ values }: { readonly values: readonly unknown[] }) =>
    values.some((each) => sameValue(each, value));
  const reads = [...lastReads].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  const having = reads.filter(([, read]) => holds(read)).map(([node]) => node);
  const lacking = reads.filter(([, read]) => !holds(read)).map(([node]) => node);
  const sentences = [
    givenSentence(run, given, text, lost.key),
    ...holdersSentence(text, having, lacking, [...lastReads.values()].map(({ operation }) => operation)),
  ];
  if (carriers === undefined) return [...sentences, ...downSentences(run, given, [given.node])];
  const carried = carriers.of(lost).filter(({ sentNs }) => sentNs >= given.invoke.time);
  sentences.push(
    ...deliveryPathTo(run, {
      text,
      carried,
      lacking: [...new Set([...lacking, ...lost.others])],
      given,
      lastReads,
    }),
  );
  sentences.push(...downSentences(run, given, lacking.length === 0 ? [given.node] : lacking));
  return sentences;
}

/** Describes which client gave a value to which node, and the reply. */
function givenSentence(
  run: RunView,
  { invoke, completion, node }: Operation,
  text: string,
  key?: string,
): CauseSentence {
  const outcome = completion === undefined
    ? "and was never answered"
    : completion.type === "ok"
    ? `which ${node} acknowledged at ${at(completion.time)}`
    : completion.type === "fail"
    ? `which ${node} refused at ${at(completion.time)}`
    : "with an indeterminate outcome";
  const what = key === undefined ? text : `${text} for key ${key}`;
  return sentence(`${run.clientOf(invoke)} gave ${what} to ${node} at ${at(invoke.time)}, ${outcome}.`, {
    kind: "operation",
    timeNs: invoke.time,
    operations: [invoke.index, ...(completion === undefined ? [] : [completion.index])],
  });
}

function holdersSentence(
  text: string,
  having: readonly string[],
  lacking: readonly string[],
  reads: readonly Operation[],
): CauseSentence[] {
  if (reads.length === 0 || lacking.length === 0) return [];
  const operations = reads.map(({ completion, invoke }) => (completion ?? invoke).index);
  const without = names(lacking);
  const said = having.length === 0
    ? `In the last reads ${without} ${lacking.length === 1 ? "does" : "do"} not have ${text}.`
    : `In the last reads ${names(having)} ${having.length === 1 ? "has" : "have"} ${text}; ${without} ${
      lacking.length === 1 ? "does" : "do"
    } not.`;
  return [sentence(said, { kind: "read", operations, timeNs: reads[0]?.invoke.time })];
}

interface DeliveryPath {
  readonly text: string;
  readonly carried: readonly RunMessage[];
  readonly lacking: readonly string[];
  readonly given: Operation;
  readonly lastReads: LostValue["lastReads"];
}

/** Describes the messages to the nodes that lack the value. */
function deliveryPathTo(
  run: RunView,
  { text, carried, lacking, given, lastReads }: DeliveryPath,
): CauseSentence[] {
  const isComplete = run.log?.isComplete ?? false;
  const others = lacking.filter((node) => node !== given.node);
  if (others.length === 0) return [];
  const untold = others.filter((node) => !carried.some(({ dest }) => dest === node));
  const told = others.filter((node) => !untold.includes(node));
  const sentences = bySender(carried.filter(({ dest }) => told.includes(dest))).flatMap((group) =>
    senderSentences(run, { text, group })
  );
  if (untold.length > 0 && isComplete && isProven(run, carried, untold.length < others.length)) {
    sentences.push(sentence(`No message carried ${text} to ${names(untold)}.`, { kind: "absence" }));
  }
  for (const node of told) {
    const received = carried.find(({ dest, deliveryStatus }) =>
      dest === node && deliveryStatus === "received"
    );
    const read = lastReads.get(node)?.operation;
    if (received === undefined || read === undefined || received.resolvedNs > read.invoke.time) continue;
    sentences.push(...overtaken(run, received, text));
    const down = run.eventsOf(node, received.resolvedNs, read.invoke.time).filter(({ kind }) =>
      kind === "killed"
    );
    if (down.length > 0) continue; // The kills are described below.
    sentences.push(
      sentence(`${node} received ${text} at ${at(received.resolvedNs)}, and does not return it.`, {
        kind: "delivery",
        timeNs: received.resolvedNs,
        messages: [received.id],
        operations: [read.invoke.index],
      }),
    );
  }
  return sentences;
}

/** Describes earlier messages of a link that a message overtook. */
function overtaken(run: RunView, message: RunMessage, text: string): CauseSentence[] {
  const { src, dest, sentNs, resolvedNs } = message;
  const late = (run.log?.messages ?? []).filter((each) =>
    each.src === src && each.dest === dest && each.sentNs < sentNs && each.deliveryStatus === "received" &&
    each.resolvedNs > resolvedNs
  );
  const [first] = late;
  if (first === undefined) return [];
  const rest = late.length === 1
    ? `it arrived at ${at(first.resolvedNs)}`
    : `the first arrived at ${at(first.resolvedNs)}`;
  return [
    sentence(
      `The message with ${text} overtook ${
        plural(late.length, "message")
      } that ${src} had sent to ${dest} earlier; ${rest}.`,
      {
        kind: "delivery",
        timeNs: resolvedNs,
        messages: [message.id, ...late.map(({ id }) => id)].slice(0, 50),
      },
    ),
  ];
}

/** True if the absence of carrying messages is provable, because fields that carry values are known. */
function isProven(run: RunView, carried: readonly RunMessage[], someWereTold: boolean): boolean {
  if (carried.length > 0 || someWereTold) return true;
  const nodes = new Set(run.nodes);
  return !(run.log?.messages ?? []).some(({ src, dest }) => nodes.has(src) && nodes.has(dest));
}

function bySender(messages: readonly RunMessage[]): RunMessage[][] {
  const groups = new Map<string, RunMessage[]>();
  for (const message of messages) groups.set(message.src, [...groups.get(message.src) ?? [], message]);
  return [...groups.values()];
}

/** Maximum time, in ns, between the first message of a burst and any later one. */
const BURST_NS = 1_000_000;

function senderSentences(
  run: RunView,
  { text, group }: { readonly text: string; readonly group: readonly RunMessage[] },
): CauseSentence[] {
  const [first] = group;
  if (first === undefined) return [];
  const burst = group.filter(({ sentNs }) => sentNs <= first.sentNs + BURST_NS);
  const later = group.slice(burst.length);
  const to = [...new Set(burst.map(({ dest }) => dest))];
  const sentences = [
    sentence(
      `${first.src} sent ${text} to ${names(to)} at ${at(first.sentNs)}; ${describeDeliveries(burst)}.`,
      { kind: "delivery", timeNs: first.sentNs, messages: burst.map(({ id }) => id) },
    ),
  ];
  if (later.length > 0) {
    sentences.push(
      sentence(
        `${first.src} sent ${text} again ${later.length === 1 ? "once" : `${later.length} times`}, to ${
          names([...new Set(later.map(({ dest }) => dest))])
        }, the last time at ${at(later.at(-1)?.sentNs ?? 0)}; ${describeDeliveries(later)}.`,
        { kind: "delivery", timeNs: later[0]?.sentNs, messages: later.map(({ id }) => id) },
      ),
    );
    if (run.log?.isComplete === true && group.every(({ deliveryStatus }) => deliveryStatus !== "received")) {
      sentences.push(sentence(`${first.src} did not send ${text} there after that.`, { kind: "absence" }));
    }
  } else if (run.log?.isComplete === true) {
    sentences.push(
      sentence(`${first.src} never sent ${text} to ${to.length === 1 ? "it" : "them"} again.`, {
        kind: "absence",
      }),
    );
  }
  return sentences;
}

const DELIVERY_STATUS_TEXTS: Readonly<Record<DeliveryStatus, (count: string) => string>> = {
  received: (count) => `${count} arrived`,
  lost: (count) => `the network lost ${count}`,
  cut: (count) => `the partition cut ${count}`,
  dead: (count) => `${count} met a node that was down`,
  "in-flight": (count) => `${count} had not arrived when the run ended`,
};

/**
 * Describes the delivery of messages: `the partition cut all four`, or per receiver if the statuses differ. If they are a part of
 * the messages, it says `4` instead of `all 4`.
 */
export function describeDeliveries(
  messages: readonly RunMessage[],
  { isPart = false }: { readonly isPart?: boolean } = {},
): string {
  const differ = new Set(messages.map(({ deliveryStatus }) => deliveryStatus)).size > 1;
  const receivers = messages.map(({ dest }) => dest);
  if (differ && new Set(receivers).size === messages.length) {
    const to = (deliveryStatus: DeliveryStatus) =>
      messages.filter((each) => each.deliveryStatus === deliveryStatus).map(({ dest }) => dest);
    return DELIVERY_STATUSES.filter((deliveryStatus) => to(deliveryStatus).length > 0).map((deliveryStatus) =>
      BY_RECEIVER[deliveryStatus](to(deliveryStatus))
    ).join(", ");
  }
  const counts = new Map<DeliveryStatus, number>();
  for (const { deliveryStatus } of messages) {
    counts.set(deliveryStatus, (counts.get(deliveryStatus) ?? 0) + 1);
  }
  return [...counts].map(([deliveryStatus, count]) =>
    DELIVERY_STATUS_TEXTS[deliveryStatus](countText(deliveryStatus, count, { all: messages.length, isPart }))
  ).join(
    ", ",
  );
}

const DELIVERY_STATUSES = ["received", "lost", "cut", "dead", "in-flight"] as const;

const BY_RECEIVER: Readonly<Record<DeliveryStatus, (receivers: readonly string[]) => string>> = {
  received: (receivers) => `${names(receivers)} received it`,
  lost: (receivers) => `the network lost it on the way to ${names(receivers)}`,
  cut: (receivers) => `the partition cut it on the way to ${names(receivers)}`,
  dead: (receivers) => `${names(receivers)} ${receivers.length === 1 ? "was" : "were"} down`,
  "in-flight": (receivers) => `it had not reached ${names(receivers)} when the run ended`,
};

function countText(
  deliveryStatus: DeliveryStatus,
  count: number,
  { all, isPart }: { readonly all: number; readonly isPart: boolean },
): string {
  if (all === 1) return deliveryStatus === "lost" || deliveryStatus === "cut" ? "that message" : "it";
  if (count < all) return `${count} of them`;
  if (all === 2) return "both";
  return isPart ? `${all}` : `all ${all}`;
}

/** Maximum number of events described per node. */
const EVENTS_SHOWN_MAX = 4;

/** Describes when nodes were killed after a value was given. */
function downSentences(run: RunView, given: Operation, nodes: readonly string[]): CauseSentence[] {
  return [...new Set([given.node, ...nodes])].flatMap((node) => {
    const events = run.eventsOf(node, given.invoke.time, run.endNs);
    if (!events.some(({ kind }) => kind === "killed")) return [];
    const told = events.slice(0, EVENTS_SHOWN_MAX);
    const more = events.length - told.length;
    const text = told.map(({ kind, timeNs }) => `${NODE_EVENTS[kind]} at ${at(timeNs)}`).join(", ");
    return [
      sentence(`${node} ${text}${more === 0 ? "" : `, and ${plural(more, "more event")}`}.`, {
        kind: "fault",
        timeNs: (told.find(({ kind }) => kind === "killed") ?? told[0])?.timeNs,
        operations: told.map(({ index }) => index),
      }),
    ];
  });
}
