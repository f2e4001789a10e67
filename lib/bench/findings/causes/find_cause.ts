/**
 * Finds the cause of a finding's case in the run. States only facts that the run shows.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { canonicalJson } from "../../../protocol/canonical_json.ts";
import { show } from "../../../protocol/schema.ts";
import { valueText } from "../../../checkers/value_key.ts";
import type { Event } from "../../../checkers/history.ts";
import { keyText, killsBetween, type Named, namedOperations, passedBetween, placesOf } from "./between.ts";
import { Carriers, type GivenValue } from "./carriers.ts";
import { at, type CauseSentence, sentence } from "./cause.ts";
import { NODE_EVENTS } from "../../nemesis/fault_target.ts";
import { lostValueCause } from "./lost_value.ts";
import type { RunMessage } from "./message_log.ts";
import { doubledOffsetCause } from "./offsets.ts";
import { staleReadCause } from "./service_read.ts";
import { arrivalAt, giversOf, type KeyedValue, repeatedSends, writersOf } from "./value_path.ts";
import { type Operation, type RecordedRun, RunView } from "./run_view.ts";
import { wrongSumCause } from "./wrong_sum.ts";

/** The subject of a case, which decides where to look for its cause. */
export type Subject =
  /** An element missing from the final reads, or a message that no poll returned, with the message's key. */
  | { readonly kind: "lost"; readonly value: unknown; readonly key?: string }
  /** A final read that is not a possible sum of the additions. */
  | { readonly kind: "sum"; readonly read: Event }
  /** Messages that share an offset. */
  | {
    readonly kind: "offset";
    readonly key: string;
    readonly offset: unknown;
    readonly values: readonly unknown[];
  }
  /** Transactions that depend on each other in a cycle, with one edge each. */
  | {
    readonly kind: "cycle";
    readonly transactions: readonly Event[];
    readonly edges: readonly CycleEdgeSubject[];
  }
  /** A register: the last operation of the linearizable prefix that changed it, and the operation that does not fit. */
  | { readonly kind: "register"; readonly before: Event | undefined; readonly failed: Event }
  /** Replies with the same id. */
  | { readonly kind: "ids"; readonly answers: readonly Event[] }
  /** Values of a key that the events' operations lack. */
  | {
    readonly kind: "skipped";
    readonly key: string;
    readonly values: readonly unknown[];
    readonly events: readonly Event[];
  }
  /** A value of a key that is there more than once. */
  | {
    readonly kind: "repeated";
    readonly key: string;
    readonly value: unknown;
    readonly events: readonly Event[];
  }
  /** A node that exited unexpectedly. */
  | { readonly kind: "ended"; readonly node: string }
  /** Operations that show the anomaly together. */
  | { readonly kind: "operations"; readonly events: readonly Event[] };

/** An edge of a cycle, from `transactions[i]` to the next transaction. */
export interface CycleEdgeSubject {
  readonly type: string;
  readonly key: unknown;
  /** The value that was read or overwritten. */
  readonly value: unknown;
  /** The value that the second transaction wrote over the version that the first one read or wrote. */
  readonly next: unknown;
}

/** A value that a client gave to a node, and the messages between nodes that carry it, in the order of sending. */
export interface CarriedValue extends GivenValue {
  readonly messages: readonly RunMessage[];
}

/** Finds causes in one run. Reads the run's messages on first use. */
export class CauseFinder {
  readonly #recorded: RecordedRun;
  #run: RunView | undefined;
  #carriers: Carriers | undefined;

  constructor(recorded: RecordedRun) {
    this.#recorded = recorded;
  }

  /** Returns the sentences of a case's cause, in the order of events. */
  causeOf(subject: Subject): CauseSentence[] {
    const run = this.#run ??= new RunView(this.#recorded);
    switch (subject.kind) {
      case "lost":
        return this.#lost(run, subject);
      case "sum":
        return [
          ...wrongSumCause(run, subject.read),
          ...staleReadCause(run, run.nodeOf(subject.read.process) ?? "", subject.read.time),
        ];
      case "offset":
        return this.#offset(run, subject);
      case "cycle":
        return this.#cycle(run, subject);
      case "register":
        return register(run, subject);
      case "ids":
        return sameIdCause(run, subject.answers);
      case "skipped":
        return this.#skipped(run, subject);
      case "repeated":
        return this.#repeated(run, subject);
      case "ended":
        return endedCause(run, subject.node);
      case "operations":
        return operations(run, subject.events);
    }
  }

