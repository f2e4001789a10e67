/**
 * Logs in the manner of Kafka. The definitions are jepsen.tests.kafka's, with the options that Maelstrom sets.
 *
 * Tested by `tests/checkers/kafka_test.ts`.
 */

import type { Event, History } from "../history.ts";
import { emptyHistoryWarning } from "../operations.ts";
import type { CheckControl, Validity } from "../result.ts";
import { compareValues, type ValueKey, valueKey } from "../value_key.ts";
import {
  type CycleExistsType,
  type CycleType,
  type CyclicComponent,
  type DependencyCycle,
  findCycles,
} from "./cycles.ts";
import { type EndingKind, endsAnalysis } from "./ending_kinds.ts";
import {
  abortedReads,
  duplicates,
  lostWrites,
  type MessageCase,
  precommittedReads,
  unseenMessages,
  unsentReads,
  type Writers,
  writersOf,
} from "./message_anomalies.ts";
import {
  type KafkaHistory,
  type MalformedKafkaOperation,
  type Offset,
  readKafkaHistory,
} from "./operations.ts";
import { internalSteps, pollSteps, sendSteps, type Step } from "./order_anomalies.ts";
import { type Lag, worstLag } from "./realtime_lag.ts";
import {
  between,
  type MessageSet,
  polledMessages,
  type VersionOrders,
  versionOrders,
} from "./version_orders.ts";

/** The options of {@linkcode checkKafka}: what the clients did decides which anomalies are expected. */
export interface KafkaOptions {
  /**
   * The ways in which consumers get their keys. Maelstrom's assign them.
   *
   * @default {["assign"]}
   */
  readonly subVia?: readonly ("assign" | "subscribe")[];
  /**
   * True if the order of sends in the log is a dependency between them. Maelstrom does not set it.
   *
   * @default {false}
   */
  readonly wwDeps?: boolean;
  /** The callbacks by which a long check is followed and ended. */
  readonly control?: CheckControl;
}

const SHOWN_MAX = 8;
const MESSAGES_SHOWN_MAX = 32;
const TRANSACTIONAL: ReadonlySet<string> = new Set(["txn", "send", "poll"]);

/** A message, and the operations that wrote and read it. */
export interface MessageExample {
  /** The key. */
  readonly key: string;
  /** The value of the message. */
  readonly value: unknown;
  /** The operation that polled the message. */
  readonly reader?: Event;
  /** The operation that sent the message, if one did. */
  readonly writer?: Event;
}

/** An offset at which several messages were seen. */
export interface OffsetConflict {
  /** The key. */
  readonly key: string;
  /** The offset. */
  readonly offset: Offset;
  /** The position of the offset among those that hold messages. */
  readonly index: number;
  /** The values of the messages, ascending. */
  readonly values: readonly unknown[];
}

/** A message that was seen at several offsets. */
export interface DuplicatedMessage {
  /** The key. */
  readonly key: string;
  /** The value of the message. */
  readonly value: unknown;
  /** The number of offsets. */
  readonly count: number;
  /** The offsets, ascending. */
  readonly offsets: readonly Offset[];
}

/** A message that no poll returned, although a poll returned a later one. */
export interface LostMessage {
  /** The key. */
  readonly key: string;
  /** The value of the message. */
  readonly value: unknown;
  /** The first position of the message in the log. */
  readonly index: number;
  /** The highest position that was polled. */
  readonly maxReadIndex: number;
  /** The operation that sent the message. */
  readonly writer: Event;
  /** The first operation that polled the message at the highest position. */
  readonly maxRead: Event | null;
}

/** Two successive messages of a key that are not adjacent in its log. */
export interface StepExample {
  /** The key. */
  readonly key: string;
  /** The values of the messages. */
  readonly values: readonly [from: unknown, to: unknown];
  /** The distance in the log: 1 is adjacent, more is a skip, less is a step back. */
  readonly delta: number;
  /** Some of the messages that a skip left out; `null` for a step back. */
  readonly skipped: readonly unknown[] | null;
  /** The operation that contains both messages, or the two operations. */
  readonly operations: readonly Event[];
}

/** Steps within one operation. */
export type InternalStepKind =
  | "int-poll-skip"
  | "int-nonmonotonic-poll"
  | "int-send-skip"
  | "int-nonmonotonic-send";

