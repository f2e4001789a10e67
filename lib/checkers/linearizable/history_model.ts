/**
 * Linearizability of a history of any workload, by a model of its operations.
 *
 * Tested by `tests/checkers/models_test.ts`.
 */

import type { Event, History } from "../history.ts";
import { type Anomaly, type Judgment, judgment } from "../judgment.ts";
import { emptyHistoryWarning, pairOperations } from "../operations.ts";
import { valueText } from "../value_key.ts";
import type { LinearizabilityOptions } from "./check_partition.ts";
import { isOrdered, orderedCalls, orderedModel } from "./ordered.ts";
import { type Call, checkLinearizable, type Model, type ModelPartResult } from "./model.ts";

/** An operation of a history, as the input of a model. */
export interface ModelOperation {
  /** The operation's name. */
  readonly f: string;
  /** The value of the invocation. */
  readonly value: unknown;
  /** The invocation. */
  readonly invoke: Event;
  /** The completion; `null` if the history has none. */
  readonly completion: Event | null;
}

/** A call of an operation of a history. Its output is the value of the successful completion. */
export type ModelCall = Call<ModelOperation, unknown>;

/** The options of {@linkcode checkModel}. */
export interface ModelOptions extends LinearizabilityOptions {
  /** Returns the number of an operation, which takes effect after all with smaller numbers; undefined if it has none. */
  readonly orderOf?: (operation: ModelOperation, output: unknown) => number | undefined;
}

/** The anomaly of a history that no order explains. */
const NOT_LINEARIZABLE = "not-linearizable";
/** The number of operations before a contradiction that its evidence names. */
const BEFORE_MAX = 4;
const STATES_MAX = 8;

/**
 * Returns the calls of a history: the operations that did not fail, with the positions of their events as times.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, modelCalls } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "take", value: null },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "take", value: 7 },
 * ];
 * assertEquals(modelCalls(history).map(({ output, called, returned }) => [output, called, returned]), [[7, 0, 1]]);
 * ```
 */
export function modelCalls(history: History): ModelCall[] {
  return pairOperations(history).flatMap(({ invoke, completion }): ModelCall[] => {
    if (completion?.type === "fail") return [];
    const input = { f: invoke.f, value: invoke.value, invoke, completion };
    const isOk = completion?.type === "ok";
    return [{
      input,
      ...(isOk ? { output: completion.value } : {}),
      called: invoke.index,
      returned: isOk ? completion.index : null,
    }];
  });
}

/**
 * Checks that the operations of a history are linearizable: one order explains all of them, in which each takes effect
 * between its invocation and its completion.
 *
 * A failed operation did not happen. An indeterminate one may have happened at any time after its invocation, or never.
 *
 * @param options.limits the limits of the search; what exceeds them is `unknown`
 * @param options.orderOf the number of an operation, such as a revision, if operations are known to take effect in the
 * order of these numbers
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkModel, type History, type Model, type ModelOperation, REFUSED } from "@charybdis/charybdis/checkers";
 *
 * const stack: Model<readonly unknown[], ModelOperation, unknown> = {
 *   initial: () => [],
 *   step: (state, { f, value }, output) => {
 *     if (f === "push") return [...state, value];
 *     return output === undefined || output === state.at(-1) ? state.slice(0, -1) : REFUSED;
 *   },
 * };
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "push", value: 1 },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "push", value: 1 },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "pop", value: null },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "pop", value: 2 },
 * ];
 * assertEquals(checkModel(history, stack).valid, false);
 * ```
 */
export function checkModel<State>(
  history: History,
  model: Model<State, ModelOperation, unknown>,
  options: ModelOptions = {},
): Judgment {
  const described = { describe: describeOperation, ...model };
  const calls = modelCalls(history);
  const { orderOf } = options;
  const { parts } = orderOf === undefined
    ? checkLinearizable(calls, described, options)
    : checkLinearizable(orderedCalls(calls, orderOf), orderedModel(described, orderOf), options);
  const wrong = parts.filter(({ valid }) => valid === false);
  const open = parts.filter(({ valid }) => valid === "unknown");
  const anomalies: Anomaly[] = [
    { name: NOT_LINEARIZABLE, examples: wrong.map(contradictionExample) },
    { name: "check-error", severity: "unknown", examples: open.map(limitExample) },
  ];
  return judgment(anomalies, {
    figures: { "part-count": parts.length },
    warning: emptyHistoryWarning(history),
  });
}

/** Returns an operation as a text: `read(x) → 3 by process 2`. */
function describeOperation({ f, value, invoke }: ModelOperation, output: unknown): string {
  const given = value === null ? "" : valueText(value);
  const answer = output === undefined ? "?" : valueText(output);
  return `${f}(${given})${answer === given ? "" : ` → ${answer}`} by process ${invoke.process}`;
}

function contradictionExample({ key, evidence }: ModelPartResult): Anomaly["examples"][number] {
  if (evidence.kind !== "contradiction") return { text: "No order explains the operations." };
  const { op, failed, before, states } = evidence;
  const held = [...new Set(states.map(stateText))].slice(0, STATES_MAX).join(" or ");
  const part = key === null ? "" : `Part ${valueText(key)}: `;
  return {
    text: `${part}no order of the operations explains ${op}. By then the state can only have been ${
      held === "" ? "another" : held
    }.`,
    events: [...before.slice(-BEFORE_MAX), failed].flatMap(({ input }) => eventsOf(input)),
  };
}

function stateText(state: unknown): string {
  return valueText(isOrdered(state) ? state.state : state);
}

function limitExample({ key, evidence }: ModelPartResult): Anomaly["examples"][number] {
  const part = key === null ? "" : `Part ${valueText(key)}: `;
  const prefix = evidence.kind === "limit" ? evidence.prefix : null;
  const error = evidence.kind === "limit" ? evidence.error : "the search ended";
  const established = prefix === null ? "" : `, after it had found an order of ${prefix.count} operations`;
  return { text: `${part}${error}${established}.` };
}

/** Returns the event of an operation that a report shows. */
function eventsOf(input: unknown): readonly Event[] {
  return isModelOperation(input) ? [input.completion ?? input.invoke] : [];
}

function isModelOperation(input: unknown): input is ModelOperation {
  return typeof input === "object" && input !== null && "invoke" in input && "completion" in input;
}
