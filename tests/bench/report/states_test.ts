import { assertEquals } from "@std/assert";
import { nextChange, stateAt } from "../../../lib/bench/report/browser/states.ts";
import type { StateColumns } from "../../../lib/bench/report/data/report_data.ts";

const STATES: StateColumns = {
  values: ["1", '"leader"', "2"],
  tracks: [
    { node: 0, name: "role", at: [10], value: [1] },
    { node: 0, name: "term", at: [10, 20, 30, 40], value: [0, 2, -1, 0] },
    { node: 1, name: "term", at: [25], value: [2] },
  ],
  leftOut: { total: 6, notes: [] },
};

Deno.test("the state at a time is the same in whichever direction the time is reached", () => {
  const at = (time: number) =>
    stateAt(STATES, { node: 0, at: time }).map(({ value, previous, since }) => [value, previous, since]);
  const [none, first, second, down, again] = [9, 10, 29.9, 30, 1000].map(at);
  assertEquals(none, [[undefined, undefined, -Infinity], [undefined, undefined, -Infinity]]);
  assertEquals(first, [['"leader"', undefined, 10], ["1", undefined, 10]]);
  assertEquals(second, [['"leader"', undefined, 10], ["2", "1", 20]]);
  assertEquals(down?.[1], [undefined, "2", 30]);
  assertEquals(again?.[1], ["1", undefined, 40]);
  assertEquals([1000, 30, 29.9, 10, 9].map(at), [again, down, second, first, none]);
});

Deno.test("the next change is found in both directions, for one node or all", () => {
  assertEquals(nextChange(STATES, { at: 20, direction: "forward" }), 25);
  assertEquals(nextChange(STATES, { at: 20, direction: "forward", node: 0 }), 30);
  assertEquals(nextChange(STATES, { at: 20, direction: "backward" }), 10);
  assertEquals(nextChange(STATES, { at: 10, direction: "backward" }), undefined);
  assertEquals(nextChange(STATES, { at: 40, direction: "forward" }), undefined);
});