/** Steps from one operation of a process to its next. */
export type ExternalStepKind = "poll-skip" | "nonmonotonic-poll" | "nonmonotonic-send";

/** The cases of an anomaly. */
export interface KafkaExamples<Kind extends string, Example> {
  /** The name of the anomaly. */
  readonly kind: Kind;
  /** The number of cases. */
  readonly count: number;
  /** Some of the cases. */
  readonly examples: readonly Example[];
}

/**
 * The anomalies of one kind. Their names are Jepsen's, except `malformed`, `empty-transaction-graph`, and those at which Jepsen's
 * analysis ends: `no-writer-of-value` and `nothing-polled`.
 */
export type KafkaAnomaly =
  | KafkaExamples<"malformed", MalformedKafkaOperation>
  | KafkaExamples<"G1a" | "precommitted-read" | "no-writer-of-value", MessageExample>
  | KafkaExamples<"nothing-polled", { readonly key: string }>
  | KafkaExamples<"inconsistent-offsets", OffsetConflict>
  | KafkaExamples<"duplicate", DuplicatedMessage>
  | KafkaExamples<"lost-write", LostMessage>
  | KafkaExamples<InternalStepKind | ExternalStepKind, StepExample>
  | KafkaExamples<CycleType, DependencyCycle>
  | KafkaExamples<CycleExistsType, CyclicComponent>
  | {
    /** Acknowledged messages that no poll returned. */
    readonly kind: "unseen";
    /** The number of keys with such messages. */
    readonly count: number;
    /** The time of the last successful operation, in ns. */
    readonly timeNs: number;
    /** The number of such messages by key. */
    readonly counts: ReadonlyMap<string, number>;
    /** The values of some of them by key, ascending. */
    readonly messages: ReadonlyMap<string, readonly unknown[]>;
  }
  /** No dependency between operations was found. Elle suspects such a history, so Jepsen calls it invalid. */
  | { readonly kind: "empty-transaction-graph"; readonly count: 1 };

