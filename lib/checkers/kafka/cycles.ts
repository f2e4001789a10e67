/**
 * Cycles of dependencies between the operations of a Kafka log.
 *
 * An operation that sends a message precedes those that poll it (wr). With `wwDeps`, each send precedes the send of the
 * next message in the log (ww). An operation that was acknowledged precedes those that were invoked later (realtime).
 * In a cycle, an operation would precede itself.
 *
 * Tested by `tests/checkers/kafka_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { type AddEdge, type Graph, graphOf, REALTIME, TARGET_SHIFT, WR, WW } from "../elle/graph.ts";
import { type Components, cyclicComponents, stronglyConnected } from "../elle/scc.ts";
import type { Event } from "../history.ts";
import { valueText } from "../value_key.ts";
import { writerOf, type Writers } from "./message_anomalies.ts";
import { batchOf, type KafkaHistory, type KafkaOperation } from "./operations.ts";
import type { VersionOrders } from "./version_orders.ts";

/** The reason why an operation of a cycle must precede the next. */
export interface CycleStep {
  /** The kind of dependency. */
  readonly type: "ww" | "wr" | "realtime";
  /** The reason as a sentence, without its period. */
  readonly because: string;
}

/** A cycle of operations, each of which must precede the next. */
export interface DependencyCycle {
  /** The completions of the operations, from the first back to the first. */
  readonly cycle: readonly Event[];
  /** The reasons why each operation precedes the next. */
  readonly steps: readonly CycleStep[];
}

/** The anomalies whose evidence is a cycle. */
export type CycleType = "G0" | "G0-realtime" | "G1c" | "G1c-realtime";

/** The anomalies that Jepsen reports besides these, because any cycle of such dependencies refutes a model. */
export type CycleExistsType =
  | "PL-1-cycle-exists"
  | "strong-PL-1-cycle-exists"
  | "PL-2-cycle-exists"
  | "strong-PL-2-cycle-exists";

/** A component of operations that precede each other, so that a model does not hold. */
export interface CyclicComponent {
  /** The friendly name of the model. */
  readonly not: string;
  /** The number of operations. */
  readonly sccSize: number;
  /** The indexes of the first of their completions. */
  readonly scc: readonly number[];
}

/** The result of the search for cycles. */
export interface Cycles {
  /** One cycle for each strongly connected component of operations that has one, by anomaly. */
  readonly byType: ReadonlyMap<CycleType, readonly DependencyCycle[]>;
  /** The same components, by the weakest models that they refute. */
  readonly exist: ReadonlyMap<CycleExistsType, readonly CyclicComponent[]>;
  /** True if no dependency was found. */
  readonly empty: boolean;
}

interface Sources {
  readonly history: KafkaHistory;
  readonly writers: Writers;
  readonly orders: VersionOrders;
  readonly wwDeps: boolean;
}

interface Kind {
  readonly type: CycleType;
  /** The kinds of dependencies in the cycle. */
  readonly allowed: number;
  /** The kind of dependency that occurs in it at least once. */
  readonly required: number;
  readonly exists: CycleExistsType;
  readonly not: string;
}

/** The kinds of cycles, the most severe first. */
const KINDS: readonly Kind[] = [
  { type: "G0", allowed: WW, required: WW, exists: "PL-1-cycle-exists", not: "read-uncommitted" },
  {
    type: "G0-realtime",
    allowed: WW | REALTIME,
    required: WW,
    exists: "strong-PL-1-cycle-exists",
    not: "strong-read-uncommitted",
  },
  { type: "G1c", allowed: WW | WR, required: WR, exists: "PL-2-cycle-exists", not: "read-committed" },
  {
    type: "G1c-realtime",
    allowed: WW | WR | REALTIME,
    required: WR,
    exists: "strong-PL-2-cycle-exists",
    not: "strong-read-committed",
  },
];
const STARTS_TRIED_MAX = 16;
const COMPONENT_SHOWN_MAX = 1000;

/** Finds the cycles of each strongly connected component of operations that no other of its cycles implies. */
export function findCycles(sources: Sources): Cycles {
  const transactions = sources.history.operations.filter(({ kind, event }) =>
    kind === "transaction" && event.type !== "invoke"
  );
  const byType = new Map<CycleType, DependencyCycle[]>();
  const exist = new Map<CycleExistsType, CyclicComponent[]>();
  const ordered = orderedDependencies(transactions, sources);
  if (ordered !== null) return { byType, exist, empty: ordered.empty };
  const { graph, empty } = dependencies(transactions, sources);
  const all = stronglyConnected(graph, WW | WR | REALTIME);
  const cyclic = cyclicComponents(all);
  if (cyclic.length === 0) return { byType, exist, empty };
  const foundIn = new Map<Int32Array, number[]>(); // by component: the dependencies of its cycles
  for (const { type, allowed, required, exists, not } of KINDS) {
    const components = stronglyConnected(graph, allowed);
    for (const members of cyclic) {
      const found = foundIn.get(members) ?? [];
      // A cycle of fewer kinds of dependencies implies this one.
      if (found.some((fewer) => (fewer & ~allowed) === 0)) continue;
      const path = shortestCycle(graph, members, { required, allowed, components });
      if (path === null) continue;
      foundIn.set(members, [...found, allowed]);
      append(byType, type, explain(path, transactions, sources));
      append(exist, exists, { not, ...smallestComponent(members, components, transactions) });
    }
  }
  return { byType, exist, empty };
}