  /** The messages of the run, in the order of sending; none if they were not recorded. */
  get messages(): readonly RunMessage[] {
    this.#run ??= new RunView(this.#recorded);
    return this.#run.log?.messages ?? [];
  }

  /** Returns the values that clients gave to nodes, with the messages between nodes that carry each. */
  carriedValues(): CarriedValue[] {
    const run = this.#run ??= new RunView(this.#recorded);
    const carriers = this.#carriersOf(run);
    if (carriers === undefined) return [];
    return givenValues(run).map((given) => ({ ...given, messages: carriers.of(given) }));
  }

  #carriersOf(run: RunView): Carriers | undefined {
    if (run.log === undefined) return undefined;
    return this.#carriers ??= new Carriers(run, givenValues(run), returnedValues(run));
  }

  #lost(run: RunView, { value, key }: Extract<Subject, { kind: "lost" }>): CauseSentence[] {
    const name = canonicalJson(value);
    const given = givenValues(run).find((each) => each.key === key && canonicalJson(each.value) === name);
    if (given === undefined) return [];
    const since = given.operation.invoke.time;
    const lastReads = new Map(
      [...returnedValues(run)].filter(([{ invoke }]) => invoke.time > since)
        .map(([operation, values]) => [operation.node, { operation, values }]),
    );
    return lostValueCause(run, this.#carriersOf(run), {
      value,
      ...(key === undefined ? {} : { key }),
      given: given.operation,
      lastReads,
      others: key === undefined ? [] : run.nodes.filter((node) => node !== given.operation.node),
    });
  }

  #offset(run: RunView, { key, offset, values }: Extract<Subject, { kind: "offset" }>): CauseSentence[] {
    const wanted = new Set(values.map(canonicalJson));
    const sends = givenValues(run)
      .filter((each) => each.key === key && wanted.has(canonicalJson(each.value)))
      .map(({ value, operation }) => ({ key, value, offset, operation }));
    return doubledOffsetCause(run, this.#carriersOf(run), sends);
  }

  #skipped(run: RunView, { key, values, events }: Extract<Subject, { kind: "skipped" }>): CauseSentence[] {
    const polls = namedOperations(run, events, (i) => eventName(events[i]));
    const reader = polls.at(-1);
    const [value] = values;
    if (reader === undefined || value === undefined) return operations(run, events);
    const givers = giversOf(givenValues(run), { key, value })
      .map((operation) => ({ name: `The send of ${valueText(value)}`, operation }));
    return [
      ...placesOf(run, [...givers, ...polls]),
      ...arrivalAt(run, this.#carriersOf(run), { key, value, reader }),
      ...killsBetween(run, [...givers, reader]),
    ];
  }

  #repeated(run: RunView, { key, value, events }: Extract<Subject, { kind: "repeated" }>): CauseSentence[] {
    const givers = giversOf(givenValues(run), { key, value })
      .map((operation) => ({ name: eventName(operation.completion ?? operation.invoke), operation }));
    const given = new Set(givers.map(({ operation }) => operation));
    const readers = namedOperations(run, events, (i) => eventName(events[i]))
      .filter(({ operation }) => !given.has(operation));
    return [
      ...placesOf(run, [...givers, ...readers]),
      ...repeatedSends(this.#carriersOf(run), { key, value }),
      ...killsBetween(run, [...givers, ...readers]),
    ];
  }

  #cycle(run: RunView, { transactions, edges }: Extract<Subject, { kind: "cycle" }>): CauseSentence[] {
    const named = namedOperations(run, transactions, (i) => `T${i + 1}`);
    const byName = new Map(named.map((each) => [each.name, each]));
    const pairs = edges.flatMap((edge, i) => {
      const from = byName.get(`T${i + 1}`);
      const to = byName.get(`T${(i + 1) % edges.length + 1}`);
      return from === undefined || to === undefined ? [] : [{ edge, from, to }];
    });
    const carriers = this.#carriersOf(run);
    const unseen = pairs.map((pair) => ({
      ...pair,
      told: pair.edge.type === "rw" ? unseenWrite(run, carriers, pair) : [],
    }));
    const links = new Set(
      unseen.flatMap(({ told, from, to }) => told.length === 0 ? [] : [linkOf(to, from)]),
    );
    return [
      ...placesOf(run, named, new Set(edges.map(({ key }) => keyText(key)))),
      ...unseen.flatMap(({ told }) => told),
      ...passedBetween(
        run,
        // The second transaction's node had the missed write, so the search goes backwards from it.
        unseen.filter(({ told }) => told.length === 0).map(({ edge, from, to }) =>
          edge.type === "rw" ? [to, from] as const : [from, to] as const
        ).filter(([from, to]) => !links.has(linkOf(from, to))),
      ),
      ...killsBetween(run, named),
    ];
  }
}

