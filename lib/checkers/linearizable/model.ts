/**
 * Linearizability of any object whose sequential behavior is given as a model.
 *
 * Tested by `tests/checkers/linearizable_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { mergeValidity, type Validity } from "../result.ts";
import { type ValueKey, valueKey, valueText } from "../value_key.ts";
import { checkPartition, limitText, type LinearizabilityOptions } from "./check_partition.ts";
import type { LinearizedPrefix } from "./counterexample.ts";
import { scheduleSize } from "./schedule.ts";
import type { SearchModel } from "./search.ts";

/** The result of a step that the state does not allow. */
export const REFUSED: unique symbol = Symbol("refused");

/** The sequential behavior of an object: pure functions over states that are never modified. */
export interface Model<State, Input, Output> {
  /** Returns the initial state. */
  initial(): State;
  /**
   * Returns the state after an operation, or `REFUSED` if the operation cannot have this output in this state.
   *
   * @param output `undefined` for an operation that never returned
   */
  step(state: State, input: Input, output: Output | undefined): State | typeof REFUSED;
  /**
   * Returns a key that only equal states share. By default states are compared as JSON values, and maps and sets by their
   * entries in any order. Other objects need a key if their fields do not tell them apart.
   */
  stateKey?(state: State): ValueKey;
  /** Returns true if an operation never changes any state. Such operations make the search cheap. */
  isReadOnly?(input: Input): boolean;
  /** Returns true if every state allows the operation and it leads to the same state from all of them. */
  overwrites?(input: Input): boolean;
  /** Returns the independent part of the object that an operation accesses. Each part is checked separately. */
  partition?(input: Input): ValueKey;
  /** Returns a description of an operation for the counterexample. */
  describe?(input: Input, output: Output | undefined): string;
}

/**
 * An operation on the object. Times are those of any one clock. Intervals are closed: an operation that returns at the
 * moment at which another is called is concurrent with it.
 */
export interface Call<Input, Output> {
  /** The arguments. */
  readonly input: Input;
  /** The answer; absent if there was none. */
  readonly output?: Output;
  /** The time of the call. */
  readonly called: number;
  /** The time of the return; `null` if the operation may or may not have happened. */
  readonly returned: number | null;
}

/** The evidence for the verdict on a part of an object. Operations are described by `Model.describe`. */
export type ModelEvidence =
  /** Some order explains all operations. */
  | { readonly kind: "order"; readonly operationCount: number }
  /** No order explains the operation `op`, which is `failed`, whichever of `states` the part was in. */
  | {
    readonly kind: "contradiction";
    readonly op: string;
    readonly failed: Call<unknown, unknown>;
    readonly before: readonly Call<unknown, unknown>[];
    readonly because: string;
    readonly states: readonly unknown[];
    readonly prefix: LinearizedPrefix<string>;
  }
  /** A limit ended the search. */
  | { readonly kind: "limit"; readonly error: string; readonly prefix: LinearizedPrefix<string> | null };

/** The verdict on one part of an object. */
export interface ModelPartResult {
  /** The kind of this result. */
  readonly kind: "model-part";
  /** The key of the part, from `Model.partition`; `null` if the object has no parts. */
  readonly key: ValueKey;
  /** True if the part is linearizable. */
  readonly valid: Validity;
  /** The evidence. */
  readonly evidence: ModelEvidence;
}

/** The result of {@linkcode checkLinearizable}. */
export interface ModelResult {
  /** The checker. */
  readonly kind: "model";
  /** True if every part is linearizable. */
  readonly valid: Validity;
  /** The verdicts on the parts. */
  readonly parts: readonly ModelPartResult[];
}

/** The step limits of successive rounds. A wrong part that an early round finds makes the later ones unnecessary. */
const ROUNDS = [20_000, 1_000_000, Infinity];
const BYTES_PER_STATE = 256;
/** The number of pairs of a return and an operation that is pending there. Above it, a schedule takes too much memory. */
const SCHEDULE_SIZE_MAX = 16_000_000;
/** The number of steps, per part of an object, that are repeated to show a model that is not a pure function. */
const STEPS_VERIFIED = 1000;
const STEPS_REMEMBERED_MAX = 4_000_000;