function append<Type, Case>(cases: Map<Type, Case[]>, type: Type, found: Case): void {
  const ofType = cases.get(type);
  if (ofType === undefined) cases.set(type, [found]);
  else ofType.push(found);
}

/** Returns the smallest component of several operations among these vertices. */
function smallestComponent(
  members: Int32Array,
  { of }: Components,
  transactions: readonly KafkaOperation[],
): Pick<CyclicComponent, "sccSize" | "scc"> {
  // Vertices after the transactions only represent time.
  const operations = [...members].filter((vertex) => vertex < transactions.length);
  const smallest = [...Map.groupBy(operations, (vertex) => valueAt(of, vertex)).values()]
    .filter(({ length }) => length > 1)
    .reduce((a, b) => b.length < a.length ? b : a);
  const shown = smallest.slice(0, COMPONENT_SHOWN_MAX);
  return {
    sccSize: smallest.length,
    scc: shown.flatMap((vertex) => transactions[vertex]?.event.index ?? []),
  };
}

/**
 * Proves, without building a graph, that every dependency leads to a later moment, so that no cycle exists. Returns null if some
 * dependency does not.
 *
 * The moment of an operation is its completion if it polled a message, and its invocation otherwise. Real time always
 * leads to a later moment. So does a message if its sender polled nothing, and was invoked before the poll ended.
 */
function orderedDependencies(
  transactions: readonly KafkaOperation[],
  { history, writers, wwDeps }: Sources,
): { readonly empty: boolean } | null {
  if (wwDeps) return null;
  let firstAcknowledged = Infinity;
  let lastInvoked = -1;
  let isAnyRead = false;
  for (const { type, position, invokePosition, received } of transactions) {
    if (type === "ok" && position < firstAcknowledged) firstAcknowledged = position;
    if (invokePosition > lastInvoked) lastInvoked = invokePosition;
    for (const { messages } of received) {
      for (const message of messages) {
        const writer = writerOf(history, writers, message);
        if (writer === undefined || writer.event.type === "invoke") continue; // a pending send is not a transaction
        if (writer.received.length > 0 || writer.invokePosition >= position) return null;
        isAnyRead = true;
      }
    }
  }
  return { empty: !isAnyRead && firstAcknowledged > lastInvoked };
}

/**
 * Returns the dependency graph. Vertices are the transactions, then a chain of one vertex per acknowledgement that
 * represents time.
 */
function dependencies(
  transactions: readonly KafkaOperation[],
  sources: Sources,
): { graph: Graph; empty: boolean } {
  const acknowledgements = transactions.filter(({ type }) => type === "ok").length;
  const numbers = transactionNumbers(sources.history, transactions);
  let empty = true;
  const graph = graphOf(transactions.length + acknowledgements, (add) => {
    const addAndNote: AddEdge = (from, to, kinds) => {
      if (to < transactions.length) empty = false; // the other edges only connect the chain
      add(from, to, kinds);
    };
    forEachMessageEdge(transactions, numbers, { ...sources, add: addAndNote });
    forEachTimeEdge(transactions, addAndNote);
  });
  return { graph, empty };
}

function forEachMessageEdge(
  transactions: readonly KafkaOperation[],
  numbers: Int32Array,
  { writers, orders, wwDeps, add }: Sources & { readonly add: AddEdge },
): void {
  const link = (message: number, to: number, kind: number): void => {
    const writer = valueAt(writers, message);
    const from = writer < 0 ? -1 : valueAt(numbers, writer);
    if (from >= 0 && from !== to) add(from, to, kind);
  };
  transactions.forEach(({ sent, received }, number) => {
    for (const { messages } of received) for (const message of messages) link(message, number, WR);
    if (!wwDeps) return;
    for (const { key, messages } of sent) {
      const order = orders.logs.get(key);
      for (const message of messages) {
        const writer = valueAt(writers, message);
        // If a message was sent several times, only its writer has a place in the log.
        if (writer < 0 || valueAt(numbers, writer) !== number) continue;
        const previous = order?.byIndex[Math.max(0, valueAt(orders.indexOf, message)) - 1];
        if (previous !== undefined) link(previous, number, WW);
      }
    }
  });
}

