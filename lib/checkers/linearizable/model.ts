/** Linearizability of any object whose sequential behaviour is written down as a model. */

import { valueAt } from "../columns.ts";
import { mergeValidity, type Result } from "../result.ts";
import { type ValueKey, valueKey, valueText } from "../value_key.ts";
import { checkPartition, limitText, type LinearizabilityOptions } from "./check_partition.ts";
import { scheduleSize } from "./schedule.ts";
import type { SearchModel } from "./search.ts";

/** What a model's step returns when the state does not allow the operation. */
export const REFUSED: unique symbol = Symbol("refused");

/** The sequential behaviour of an object: pure functions over states that are never changed in place. */
export interface Model<State, Input, Output> {
  /** The state in which the object begins. */
  initial(): State;
  /**
   * The state after an operation, or `REFUSED` if it cannot have this output there. The output is `undefined` for an
   * operation that never returned.
   */
  step(state: State, input: Input, output: Output | undefined): State | typeof REFUSED;
  /** A key that equal states share and others do not. Unless given, states are compared as JSON values. */
  stateKey?(state: State): ValueKey;
  /** Whether an operation never changes any state: such ones cost the search next to nothing. */
  isReadOnly?(input: Input): boolean;
  /** Whether an operation is always allowed, and leads to the same state from every other. */
  overwrites?(input: Input): boolean;
  /** The part of the object that an operation touches, if parts are independent: each is then checked alone. */
  partition?(input: Input): ValueKey;
  /** An operation in words, for the counter-example. */
  describe?(input: Input, output: Output | undefined): string;
}

/**
 * One operation on the object. Times are on any one clock, and intervals are closed: what returns when another is called
 * is concurrent with it. `returned` is `null` for an operation that may or may not have happened.
 */
export interface Call<Input, Output> {
  /** What was asked for. */
  readonly input: Input;
  /** What was answered; absent if nothing was. */
  readonly output?: Output;
  /** When it was called. */
  readonly called: number;
  /** When it returned; `null` if it never did. */
  readonly returned: number | null;
}

/** Parts are searched in rounds, each with more steps: one wrong part found soon spares the hard ones. */
const ROUNDS = [20_000, 1_000_000, Infinity];
const BYTES_PER_STATE = 256;
/** Past this many pairs of a return and an operation pending there, a schedule alone takes too much memory. */
const SCHEDULE_SIZE_MAX = 16_000_000;
const STEPS_REMEMBERED_MAX = 4_000_000;

/**
 * Checks calls against a model. The result's `results` has one entry for each part; a part that is not linearizable names
 * the call that cannot be placed (`op`), `because` why, the `states` possible before it, and the last calls of the longest
 * linearizable prefix, in an order that satisfies it (`linearized`). Once one part is known to be wrong, those that need a
 * longer search are left `unknown`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkLinearizable, type Model, REFUSED } from "@charybdis/charybdis/checkers";
 *
 * const counter: Model<number, "increment" | "get", number> = {
 *   initial: () => 0,
 *   step: (n, input, output) => input === "increment" ? n + 1 : output === n ? n : REFUSED,
 * };
 * const result = checkLinearizable([{ input: "get", output: 1, called: 0, returned: 1 }], counter);
 * assertEquals(result.valid, false);
 * ```
 */
export function checkLinearizable<State, Input, Output>(
  calls: readonly Call<Input, Output>[],
  model: Model<State, Input, Output>,
  options: LinearizabilityOptions = {},
): Result {
  const parts = new Map<ValueKey, Call<Input, Output>[]>();
  for (const call of calls) {
    const key = model.partition?.(call.input) ?? null;
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [call]);
    else part.push(call);
  }
  const results = new Map<ValueKey, Result>();
  const stepsMax = options.limits?.stepsMax ?? Infinity;
  for (const round of ROUNDS) {
    const limits = {
      ...options.limits,
      ...(Math.min(round, stepsMax) < Infinity ? { stepsMax: Math.min(round, stepsMax) } : {}),
    };
    for (const [key, part] of parts) {
      if ((results.get(key)?.valid ?? "unknown") === "unknown") {
        results.set(key, checkPart(part, model, { ...options, limits }));
      }
    }
    if ([...results.values()].some(({ valid }) => valid === false)) break;
  }
  return {
    valid: mergeValidity([...results.values()].map(({ valid }) => valid)),
    results: [...results].map(([key, result]) => ({ key, ...result })),
  };
}