function linkOf(from: Named, to: Named): string {
  return `${from.operation.node} ${to.operation.node}`;
}

/** Describes when a write reached the node of the transaction that missed it. */
function unseenWrite(
  run: RunView,
  carriers: Carriers | undefined,
  { edge: { key, next }, from: reader, to: writer }: {
    readonly edge: CycleEdgeSubject;
    readonly from: Named;
    readonly to: Named;
  },
): CauseSentence[] {
  if (next === undefined || next === null) return [];
  const [r, w] = [reader.operation, writer.operation];
  if (r.node !== w.node) return arrivalAt(run, carriers, { key: keyText(key), value: next, reader });
  const returned = w.completion?.time ?? Infinity;
  if (returned > r.invoke.time) return [];
  return [
    sentence(
      `${r.node} answered ${writer.name} at ${
        at(returned)
      }; ${reader.name}, which the same node ran later, misses ${valueText(next)} in key ${keyText(key)}.`,
      { kind: "read", timeNs: r.invoke.time, operations: [r.invoke.index] },
    ),
  ];
}

/** Maximum number of operations described that wrote the value of a read. */
const WRITERS_SHOWN_MAX = 2;

function register(run: RunView, { before, failed }: Extract<Subject, { kind: "register" }>): CauseSentence[] {
  const wanted = wantedValue(failed);
  const all = wanted === undefined ? [] : writersOf(run, wanted, failed.time);
  const effective = all.filter(({ completion }) => completion?.type !== "fail");
  const writers = (effective.length > 0 ? effective : all).slice(-WRITERS_SHOWN_MAX);
  const events = [...writers.map(({ invoke }) => invoke), ...(before === undefined ? [] : [before]), failed]
    .filter((event, i, all) => all.findIndex(({ index }) => index === event.index) === i)
    .sort((a, b) => a.time - b.time);
  const named = namedOperations(run, events, (i) => operationName(events[i] ?? failed))
    .sort((a, b) => a.operation.invoke.time - b.operation.invoke.time);
  const second = named.find(({ operation }) => operation === run.operationOf(failed));
  const first = named.filter((each) => each !== second).at(-1);
  const unwritten = wanted === undefined || writers.length > 0 ? [] : [
    sentence(`No operation had written ${valueText(wanted.value)} to key ${wanted.key}.`, {
      kind: "absence",
      timeNs: failed.time,
    }),
  ];
  return [
    ...placesOf(run, named),
    ...unwritten,
    ...(first === undefined || second === undefined ? [] : passedBetween(run, [[first, second]])),
    ...killsBetween(run, named),
  ];
}

/** Returns the value that a register must have had for an operation to succeed; undefined for a write. */
function wantedValue({ f, value }: Event): KeyedValue | undefined {
  if (!Array.isArray(value)) return undefined;
  const [key, said] = value;
  const wanted: unknown = f === "read" ? said : f === "cas" && Array.isArray(said) ? said[0] : undefined;
  return wanted === undefined || wanted === null ? undefined : { key: keyText(key), value: wanted };
}

/** Describes the end of a node: the last message that it received, and its faults. */
function endedCause(run: RunView, node: string): CauseSentence[] {
  const received =
    run.log?.messages.filter(({ dest, deliveryStatus }) => dest === node && deliveryStatus === "received") ??
      [];
  const last = received.reduce<RunMessage | undefined>(
    (latest, each) => latest === undefined || each.resolvedNs >= latest.resolvedNs ? each : latest,
    undefined,
  );
  const events = run.eventsOf(node, 0, last?.resolvedNs ?? run.endNs);
  return [
    ...events.slice(-NODE_EVENTS_SHOWN_MAX).map(({ kind, timeNs, index }) =>
      sentence(`${node} ${NODE_EVENTS[kind]} at ${at(timeNs)}.`, {
        kind: "fault",
        timeNs,
        operations: [index],
      })
    ),
    ...(last === undefined ? [] : [
      sentence(
        `The last message that ${node} received was ${show(last.body["type"])} from ${last.src}, at ${
          at(last.resolvedNs)
        }.`,
        { kind: "node", timeNs: last.resolvedNs, messages: [last.id] },
      ),
    ]),
  ];
}

