/** Linearizability with hints: numbers such as revisions that order operations, and make hard histories easy. */

import { valueKey } from "../value_key.ts";
import { type Call, type Model, REFUSED } from "./model.ts";

/** A state with the largest number of the operations that led to it. */
class OrderedState<State> {
  readonly state: State;
  readonly last: number;

  constructor(state: State, last: number) {
    this.state = state;
    this.last = last;
  }
}

/** Returns true if a state is one of {@linkcode orderedModel}. */
export function isOrdered(state: unknown): state is OrderedState<unknown> {
  return state instanceof OrderedState;
}

/** Returns the number of an operation; undefined if it has none. */
type OrderOf<Input, Output> = (input: Input, output: Output | undefined) => number | undefined;

/** Returns the model that refuses an operation whose number is smaller than that of an earlier one. */
export function orderedModel<State, Input, Output>(
  model: Model<State, Input, Output>,
  orderOf: OrderOf<Input, Output>,
): Model<OrderedState<State>, Input, Output> {
  const { partition, describe, stateKey } = model;
  return {
    initial: () => new OrderedState(model.initial(), -Infinity),
    step: ({ state, last }, input, output) => {
      const order = orderOf(input, output) ?? last;
      if (order < last) return REFUSED;
      const next = model.step(state, input, output);
      return next === REFUSED ? REFUSED : new OrderedState(next, order);
    },
    stateKey: ({ state, last }) => `${last} ${String(valueKey(stateKey?.(state) ?? state))}`,
    ...(partition === undefined ? {} : { partition: (input) => partition(input) }),
    ...(describe === undefined ? {} : { describe: (input, output) => describe(input, output) }),
    // No operation is read-only, because its number may change that of the state.
  };
}

/**
 * Returns the calls with shorter intervals: an operation takes effect neither before one with a smaller number was called,
 * nor after one with a larger number has returned.
 */
export function orderedCalls<Input, Output>(
  calls: readonly Call<Input, Output>[],
  orderOf: OrderOf<Input, Output>,
): Call<Input, Output>[] {
  const numbered = calls.flatMap((call, index) => {
    const order = call.returned === null ? undefined : orderOf(call.input, call.output);
    return order === undefined ? [] : [{ index, order, called: call.called, returned: call.returned }];
  }).sort((a, b) => a.order - b.order);
  const shortened = [...calls];
  tighten(numbered, (earlier, each) => {
    each.called = Math.max(each.called, earlier.called);
  });
  tighten(numbered.toReversed(), (later, each) => {
    if (each.returned !== null && later.returned !== null) {
      each.returned = Math.min(each.returned, later.returned);
    }
  });
  for (const { index, called, returned } of numbered) {
    const call = calls[index];
    // An empty interval contradicts real time. The call keeps its own, so that the search explains the contradiction.
    if (call === undefined || (returned !== null && called > returned)) continue;
    shortened[index] = { ...call, called, returned };
  }
  return shortened;
}

interface Numbered {
  readonly order: number;
  called: number;
  returned: number | null;
}

/** Applies a bound of each operation to those with another number that follow it. */
function tighten<N extends Numbered>(sorted: readonly N[], bound: (bounding: N, each: N) => void): void {
  let bounding: N | undefined;
  let group: N[] = [];
  for (const each of sorted) {
    const [first] = group;
    if (first !== undefined && first.order !== each.order) {
      for (const member of group) {
        if (bounding === undefined) bounding = { ...member };
        else bound(member, bounding);
      }
      group = [];
    }
    group.push(each);
    if (bounding !== undefined) bound(bounding, each);
  }
}
