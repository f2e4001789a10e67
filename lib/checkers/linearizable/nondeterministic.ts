/**
 * Models whose operations may lead to one of several states, as a model over sets of states.
 *
 * Tested by `tests/checkers/models_test.ts`.
 */

import { compareValues, type ValueKey, valueKey } from "../value_key.ts";
import { type Model, REFUSED } from "./model.ts";

/** The sequential behavior of an object whose operations may lead to one of several states. */
export interface NondeterministicModel<State, Input, Output>
  extends Pick<Model<State, Input, Output>, "stateKey" | "partition" | "describe"> {
  /** Returns the possible initial states. */
  initial(): readonly State[];
  /** Returns the possible states after an operation; none if the operation cannot have this output in this state. */
  step(state: State, input: Input, output: Output | undefined): readonly State[];
}

/**
 * Returns the deterministic model whose state is the set of the states that are possible (the power set construction, as
 * Porcupine has it).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkLinearizable, nondeterministic } from "@charybdis/charybdis/checkers";
 *
 * // A write may be lost.
 * const cell = nondeterministic<number, number | null, number>({
 *   initial: () => [0],
 *   step: (state, input, output) => input !== null ? [state, input] : output === state ? [state] : [],
 * });
 * const calls = [
 *   { input: 7, called: 0, returned: 1 },
 *   { input: null, output: 0, called: 2, returned: 3 },
 *   { input: null, output: 7, called: 4, returned: 5 },
 * ];
 * assertEquals(checkLinearizable(calls.slice(0, 2), cell).valid, true);
 * assertEquals(checkLinearizable(calls, cell).valid, false);
 * ```
 */
export function nondeterministic<State, Input, Output>(
  model: NondeterministicModel<State, Input, Output>,
): Model<readonly State[], Input, Output> {
  const keyOf = (state: State): ValueKey => model.stateKey?.(state) ?? valueKey(state);
  const setOf = (states: Iterable<State>): readonly State[] => {
    const byKey = new Map<ValueKey, State>();
    for (const state of states) byKey.set(keyOf(state), state);
    return [...byKey].sort(([a], [b]) => compareValues(a, b)).map(([, state]) => state);
  };
  const { partition, describe } = model;
  return {
    initial: () => setOf(model.initial()),
    step: (states, input, output) => {
      const next = setOf(states.flatMap((state) => [...model.step(state, input, output)]));
      return next.length === 0 ? REFUSED : next;
    },
    stateKey: (states) => valueKey(states.map(keyOf)),
    // No operation is read-only, because a read narrows the set of states.
    ...(partition === undefined ? {} : { partition: (input) => partition(input) }),
    ...(describe === undefined ? {} : { describe: (input, output) => describe(input, output) }),
  };
}
