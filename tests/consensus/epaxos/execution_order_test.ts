import { assertEquals } from "@std/assert";
import { executionOrder, type Readiness } from "../../../lib/consensus/epaxos/execution_order.ts";

/** Returns the order of instances with these dependencies. One without an entry is not committed. */
function orderOf(
  graph: Readonly<Record<string, readonly string[]>>,
  executed: readonly string[] = [],
): string[] {
  const readiness = (id: string): Readiness => {
    if (executed.includes(id)) return { kind: "executed" };
    const deps = graph[id];
    return deps === undefined ? { kind: "open" } : { kind: "committed", deps };
  };
  return executionOrder(Object.keys(graph), readiness);
}

Deno.test("an instance comes after its dependencies", () => {
  assertEquals(orderOf({ "n0.3": ["n0.2"], "n0.2": ["n1.1"], "n1.1": [] }), ["n1.1", "n0.2", "n0.3"]);
  assertEquals(orderOf({ "n0.2": ["n0.1"] }, ["n0.1"]), ["n0.2"]);
});

Deno.test("instances that depend on each other are in the order of their names", () => {
  const cycle = { "n1.1": ["n0.2"], "n0.1": ["n1.1"], "n0.2": ["n0.1"] };
  const expected = ["n0.1", "n1.1", "n0.2"];
  assertEquals(orderOf(cycle), expected);
  assertEquals(orderOf(Object.fromEntries(Object.entries(cycle).reverse())), expected);
});

Deno.test("an instance that reaches an open one waits, and so does its whole cycle", () => {
  assertEquals(
    orderOf({ "n0.1": ["n1.1"], "n1.1": ["n0.1", "n2.1"], "n0.2": ["n0.1"], "n3.1": [] }),
    ["n3.1"],
  );
});

Deno.test("a chain of 20,000 instances does not exhaust the stack", () => {
  const chain = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, i) => [`n0.${i + 1}`, i === 0 ? [] : [`n0.${i}`]]).reverse(),
  );
  assertEquals(orderOf(chain).length, 20_000);
});