/** The result of {@linkcode checkKafka}. */
export interface KafkaResult {
  /** The checker. */
  readonly kind: "kafka";
  /** False if an anomaly was found that is not expected; `unknown` if the check is incomplete. */
  readonly valid: Validity;
  /** The reason why the check is incomplete; `null` if it is complete. */
  readonly incomplete: "stopped" | EndingKind | null;
  /** The kinds of anomalies that were found, sorted, without those at which Jepsen's analysis ends. */
  readonly errorTypes: readonly string[];
  /** Those of them that make the result invalid. */
  readonly badErrorTypes: readonly string[];
  /** The anomalies, in the order in which they were found. */
  readonly anomalies: readonly KafkaAnomaly[];
  /** The longest realtime lag of a poll; `null` if no poll lagged. */
  readonly worstRealtimeLag: Lag | null;
  /** The different causes that left operations indeterminate. */
  readonly infoCauses: readonly unknown[];
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

/**
 * Checks a history of sends and polls.
 *
 * Some anomalies are expected and change no verdict: `int-send-skip` and `G0`, because sends of different producers
 * interleave; with `subscribe` also skips and steps back between polls, because consumers are rebalanced.
 *
 * Two cases leave Jepsen without a verdict: a polled message that no operation sent, and a key of which polls returned lists
 * but no message. Here they make the result `unknown`, and the other anomalies are still reported. Offsets may be sparse and
 * large, because only messages cost time and memory.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkKafka, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "send", value: [["send", "k", 1]] },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "send", value: [["send", "k", [0, 1]]] },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "poll", value: [["poll"]] },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "poll", value: [["poll", { k: [[0, 1]] }]] },
 * ];
 * assertEquals(checkKafka(history).errorTypes, []);
 * ```
 */
export function checkKafka(history: History, options: KafkaOptions = {}): KafkaResult {
  const { control = {} } = options;
  const kafka = readKafkaHistory(history);
  const progress = [0.2, 0.4, 0.6, 0.8];
  const anomalies: KafkaAnomaly[] = [];
  let stopped = false;
  for (const found of findAnomalies(kafka, options)) {
    anomalies.push(...found);
    if (progress.length === 0) break;
    control.progress?.(progress.shift() ?? 1);
    stopped = control.stopped?.() === true;
    if (stopped) break;
  }
  const kinds = anomalies.map(({ kind }) => kind);
  const ending = kinds.find(endsAnalysis) ?? null;
  const errorTypes = kinds.filter((kind) => !endsAnalysis(kind)).sort();
  const allowed = allowedTypes(options);
  const badErrorTypes = errorTypes.filter((type) => !allowed.has(type));
  let valid: Validity = badErrorTypes.length === 0;
  // Jepsen's analysis of an empty history ends, too. Its verdict is then always unknown.
  if (ending !== null || kafka.clientEvents === 0 || (valid && stopped)) valid = "unknown";
  return {
    kind: "kafka",
    valid,
    incomplete: stopped ? "stopped" : ending,
    errorTypes,
    badErrorTypes,
    anomalies,
    worstRealtimeLag: worstLag(kafka.operations),
    infoCauses: infoCauses(history),
    warning: emptyHistoryWarning(history, TRANSACTIONAL),
  };
}

/** Yields the anomalies in batches, so that the caller can stop the check between them. */
function* findAnomalies(kafka: KafkaHistory, { wwDeps = false }: KafkaOptions): Generator<KafkaAnomaly[]> {
  const polled = polledMessages(kafka);
  const orders = versionOrders(kafka, polled);
  const writers = writersOf(kafka);
  yield examplesOf("malformed", kafka.malformed);
  yield messageAnomalies(kafka, orders, writers);
  yield missingMessages(kafka, orders, writers, polled);
  yield stepAnomalies(kafka, orders);
  yield cycleAnomalies(kafka, orders, writers, wwDeps);
}

function messageAnomalies(
  kafka: KafkaHistory,
  orders: VersionOrders,
  writers: Writers,
): KafkaAnomaly[] {
  const { values } = kafka;
  const message = ({ value, ...found }: MessageCase): MessageExample => ({ ...found, value: values[value] });
  const conflicts = offsetConflicts(orders, values).sort((a, b) => a.values.length - b.values.length);
  const duplicated = duplicates(orders)
    .map(({ key, value, offsets }) => ({ key, value: values[value], count: offsets.length, offsets }))
    .sort((a, b) => a.count - b.count);
  return [
    ...examplesOf("G1a", abortedReads(kafka, writers).map(message)),
    ...examplesOf("precommitted-read", precommittedReads(kafka).map(message)),
    ...examplesOf("no-writer-of-value", unsentReads(kafka, writers).map(message)),
    ...examplesOf("inconsistent-offsets", conflicts),
    ...examplesOf("duplicate", duplicated),
  ];
}

function missingMessages(
  kafka: KafkaHistory,
  orders: VersionOrders,
  writers: Writers,
  polled: MessageSet,
): KafkaAnomaly[] {
  const { values } = kafka;
  const { lost, unreadKeys } = lostWrites(kafka, { orders, polled, writers });
  const unseen = unseenMessages(kafka, polled);
  const byKey = [...unseen.messages].sort(([a], [b]) => compareValues(a, b));
  const anomaly: KafkaAnomaly = {
    kind: "unseen",
    count: byKey.length,
    timeNs: unseen.time,
    counts: new Map(byKey.map(([key, list]) => [key, list.length])),
    messages: new Map(byKey.map(([key, list]) => [
      key,
      list.map((value) => values[value]).sort(compareValues).slice(0, MESSAGES_SHOWN_MAX),
    ])),
  };
  return [
    ...examplesOf("nothing-polled", unreadKeys.map((key) => ({ key }))),
    ...examplesOf("lost-write", lost.map(({ value, ...found }) => ({ ...found, value: values[value] }))),
    ...(byKey.length === 0 ? [] : [anomaly]),
  ];
}

function stepAnomalies(
  kafka: KafkaHistory,
  orders: VersionOrders,
): KafkaAnomaly[] {
  const { operations, values } = kafka;
  const internalPolls = internalSteps(kafka, orders, "received");
  const internalSends = internalSteps(kafka, orders, "sent");
  const polls = pollSteps(operations, orders);
  const steps: [kind: InternalStepKind | ExternalStepKind, found: readonly Step[]][] = [
    ["int-poll-skip", internalPolls.skips],
    ["int-nonmonotonic-poll", internalPolls.nonmonotonic],
    ["int-send-skip", internalSends.skips],
    ["int-nonmonotonic-send", internalSends.nonmonotonic],
    ["poll-skip", polls.skips],
    ["nonmonotonic-poll", polls.nonmonotonic],
    ["nonmonotonic-send", sendSteps(operations, orders).nonmonotonic],
  ];
  return steps.filter(([, found]) => found.length > 0).map(([kind, found]) => ({
    kind,
    count: found.length,
    examples: extremeSteps(found, orders, values),
  }));
}

function cycleAnomalies(
  kafka: KafkaHistory,
  orders: VersionOrders,
  writers: Writers,
  wwDeps: boolean,
): KafkaAnomaly[] {
  const cycles = findCycles({ history: kafka, writers, orders, wwDeps });
  const anomalies = [...cycles.byType].map(([kind, found]): KafkaAnomaly => ({
    kind,
    count: found.length,
    examples: [...found].sort((a, b) => a.steps.length - b.steps.length).slice(0, SHOWN_MAX),
  }));
  for (const [kind, found] of cycles.exist) {
    anomalies.push({ kind, count: found.length, examples: found.slice(0, SHOWN_MAX) });
  }
  if (cycles.empty && kafka.clientEvents > 0) anomalies.push({ kind: "empty-transaction-graph", count: 1 });
  return anomalies;
}

/** Returns the anomaly of these cases; nothing if there are none. */
function examplesOf<Kind extends string, Example>(
  kind: Kind,
  cases: readonly Example[],
): KafkaExamples<Kind, Example>[] {
  return cases.length === 0
    ? []
    : [{ kind, count: cases.length, examples: cases.slice(0, MESSAGES_SHOWN_MAX) }];
}

/** Returns the anomalies that are expected of such a log, by what the clients do. */
function allowedTypes({ subVia = ["assign"], wwDeps = false }: KafkaOptions): ReadonlySet<string> {
  const allowed = new Set([
    "int-send-skip",
    ...["G0", "G0-process", "G0-realtime", "PL-1-cycle-exists", "strong-PL-1-cycle-exists"],
  ]);
  if (subVia.includes("subscribe")) {
    for (const type of ["poll-skip", "nonmonotonic-poll"]) allowed.add(type);
  }
  if (wwDeps) {
    const cycles = ["G1c", "G1c-process", "G1c-realtime", "PL-2-cycle-exists", "strong-PL-2-cycle-exists"];
    for (const type of cycles) allowed.add(type);
  }
  return allowed;
}

function offsetConflicts(
  orders: VersionOrders,
  values: readonly unknown[],
): OffsetConflict[] {
  return [...orders.logs].flatMap(([key, { offsets, conflicts }]) =>
    [...conflicts].map(([index, there]) => ({
      key,
      offset: offsets[index] ?? 0,
      index,
      values: there.map((message) => values[message]).sort(compareValues),
    }))
  );
}

/** Returns the widest skips, or the farthest steps back. */
function extremeSteps(
  found: readonly Step[],
  orders: VersionOrders,
  values: readonly unknown[],
): StepExample[] {
  const sorted = [...found].sort((a, b) => a.delta - b.delta);
  const areSkips = (sorted[0]?.delta ?? 0) > 1;
  const shown = areSkips ? sorted.slice(-SHOWN_MAX) : sorted.slice(0, SHOWN_MAX);
  return shown.map(({ key, from, to, delta, operations }) => ({
    key,
    values: [values[from], values[to]],
    delta,
    skipped: areSkips
      ? between(orders, key, { from, to, limit: MESSAGES_SHOWN_MAX }).map((value) => values[value])
      : null,
    operations,
  }));
}

/** Returns the causes that left sends and polls indeterminate, each once. */
function infoCauses(history: History): unknown[] {
  const distinct = new Map<ValueKey, unknown>();
  for (const { type, f, error } of history) {
    if (type === "info" && TRANSACTIONAL.has(f)) distinct.set(valueKey(error ?? null), error ?? null);
  }
  return [...distinct.values()];
}
