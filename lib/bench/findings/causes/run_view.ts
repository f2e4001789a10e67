/**
 * A view of a run for the search for causes: clients, nodes, messages, and downtime.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { type Event, type History, NEMESIS } from "../../../checkers/history.ts";
import { isObject } from "../../../protocol/schema.ts";
import { isNodeEvent, type NodeEventKind } from "../../nemesis/fault_target.ts";
import { isFromClient, type MessageLog, readMessages, type RunMessage } from "./message_log.ts";

/** The recorded data of a run in which causes are searched. */
export interface RecordedRun {
  readonly history: History;
  readonly nodes: readonly string[];
  /** Number of concurrent clients. The node of a process follows from it. */
  readonly concurrency: number;
  /** The lines of messages.jsonl, if recorded. */
  readonly messages: Iterable<string> | undefined;
}

/** A fault that the nemesis injected into a node. */
export interface NodeEvent {
  readonly kind: NodeEventKind;
  readonly node: string;
  readonly timeNs: number;
  readonly index: number;
}

/** An operation: its invocation, and its completion if it has one. */
export interface Operation {
  readonly invoke: Event;
  readonly completion: Event | undefined;
  readonly node: string;
}

/** A run with the lookups that causes need. */
export class RunView {
  readonly history: History;
  readonly nodes: readonly string[];
  /** All messages; none if they were not recorded. */
  readonly log: MessageLog | undefined;
  readonly nodeEvents: readonly NodeEvent[];
  readonly operations: readonly Operation[];
  readonly #concurrency: number;
  readonly #clients: ReadonlyMap<number, string>;
  readonly #byEvent = new Map<number, Operation>();

  constructor({ history, nodes, concurrency, messages }: RecordedRun) {
    this.history = history;
    this.nodes = nodes;
    this.#concurrency = concurrency;
    this.log = messages === undefined ? undefined : readMessages(messages);
    this.nodeEvents = nodeEventsOf(history);
    this.operations = this.#pair();
    for (const operation of this.operations) {
      this.#byEvent.set(operation.invoke.index, operation);
      if (operation.completion !== undefined) this.#byEvent.set(operation.completion.index, operation);
    }
    this.#clients = this.#nameClients();
  }

  /** The last moment of the run. */
  get endNs(): number {
    return this.history.at(-1)?.time ?? 0;
  }

  /** Returns the node that a process's client talks to. */
  nodeOf(process: Event["process"]): string | undefined {
    if (typeof process !== "number") return undefined;
    return this.nodes[(process % this.#concurrency) % this.nodes.length];
  }

  /** Returns the name of an event's client (`c6`), or its process if messages were not recorded. */
  clientOf({ process }: Event): string {
    if (typeof process !== "number") return String(process);
    return this.#clients.get(process) ?? `process ${process}`;
  }

  /** Returns the operation of an event. */
  operationOf(event: Event): Operation | undefined {
    return this.#byEvent.get(event.index);
  }

  /** Returns the faults of a node between two times. */
  eventsOf(node: string, fromNs: number, toNs: number): readonly NodeEvent[] {
    return this.nodeEvents.filter((event) =>
      event.node === node && fromNs <= event.timeNs && event.timeNs <= toNs
    );
  }

  #pair(): Operation[] {
    const open = new Map<number, number>();
    const operations: { invoke: Event; completion: Event | undefined; node: string }[] = [];
    for (const event of this.history) {
      const { process, type } = event;
      if (typeof process !== "number") continue;
      if (type === "invoke") {
        open.set(process, operations.length);
        operations.push({ invoke: event, completion: undefined, node: this.nodeOf(process) ?? "?" });
        continue;
      }
      const operation = operations[open.get(process) ?? -1];
      if (operation !== undefined) operation.completion = event;
      open.delete(process);
    }
    return operations;
  }

  /** Returns the client of a process: the first sender of a request to its node that no other process explains. */
  #nameClients(): Map<number, string> {
    const requests = (this.log?.messages ?? []).filter((message) =>
      isFromClient(message) && message.sentNs >= 0
    );
    const clients = new Map<number, string>();
    const taken = new Set<string>();
    let next = 0;
    for (const { invoke, node } of this.operations) {
      const { process, time } = invoke;
      if (typeof process !== "number" || clients.has(process)) continue;
      while (next < requests.length && (requests[next]?.sentNs ?? 0) < time) next++;
      const found = firstFrom(requests, next, (message) => message.dest === node && !taken.has(message.src));
      if (found === undefined) continue;
      clients.set(process, found.src);
      taken.add(found.src);
    }
    return clients;
  }
}

/** Maximum number of requests examined to find a client's name. */
const LOOKED_AT_MAX = 200;

function firstFrom(
  messages: readonly RunMessage[],
  from: number,
  wanted: (message: RunMessage) => boolean,
): RunMessage | undefined {
  for (let i = from; i < Math.min(messages.length, from + LOOKED_AT_MAX); i++) {
    const message = messages[i];
    if (message !== undefined && wanted(message)) return message;
  }
  return undefined;
}

function nodeEventsOf(history: History): NodeEvent[] {
  const events: NodeEvent[] = [];
  for (const { process, value, time, index } of history) {
    if (process !== NEMESIS || !isObject(value)) continue;
    for (const [node, did] of Object.entries(value)) {
      if (isNodeEvent(did)) events.push({ kind: did, node, timeNs: time, index });
    }
  }
  return events;
}
