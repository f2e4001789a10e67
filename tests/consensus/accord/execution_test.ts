import { assertEquals } from "@std/assert";
import { type Executable, Execution } from "../../../lib/consensus/accord/execution.ts";
import { SAFETY_RULES } from "../../../lib/consensus/accord/safety_rules.ts";
import { InstanceSet } from "../../../lib/consensus/leaderless/instance_ids.ts";

interface Given {
  readonly at: number;
  readonly deps?: readonly string[];
  readonly floor?: Readonly<Record<string, number>>;
  readonly isEmpty?: boolean;
}

/** Returns the order in which transactions are executed that are committed in a given order. */
function orderOf(given: Readonly<Record<string, Given>>, committed: readonly string[]): readonly string[] {
  const known = new Map<string, Executable>();
  const order: string[] = [];
  const execution = new Execution({
    transactionOf: (id) => known.get(id),
    executed: new InstanceSet(),
    rules: SAFETY_RULES,
    execute: ({ id }) => order.push(id),
  });
  for (const id of committed) {
    const { at, deps = [], floor = {}, isEmpty = false } = given[id] ?? { at: 0 };
    const transaction: Executable = {
      id,
      phase: "committed",
      commands: isEmpty ? null : [],
      executeAt: at,
      deps: { ids: deps, floor },
    };
    known.set(id, transaction);
    execution.committed([transaction]);
  }
  return order;
}

Deno.test("transactions that depend on each other are executed in the order of timestamps", () => {
  const given = {
    "a.1": { at: 3, deps: ["b.1", "c.1"] },
    "b.1": { at: 1, deps: ["a.1", "c.1"] },
    "c.1": { at: 2, deps: ["a.1", "b.1"] },
  };
  for (const committed of [["a.1", "b.1", "c.1"], ["c.1", "b.1", "a.1"], ["b.1", "a.1", "c.1"]]) {
    assertEquals(orderOf(given, committed), ["b.1", "c.1", "a.1"]);
  }
});

Deno.test("a transaction waits for an undecided dependency, and for no other", () => {
  assertEquals(orderOf({ "a.1": { at: 1, deps: ["b.1"] }, "c.1": { at: 2 } }, ["a.1", "c.1"]), ["c.1"]);
});

Deno.test("an empty transaction is done at once, and holds nothing up", () => {
  const given = { "a.1": { at: 2, deps: ["b.1"] }, "b.1": { at: 0, isEmpty: true, deps: ["c.9"] } };
  assertEquals(orderOf(given, ["a.1", "b.1"]), ["b.1", "a.1"]);
});

Deno.test("all transactions up to a floor are dependencies", () => {
  const given = { "a.1": { at: 9, floor: { b: 2 } }, "b.1": { at: 1 }, "b.2": { at: 2 } };
  assertEquals(orderOf(given, ["a.1", "b.2", "b.1"]), ["b.2", "b.1", "a.1"]);
});

Deno.test("a chain of 20,000 transactions that arrives backwards is executed", () => {
  const given: Record<string, Given> = {};
  for (let i = 1; i <= 20_000; i++) given[`a.${i}`] = { at: i, deps: i === 1 ? [] : [`a.${i - 1}`] };
  const order = orderOf(given, Object.keys(given).reverse());
  assertEquals(order.length, 20_000);
  assertEquals(order.at(-1), "a.20000");
});
