/**
 * Anomalies of the order of sends and polls, within one operation or between successive operations of a process.
 *
 * Tested by `tests/checkers/kafka_test.ts`.
 */

import type { Event } from "../history.ts";
import type { Batches, KafkaHistory, KafkaOperation } from "./operations.ts";
import { distance, type VersionOrders } from "./version_orders.ts";

/** Two successive messages of a key. `delta` is their distance in the log: 1 if they are adjacent. */
export interface Step {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly delta: number;
  /** The operation that contains both, or the earlier and the later operation. */
  readonly operations: readonly Event[];
}

/** Steps that skip messages, and steps that do not move forward. */
export interface Steps {
  readonly skips: Step[];
  readonly nonmonotonic: Step[];
}

/** Returns the steps between messages of one key within one operation. Polls of rebalanced keys are left out. */
export function internalSteps(
  { senders, receivers }: KafkaHistory,
  orders: VersionOrders,
  direction: "sent" | "received",
): Steps {
  const steps: Steps = { skips: [], nonmonotonic: [] };
  for (const operation of direction === "sent" ? senders : receivers) {
    for (const { key, messages } of operation[direction]) {
      if (direction === "received" && operation.rebalanced.has(key)) continue;
      for (let i = 1; i < messages.length; i++) {
        const [from, to] = [messages[i - 1], messages[i]];
        const delta = distance(orders, from, to);
        if (delta !== 1) note(steps, { key, from, to, delta, operations: [operation.event] });
      }
    }
  }
  return steps;
}

/**
 * Returns the steps from the last message that a process polled of a key to the first of its next poll.
 *
 * A process that assigns or subscribes to other keys loses its positions in those that it gave up. A poll that failed
 * or is indeterminate does not change positions.
 */
export function pollSteps(operations: readonly KafkaOperation[], orders: VersionOrders): Steps {
  return stepsByProcess(operations, orders, {
    batches: (operation) => operation.polled,
    compared: () => true,
    moves: (operation) => operation.type === "ok",
  });
}

/** Returns the steps from the last message that a process sent to a key to the first of its next send. */
export function sendSteps(operations: readonly KafkaOperation[], orders: VersionOrders): Steps {
  return stepsByProcess(operations, orders, {
    batches: (operation) => operation.sent,
    compared: (operation) => operation.type !== "fail",
    moves: (operation) => operation.type !== "fail",
  });
}

function stepsByProcess(
  operations: readonly KafkaOperation[],
  orders: VersionOrders,
  rules: {
    readonly batches: (operation: KafkaOperation) => Batches;
    readonly compared: (operation: KafkaOperation) => boolean;
    readonly moves: (operation: KafkaOperation) => boolean;
  },
): Steps {
  const steps: Steps = { skips: [], nonmonotonic: [] };
  const processes = new Map<Event["process"], Map<string, LastMessage>>();
  for (const operation of operations) {
    const { process } = operation.event;
    let last = processes.get(process);
    if (last === undefined) processes.set(process, last = new Map());
    if (operation.kind !== "transaction") {
      if (operation.type !== "fail") keepOnly(last, operation.keys);
      continue;
    }
    if (!rules.compared(operation)) continue;
    for (const { key, messages } of rules.batches(operation)) {
      const before = last.get(key);
      if (before !== undefined) {
        const [from, to] = [before.message, messages[0]];
        const delta = distance(orders, from, to);
        if (delta !== 1) {
          note(steps, { key, from, to, delta, operations: [before.event, operation.event] });
        }
      }
      if (!rules.moves(operation)) continue;
      const message = messages.at(-1);
      if (before === undefined) last.set(key, { message, event: operation.event });
      else [before.message, before.event] = [message, operation.event];
    }
  }
  return steps;
}

/** The last message of a process in a key, and its operation. */
interface LastMessage {
  /** The message; undefined if the operation had none. */
  message: number | undefined;
  event: Event;
}

function keepOnly(last: Map<string, LastMessage>, keys: readonly string[]): void {
  for (const key of last.keys()) if (!keys.includes(key)) last.delete(key);
}

function note(
  steps: Steps,
  { key, from, to, delta, operations }: {
    readonly key: string;
    readonly from: number | undefined;
    readonly to: number | undefined;
    readonly delta: number;
    readonly operations: readonly Event[];
  },
): void {
  if (from === undefined || to === undefined) return;
  (delta > 1 ? steps.skips : steps.nonmonotonic).push({ key, from, to, delta, operations });
}
