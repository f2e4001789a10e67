/** The order of final reads, which begin at the same time. */

import { assertEquals } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import { finalOrders } from "../../../lib/bench/explore/final_reads.ts";

/** Returns a history of one earlier event, and of final reads at three nodes that begin together. */
function historyOf(values: readonly unknown[]): Event[] {
  const event = (fields: Partial<Event>): Event => ({
    index: 0,
    time: 5,
    process: 0,
    type: "invoke",
    f: "read",
    value: null,
    ...fields,
  });
  const reads = values.map((value, process) => ({ process, value, final: true }));
  return [
    event({ f: "add", value: 1 }),
    ...reads.map(({ process, final }) => event({ process, final })),
    ...reads.map((read) => event({ ...read, type: "ok" })),
  ].map((each, index) => ({ ...each, index }));
}

const lastReaderOf = (history: readonly Event[]) =>
  history.findLast(({ type }) => type === "invoke")?.process;

Deno.test("reads that differ come in an order for each last reader, with consecutive indexes", () => {
  const history = historyOf([[1], [], []]);
  const orders = [...finalOrders(history)];
  assertEquals(orders.map(lastReaderOf), [2, 1, 0]);
  for (const order of orders) {
    assertEquals(order.map(({ index }) => index), history.map(({ index }) => index));
    assertEquals(order[0], history[0]);
    assertEquals(order.slice(4), history.slice(4));
  }
});

Deno.test("reads with equal values have one order for every order of their elements", () => {
  assertEquals([...finalOrders(historyOf([[1, 2], [2, 1], [1, 2]]))].length, 1);
});

Deno.test("reads of integers beyond 2^53 are compared exactly", () => {
  assertEquals([...finalOrders(historyOf([2n ** 60n, 2n ** 60n]))].length, 1);
  assertEquals([...finalOrders(historyOf([2n ** 60n, 2n ** 60n + 1n]))].length, 2);
  assertEquals([...finalOrders(historyOf([[2n ** 60n], [2n ** 60n]]))].length, 1);
});

Deno.test("a history without final operations has one order", () => {
  const history = historyOf([[1], []]).map(({ final: _, ...event }) => event);
  assertEquals([...finalOrders(history)], [history]);
});
