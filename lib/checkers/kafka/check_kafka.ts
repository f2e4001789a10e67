/** Logs in the manner of Kafka: the meaning is jepsen.tests.kafka's, with the options that Maelstrom sets. */

import type { History } from "../history.ts";
import { emptyHistoryWarning } from "../operations.ts";
import type { CheckControl, Result, Validity } from "../result.ts";
import { compareValues, type ValueKey, valueKey } from "../value_key.ts";
import { findCycles } from "./cycles.ts";
import {
  abortedReads,
  duplicates,
  lostWrites,
  type MessageCase,
  precommittedReads,
  unseenMessages,
  unsentReads,
  writersOf,
} from "./message_anomalies.ts";
import { type KafkaHistory, type Offset, readKafkaHistory } from "./operations.ts";
import { internalSteps, pollSteps, sendSteps, type Step } from "./order_anomalies.ts";
import { worstLag } from "./realtime_lag.ts";
import { between, polledValues, type VersionOrder, versionOrders } from "./version_orders.ts";

/** What the clients did beside sending and polling, which decides what may happen to them. */
export interface KafkaOptions {
  /** How consumers get their keys; `["assign"]`, as in Maelstrom, unless given. */
  readonly subVia?: readonly ("assign" | "subscribe")[];
  /** Whether the order of sends in the log is taken for a dependency between them; not in Maelstrom. */
  readonly wwDeps?: boolean;
  /** Told how far the check is, and asked whether to stop. */
  readonly control?: CheckControl;
}

const SHOWN_MAX = 8;
const MESSAGES_SHOWN_MAX = 32;
const NS_PER_S = 1_000_000_000;
const TRANSACTIONAL: ReadonlySet<string> = new Set(["txn", "send", "poll"]);

/** Anomalies of one type: how many, and the most telling ones. */
interface Anomaly {
  readonly count: number;
  readonly errs: unknown;
}

/**
 * Checks a history of sends and polls. `error-types` are the anomalies that were found, each with its `count` and some
 * examples under its own name; `bad-error-types` those that make the result invalid. With `subscribe`, skipping and going
 * back between polls is expected, since consumers are rebalanced; `int-send-skip` and `G0` always are, since sends of
 * different producers interleave.
 *
 * A polled message that nobody sent leaves Jepsen without a verdict, and so it does here (`unknown`): the cases stand under
 * `no-writer-of-value`, with all else that was found. Offsets may be as sparse and as large as they like: only messages
 * cost anything.
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
 * assertEquals(checkKafka(history)["error-types"], []);
 * ```
 */
export function checkKafka(history: History, options: KafkaOptions = {}): Result {
  const { control = {} } = options;
  const kafka = readKafkaHistory(history);
  const progress = [0.2, 0.4, 0.6, 0.8];
  const anomalies = new Map<string, Anomaly>();
  const stopped = !collect(kafka, options, {
    report: (type, anomaly) => void anomalies.set(type, anomaly),
    goOn: () => {
      control.progress?.(progress.shift() ?? 1);
      return control.stopped?.() !== true;
    },
  });
  const unsent = anomalies.get("no-writer-of-value");
  const types = [...anomalies.keys()].filter((type) => type !== "no-writer-of-value").sort();
  const allowed = allowedTypes(options);
  const bad = types.filter((type) => !allowed.has(type));
  let valid: Validity = bad.length === 0;
  // Jepsen's analysis ends at such a message: its verdict is unknown, whatever else there is.
  if (unsent !== undefined || (valid && stopped)) valid = "unknown";
  const warning = emptyHistoryWarning(history, TRANSACTIONAL);
  return {
    valid,
    ...(unsent === undefined ? {} : { error: "messages were polled that nobody sent" }),
    ...(stopped ? { error: "the check was stopped before its end" } : {}),
    "error-types": types,
    "bad-error-types": bad,
    ...Object.fromEntries(
      [...anomalies].map(([type, { count, errs }]) => [type, resultOf(type, count, errs)]),
    ),
    "worst-realtime-lag": worst(kafka),
    "info-txn-causes": causes(history),
    ...(warning === null ? {} : { warning }),
  };
}

function resultOf(type: string, count: number, errs: unknown): unknown {
  return type === "unseen" ? errs : { count, errs };
}