/** Maximum number of faults described of a node that exited. */
const NODE_EVENTS_SHOWN_MAX = 4;

/** Describes which nodes assigned an id, and the restarts of a node that assigned it twice. */
function sameIdCause(run: RunView, answers: readonly Event[]): CauseSentence[] {
  const operations = answers.flatMap((answer) => run.operationOf(answer) ?? []).slice(0, IDS_SHOWN_MAX);
  return operations.flatMap(({ invoke, completion, node }, i) => {
    const answered = completion?.time ?? invoke.time;
    const before = operations.slice(0, i).findLast((each) => each.node === node);
    const kills = before === undefined
      ? []
      : run.eventsOf(node, before.invoke.time, answered).filter(({ kind }) => kind === "killed");
    const [kill] = kills;
    return [
      ...(kill === undefined ? [] : [
        sentence(`${node} was killed at ${at(kill.timeNs)}.`, {
          kind: "fault",
          timeNs: kill.timeNs,
          operations: [kill.index],
        }),
      ]),
      sentence(`${node} gave it to ${run.clientOf(invoke)} at ${at(answered)}.`, {
        kind: "operation",
        timeNs: answered,
        operations: [(completion ?? invoke).index],
      }),
    ];
  });
}

/** Maximum number of replies with one id described. */
const IDS_SHOWN_MAX = 5;

/** Returns a short name of a register operation: `the write of 3`. */
export function operationName({ f, value }: Event): string {
  const [, said] = Array.isArray(value) ? value : [undefined, value];
  return f === "read"
    ? `the read of ${valueText(said)}`
    : f === "cas" && Array.isArray(said)
    ? `the cas from ${valueText(said[0])} to ${valueText(said[1])}`
    : `the ${f} of ${valueText(said)}`;
}

function operations(run: RunView, events: readonly Event[]): CauseSentence[] {
  const named = namedOperations(run, events, (i) => eventName(events[i]));
  if (named.length === 0) return [];
  const pairs = named.slice(1).map((to, i) => [named[i] ?? to, to] as const);
  return [...placesOf(run, named), ...passedBetween(run, pairs), ...killsBetween(run, named)];
}

/** Returns the name of an event, from its kind and index: `Poll 11`. */
function eventName(event: Event | undefined): string {
  if (event === undefined) return "An operation";
  const kind = event.f === "txn" ? "transaction" : event.f;
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${event.index}`;
}

/** Returns every value that an operation of any workload gave to a node. */
function givenValues(run: RunView): GivenValue[] {
  return run.operations.flatMap((operation): GivenValue[] => {
    const { f, value } = operation.invoke;
    if (f === "broadcast" || (f === "add" && value !== null)) return [{ value, operation }];
    if (!Array.isArray(value)) return [];
    const [key, said] = value;
    if (f === "write") return [{ key: keyText(key), value: said, operation }];
    if (f === "cas" && Array.isArray(said)) return [{ key: keyText(key), value: said[1], operation }];
    return value.flatMap((step): GivenValue[] => {
      if (!Array.isArray(step)) return [];
      const [kind, key, what] = step;
      return kind === "send" || kind === "append" || kind === "w"
        ? [{ key: keyText(key), value: what, operation }]
        : [];
    });
  });
}

/** Returns the values in each read of the whole set. */
function returnedValues(run: RunView): Map<Operation, readonly unknown[]> {
  const returned = new Map<Operation, readonly unknown[]>();
  for (const operation of run.operations) {
    const { completion } = operation;
    if (completion?.type !== "ok" || completion.f !== "read" || !Array.isArray(completion.value)) continue;
    // A register's read returns a pair, not a set.
    if (operation.invoke.value === null || operation.invoke.value === undefined) {
      returned.set(operation, completion.value);
    }
  }
  return returned;
}