function checkPart<State, Input, Output>(
  calls: readonly Call<Input, Output>[],
  model: Model<State, Input, Output>,
  options: LinearizabilityOptions,
): Result {
  if (scheduleSize(calls) > SCHEDULE_SIZE_MAX) {
    return { valid: "unknown", error: "too many operations are concurrent to search their orders" };
  }
  const states: State[] = [];
  const searchModel = searchModelOf(calls, model, states);
  const readOnly = (index: number): boolean => {
    const call = calls[index];
    return call !== undefined && model.isReadOnly?.(call.input) === true;
  };
  const { plan, outcome } = checkPartition(calls, searchModel, { ...options, readOnly });
  if (outcome.end === "linearizable") return { valid: true, "op-count": calls.length };
  const placed = {
    "linearized-count": outcome.placed,
    linearized: outcome.tail.map((index) => describe(calls[index], model)),
  };
  if (outcome.end !== "stuck") {
    return { valid: "unknown", error: limitText(outcome.end), ...placed };
  }
  const op = describe(calls[valueAt(plan.returning, outcome.satisfied)], model);
  return {
    valid: false,
    op,
    because: `in none of the ${outcome.states.length} states possible when it returned can ${op} happen, ` +
      "whichever of the pending operations happen first",
    states: outcome.states.map((state) => states[state]),
    ...placed,
  };
}

function describe<State, Input, Output>(
  call: Call<Input, Output> | undefined,
  model: Model<State, Input, Output>,
): string {
  if (call === undefined) return "nothing";
  if (model.describe !== undefined) return model.describe(call.input, call.output);
  return `${valueText(call.input)} → ${call.output === undefined ? "?" : valueText(call.output)}`;
}

/** Numbers the states as they come up, and remembers each step. */
function searchModelOf<State, Input, Output>(
  calls: readonly Call<Input, Output>[],
  model: Model<State, Input, Output>,
  states: State[],
): SearchModel {
  const numbers = new Map<ValueKey, number>();
  const steps = new Map<number, number>();
  const number = (state: State): number => {
    const key = model.stateKey?.(state) ?? valueKey(state);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    return states.push(state) - 1;
  };
  const classes = new Map<ValueKey, number[]>();
  calls.forEach(({ input, returned }, index) => {
    if (returned !== null) return;
    const key = valueKey(input);
    const members = classes.get(key);
    if (members === undefined) classes.set(key, [index]);
    else members.push(index);
  });
  const optional = [...classes.values()];
  for (const members of optional) members.sort((a, b) => (calls[a]?.called ?? 0) - (calls[b]?.called ?? 0));
  return {
    initial: number(model.initial()),
    optional,
    step(state, operation) {
      const at = state * calls.length + operation;
      const known = steps.get(at);
      if (known !== undefined) return known;
      const call = calls[operation];
      const from = states[state];
      if (call === undefined || from === undefined) return -1;
      const to = model.step(from, call.input, call.output);
      const next = to === REFUSED ? -1 : number(to);
      if (steps.size === STEPS_REMEMBERED_MAX) steps.clear();
      steps.set(at, next);
      return next;
    },
    overwrites(operation) {
      const call = calls[operation];
      return call !== undefined && model.overwrites?.(call.input) === true;
    },
    memoryBytes: () => states.length * BYTES_PER_STATE,
  };
}