/** Looks for each anomaly in turn; false if it was stopped in between. */
function collect(
  kafka: KafkaHistory,
  { wwDeps = false }: KafkaOptions,
  sink: { readonly report: (type: string, anomaly: Anomaly) => void; readonly goOn: () => boolean },
): boolean {
  const { operations, values, malformed } = kafka;
  const { report } = sink;
  const reportAll = (type: string, cases: readonly unknown[]): void => {
    if (cases.length > 0) report(type, { count: cases.length, errs: cases.slice(0, MESSAGES_SHOWN_MAX) });
  };
  reportAll("malformed", malformed);
  const polled = polledValues(operations);
  const orders = versionOrders(kafka, polled);
  const writers = writersOf(operations);
  if (!sink.goOn()) return false;

  const message = ({ key, value, ...operations }: MessageCase): unknown => ({
    key,
    value: values[value],
    ...operations,
  });
  reportAll("G1a", abortedReads(kafka, writers).map(message));
  reportAll(
    "precommitted-read",
    precommittedReads(kafka).map(({ key, value, reader }) => ({ key, value: values[value], op: reader })),
  );
  reportAll("no-writer-of-value", unsentReads(kafka, writers).map(message));
  reportAll(
    "inconsistent-offsets",
    inconsistentOffsets(orders, values).sort((a, b) => a.values.length - b.values.length),
  );
  reportAll(
    "duplicate",
    duplicates(orders)
      .map(({ key, value, offsets }) => ({ key, value: values[value], count: offsets.length, offsets }))
      .sort((a, b) => a.count - b.count),
  );
  if (!sink.goOn()) return false;

  reportAll(
    "lost-write",
    lostWrites(kafka, { orders, polled, writers }).map((
      { key, value, index, maxReadIndex, writer, maxRead },
    ) => ({
      key,
      value: values[value],
      index,
      "max-read-index": maxReadIndex,
      writer,
      "max-read": maxRead,
    })),
  );
  const unseen = unseenMessages(kafka, polled);
  if (unseen.messages.size > 0) report("unseen", unseenAnomaly(unseen, values));
  if (!sink.goOn()) return false;

  const internalPolls = internalSteps(operations, orders, "polled");
  const internalSends = internalSteps(operations, orders, "sent");
  const polls = pollSteps(operations, orders);
  const steps: [type: string, found: readonly Step[], within: boolean][] = [
    ["int-poll-skip", internalPolls.skips, true],
    ["int-nonmonotonic-poll", internalPolls.nonmonotonic, true],
    ["int-send-skip", internalSends.skips, true],
    ["int-nonmonotonic-send", internalSends.nonmonotonic, true],
    ["poll-skip", polls.skips, false],
    ["nonmonotonic-poll", polls.nonmonotonic, false],
    ["nonmonotonic-send", sendSteps(operations, orders).nonmonotonic, false],
  ];
  for (const [type, found, within] of steps) {
    if (found.length > 0) report(type, stepAnomaly(found, { orders, values, within }));
  }
  if (!sink.goOn()) return false;

  const cycles = findCycles({ history: kafka, writers, orders, wwDeps });
  for (const [type, found] of cycles.byType) {
    const shortest = [...found].sort((a, b) => a.steps.length - b.steps.length).slice(0, SHOWN_MAX);
    report(type, { count: found.length, errs: shortest });
  }
  // Elle finds a graph without any dependency suspect, and so Jepsen calls such a history invalid.
  if (cycles.empty && kafka.clientEvents > 0) report("empty-transaction-graph", { count: 1, errs: true });
  return true;
}

/** The types that are to be expected of such a log, by what the clients do. */
function allowedTypes({ subVia = ["assign"], wwDeps = false }: KafkaOptions): ReadonlySet<string> {
  const allowed = new Set(["int-send-skip", "G0", "G0-process", "G0-realtime"]);
  if (subVia.includes("subscribe")) {
    for (const type of ["poll-skip", "nonmonotonic-poll"]) {
      allowed.add(type);
    }
  }
  if (wwDeps) { for (const type of ["G1c", "G1c-process", "G1c-realtime"]) allowed.add(type); }
  return allowed;
}

function inconsistentOffsets(
  orders: ReadonlyMap<string, VersionOrder>,
  values: readonly unknown[],
): { key: string; offset: Offset; index: number; values: unknown[] }[] {
  return [...orders].flatMap(([key, { offsets, log }]) =>
    log.flatMap((there, index) =>
      there.length < 2 ? [] : [{
        key,
        offset: offsets[index] ?? 0,
        index,
        values: there.map((value) => values[value]).sort(compareValues),
      }]
    )
  );
}

/** The widest skips, or the furthest steps back. */
function stepAnomaly(
  found: readonly Step[],
  context: {
    readonly orders: ReadonlyMap<string, VersionOrder>;
    readonly values: readonly unknown[];
    readonly within: boolean;
  },
): Anomaly {
  const { orders, values, within } = context;
  const sorted = [...found].sort((a, b) => a.delta - b.delta);
  const skips = (sorted[0]?.delta ?? 0) > 1;
  const shown = skips ? sorted.slice(-SHOWN_MAX) : sorted.slice(0, SHOWN_MAX);
  const errs = shown.map(({ key, from, to, delta, operations }) => ({
    key,
    values: [values[from], values[to]],
    delta,
    ...(skips
      ? {
        skipped: between(orders.get(key), from, { to, limit: MESSAGES_SHOWN_MAX }).map((value) =>
          values[value]
        ),
      }
      : {}),
    ...(within ? { op: operations[0] } : { ops: operations }),
  }));
  return { count: found.length, errs };
}

function unseenAnomaly(
  { time, messages }: ReturnType<typeof unseenMessages>,
  values: readonly unknown[],
): Anomaly {
  const byKey = [...messages].sort(([a], [b]) => compareValues(a, b));
  const counts = byKey.map(([key, list]): [string, number] => [key, list.length]);
  const shown = byKey.map(([key, list]): [string, unknown[]] => [
    key,
    list.map((value) => values[value]).sort(compareValues).slice(0, MESSAGES_SHOWN_MAX),
  ]);
  return {
    count: counts.length,
    errs: { time, unseen: Object.fromEntries(counts), messages: Object.fromEntries(shown) },
  };
}

/** Jepsen's worst-realtime-lag: times in seconds; zeros if there was nothing to lag behind. */
function worst({ operations }: KafkaHistory): Record<string, unknown> {
  const lag = worstLag(operations);
  if (lag === null) return { time: 0, lag: 0 };
  return { time: lag.time / NS_PER_S, process: lag.process, key: lag.key, lag: lag.lag / NS_PER_S };
}

/** What left sends and polls in doubt, each cause once. */
function causes(history: History): unknown[] {
  const distinct = new Map<ValueKey, unknown>();
  for (const { type, f, error } of history) {
    if (type === "info" && TRANSACTIONAL.has(f)) distinct.set(valueKey(error ?? null), error ?? null);
  }
  return [...distinct.values()];
}
