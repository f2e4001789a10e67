import { assertEquals } from "@std/assert";
import type { Call, Model } from "../../../lib/checkers/linearizable/model.ts";
import { isOrdered, orderedCalls, orderedModel } from "../../../lib/checkers/linearizable/ordered.ts";

type Times = readonly [order: number | undefined, called: number, returned: number | null];

const orderOf = (input: number | undefined) => input;

/** Returns the intervals after they are shortened. */
function shortened(...calls: readonly Times[]): (readonly [number, number | null])[] {
  return orderedCalls(
    calls.map(([input, called, returned]): Call<number | undefined, null> => ({ input, called, returned })),
    orderOf,
  ).map(({ called, returned }) => [called, returned]);
}

Deno.test("an operation is called after smaller numbers are, and returns before larger ones do", () => {
  assertEquals(shortened([1, 4, 20], [2, 0, 20], [3, 0, 6]), [[4, 6], [4, 6], [4, 6]]);
  assertEquals(shortened([3, 0, 6], [2, 0, 20], [1, 4, 20]), [[4, 6], [4, 6], [4, 6]]);
  assertEquals(shortened([1, 4, 9], [2, 2, 9], [3, 3, 9]), [[4, 9], [4, 9], [4, 9]]);
  assertEquals(shortened([1, 0, 9], [2, 5, 9], [3, 3, 9]), [[0, 9], [5, 9], [5, 9]]);
});

Deno.test("equal numbers, none, and operations without a return shorten no interval", () => {
  assertEquals(shortened([1, 5, 9], [1, 0, 3]), [[5, 9], [0, 3]]);
  assertEquals(shortened([undefined, 5, 9], [1, 0, 20]), [[5, 9], [0, 20]]);
  assertEquals(shortened([1, 5, null], [2, 0, 20]), [[5, null], [0, 20]]);
  assertEquals(shortened([1, 0, 20], [1, 3, 20], [2, 1, 9]), [[0, 9], [3, 9], [3, 9]]);
});

Deno.test("operations whose numbers contradict real time keep their intervals", () => {
  assertEquals(shortened([1, 5, 6], [2, 0, 3]), [[5, 6], [0, 3]]);
});

Deno.test("an ordered model keeps its parts and descriptions, and refuses smaller numbers", () => {
  const model: Model<number, number | undefined, null> = {
    initial: () => 0,
    step: (count) => count + 1,
    partition: (input) => `part ${input}`,
    describe: (input) => `operation ${input}`,
  };
  const ordered = orderedModel(model, orderOf);
  assertEquals([ordered.partition?.(1), ordered.describe?.(1, null)], ["part 1", "operation 1"]);
  const { partition, describe } = orderedModel({ initial: model.initial, step: model.step }, orderOf);
  assertEquals([partition, describe], [undefined, undefined]);
  const counts = (...inputs: readonly (number | undefined)[]) => {
    let state = ordered.initial();
    for (const input of inputs) {
      const next = ordered.step(state, input, null);
      if (!isOrdered(next)) return "refused";
      state = next;
    }
    return state.state;
  };
  assertEquals([counts(1, undefined, 1, 2), counts(2, undefined, 1)], [4, "refused"]);
});