/**
 * Checks that the calls on an object are linearizable.
 *
 * Each part of the object is checked separately. Once one part is known to be wrong, parts that need a longer search
 * remain `unknown`.
 *
 * @param options.limits the limits of the search; a part that exceeds them is `unknown`
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
): ModelResult {
  const parts = new Map<ValueKey, Call<Input, Output>[]>();
  for (const call of calls) {
    requireTimes(call, model);
    const key = model.partition?.(call.input) ?? null;
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [call]);
    else part.push(call);
  }
  const results = new Map<ValueKey, ModelPartResult>();
  const stepsMax = options.limits?.stepsMax ?? Infinity;
  for (const round of ROUNDS) {
    const limits = {
      ...options.limits,
      ...(Math.min(round, stepsMax) < Infinity ? { stepsMax: Math.min(round, stepsMax) } : {}),
    };
    for (const [key, part] of parts) {
      if ((results.get(key)?.valid ?? "unknown") !== "unknown") continue;
      const evidence = checkPart(part, model, { ...options, limits });
      const valid = evidence.kind === "limit" ? "unknown" : evidence.kind === "order";
      results.set(key, { kind: "model-part", key, valid, evidence });
    }
    if ([...results.values()].some(({ valid }) => valid === false)) break;
  }
  const all = [...results.values()];
  return { kind: "model", valid: mergeValidity(all.map(({ valid }) => valid)), parts: all };
}

/** Throws if a call returned before it was called, or has no time. */
function requireTimes<State, Input, Output>(
  call: Call<Input, Output>,
  model: Model<State, Input, Output>,
): void {
  const { called, returned } = call;
  if ((returned === null ? Infinity : returned) >= called) return;
  throw new RangeError(
    `the times of ${describe(call, model)} are wrong: it was called at ${called} and returned at ${returned}`,
  );
}

function checkPart<State, Input, Output>(
  calls: readonly Call<Input, Output>[],
  model: Model<State, Input, Output>,
  options: LinearizabilityOptions,
): ModelEvidence {
  if (scheduleSize(calls) > SCHEDULE_SIZE_MAX) {
    const error = "too many operations are concurrent to search their orders";
    return { kind: "limit", error, prefix: null };
  }
  const states: (readonly [State])[] = [];
  const searchModel = searchModelOf(calls, model, states);
  const readOnly = (index: number): boolean => {
    const call = calls[index];
    return call !== undefined && model.isReadOnly?.(call.input) === true;
  };
  const { plan, outcome } = checkPartition(calls, searchModel, { ...options, readOnly });
  if (outcome.end === "linearizable") return { kind: "order", operationCount: calls.length };
  const prefix = {
    count: outcome.placed,
    last: outcome.tail.map((index) => describe(calls[index], model)),
  };
  if (outcome.end !== "stuck") return { kind: "limit", error: limitText(outcome.end), prefix };
  const failed = calls[valueAt(plan.returning, outcome.satisfied)];
  if (failed === undefined) throw new RangeError("the search ended at a call that does not exist");
  const op = describe(failed, model);
  return {
    kind: "contradiction",
    op,
    failed,
    before: outcome.tail.flatMap((index) => calls[index] ?? []),
    because: `in none of the ${outcome.states.length} states possible when it returned can ${op} happen, ` +
      "whichever of the pending operations happen first",
    states: outcome.states.flatMap((state) => states[state] ?? []),
    prefix,
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

/**
 * Returns the model of the search. It numbers states as they are reached, and remembers each step. `states` has each state
 * in a list of its own, because a state may be undefined.
 */
function searchModelOf<State, Input, Output>(
  calls: readonly Call<Input, Output>[],
  model: Model<State, Input, Output>,
  states: (readonly [State])[],
): SearchModel {
  const numbers = new Map<ValueKey, number>();
  const steps = new Map<number, number>();
  let stepsVerified = 0;
  const keys: ValueKey[] = [];
  const keyOf = (state: State): ValueKey => model.stateKey?.(state) ?? valueKey(state);
  const number = (state: State): number => {
    const key = keyOf(state);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    keys.push(key);
    return states.push([state]) - 1;
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
      const boxed = states[state];
      if (call === undefined || boxed === undefined) return -1;
      const [from] = boxed;
      const to = model.step(from, call.input, call.output);
      if (stepsVerified < STEPS_VERIFIED) {
        stepsVerified++;
        verifyStep(model, { from, key: keys[state] ?? null, call, to });
      }
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

/** Throws if a step changed the state that it was given, or if the same step leads to another state when it is repeated. */
function verifyStep<State, Input, Output>(
  model: Model<State, Input, Output>,
  { from, key, call, to }: {
    readonly from: State;
    /** The key of `from` before the step. */
    readonly key: ValueKey;
    readonly call: Call<Input, Output>;
    readonly to: State | typeof REFUSED;
  },
): void {
  const keyOf = (state: State | typeof REFUSED) =>
    state === REFUSED ? REFUSED : model.stateKey?.(state) ?? valueKey(state);
  const first = keyOf(to);
  if (!Object.is(keyOf(from), key)) { // NaN equals itself
    throw new TypeError(
      `the model changes its states: ${describe(call, model)} changed the state it was given`,
    );
  }
  const second = keyOf(model.step(from, call.input, call.output));
  if (Object.is(first, second)) return;
  const [one, other] = [first, second].map((each) =>
    each === REFUSED ? "is refused" : `leads to ${String(each)}`
  );
  throw new TypeError(
    `the model is not deterministic: ${describe(call, model)} in state ${
      valueText(from)
    } first ${one}, then ${other}`,
  );
}