/** Returns, by position in `senders`, the number of the transaction; −1 if the send is pending. */
function transactionNumbers(
  { senders }: KafkaHistory,
  transactions: readonly KafkaOperation[],
): Int32Array {
  const numbers = new Map(transactions.map((transaction, number) => [transaction, number]));
  return Int32Array.from(senders, (sender) => numbers.get(sender) ?? -1);
}

function forEachTimeEdge(transactions: readonly KafkaOperation[], add: AddEdge): void {
  // By position in the history: the transaction that was acknowledged or invoked there, plus 1.
  const end = transactions.reduce((latest, { position }) => Math.max(latest, position), 0) + 1;
  const acknowledged = new Int32Array(end);
  const invoked = new Int32Array(end);
  transactions.forEach(({ type, position, invokePosition }, number) => {
    if (type === "ok") acknowledged[position] = number + 1;
    invoked[invokePosition] = number + 1;
  });
  let last = -1;
  let next = transactions.length;
  for (let at = 0; at < end; at++) {
    const ended = valueAt(acknowledged, at) - 1;
    const began = valueAt(invoked, at) - 1;
    if (ended >= 0) {
      add(ended, next, REALTIME);
      if (last >= 0) add(last, next, REALTIME);
      last = next++;
    } else if (began >= 0 && last >= 0) {
      add(last, began, REALTIME);
    }
  }
}

/** Returns the vertices of a short cycle in a component through an edge of the required kind, or null. */
function shortestCycle(
  graph: Graph,
  members: Int32Array,
  rule: { readonly required: number; readonly allowed: number; readonly components: Components },
): number[] | null {
  const { of } = rule.components;
  let best: number[] | null = null;
  let tried = 0;
  for (const from of members) {
    for (let e = valueAt(graph.offsets, from), end = valueAt(graph.offsets, from + 1); e < end; e++) {
      const edge = valueAt(graph.edges, e);
      const to = edge >> TARGET_SHIFT;
      if ((edge & rule.required) === 0 || of[from] !== of[to]) continue;
      const back = shortestPath(graph, { from: to, to: from, allowed: rule.allowed, of });
      if (back !== null && (best === null || back.length + 1 < best.length)) best = [from, ...back];
      if (++tried === STARTS_TRIED_MAX) return best;
    }
  }
  return best;
}

/** Returns the vertices of a shortest path in one component, with both ends, or null. */
function shortestPath(
  graph: Graph,
  search: { readonly from: number; readonly to: number; readonly allowed: number; readonly of: Int32Array },
): number[] | null {
  const { from, to, allowed, of } = search;
  const reachedFrom = new Map<number, number>([[from, -1]]);
  const queue = [from];
  for (const vertex of queue) {
    if (vertex === to) {
      const path: number[] = [];
      for (let v = to; v >= 0; v = reachedFrom.get(v) ?? -1) path.push(v);
      return path.reverse();
    }
    for (let e = valueAt(graph.offsets, vertex), end = valueAt(graph.offsets, vertex + 1); e < end; e++) {
      const edge = valueAt(graph.edges, e);
      const next = edge >> TARGET_SHIFT;
      if ((edge & allowed) === 0 || of[next] !== of[from] || reachedFrom.has(next)) continue;
      reachedFrom.set(next, vertex);
      queue.push(next);
    }
  }
  return null;
}

function explain(
  path: readonly number[],
  transactions: readonly KafkaOperation[],
  sources: Sources,
): DependencyCycle {
  // Vertices after the transactions only represent time.
  const operations = path.map((vertex) => transactions[vertex]).filter((operation) =>
    operation !== undefined
  );
  const steps = operations.slice(1).map((to, i) => explainStep(operations[i] ?? to, to, sources));
  return { cycle: operations.map(({ event }) => event), steps };
}

function explainStep(from: KafkaOperation, to: KafkaOperation, sources: Sources): CycleStep {
  const { values } = sources.history;
  for (const { key, messages } of to.received) {
    const sent = batchOf(from.sent, key)?.messages;
    const message = messages.find((each) => sent?.includes(each) === true);
    if (message === undefined || writerOf(sources.history, sources.writers, message) !== from) continue;
    return {
      type: "wr",
      because: `the operation at ${from.event.index} sent ${valueText(values[message])} to key ` +
        `${valueText(key)}, which the one at ${to.event.index} polled`,
    };
  }
  if (from.type === "ok" && from.position < to.invokePosition) {
    return {
      type: "realtime",
      because: `the operation at ${from.event.index} was acknowledged before the one that ended at ` +
        `${to.event.index} was invoked`,
    };
  }
  return {
    type: "ww",
    because:
      `the operation at ${from.event.index} sent a message that comes right before one that the operation at ` +
      `${to.event.index} sent to the same key`,
  };
}
