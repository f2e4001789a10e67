import { assert, assertEquals } from "@std/assert";
import { ExecutedExchange } from "../../../lib/consensus/leaderless/executed_exchange.ts";

const NODES = ["n0", "n1", "n2"];

Deno.test("the floors are what all nodes and what a majority have executed", () => {
  const exchange = new ExecutedExchange("n0", NODES);
  assertEquals(exchange.learn("n0", { n0: 5, n1: 2 }), []);
  assertEquals(exchange.learn("n1", { n0: 4, n1: 2 }), []);
  assertEquals(exchange.majorityFloor, { n0: 4, n1: 2, n2: 0 });
  assertEquals(exchange.learn("n2", { n0: 2, n1: 0 }), ["n0.1", "n0.2"]);
  assertEquals(exchange.floor, { n0: 2, n1: 0, n2: 0 });
  assert(exchange.isStable("n0.2") && !exchange.isStable("n0.3"));
  assertEquals(exchange.learn("n2", { n0: 1 }), [], "an old message changes nothing");
  assertEquals(exchange.majorityFloor, { n0: 4, n1: 2, n2: 0 });
});

Deno.test("the missing instances are those that a node has executed and this one has not", () => {
  const exchange = new ExecutedExchange("n0", NODES);
  exchange.executed.add("n1.1");
  exchange.executed.add("n1.3");
  assertEquals(exchange.missingFrom({ n1: 4, n2: 1 }, 10), ["n1.2", "n1.4", "n2.1"]);
  assertEquals(exchange.missingFrom({ n2: 100 }, 2).length, 3);
});

Deno.test("a node sends its progress until all nodes have executed the same", () => {
  const exchange = new ExecutedExchange("n0", NODES);
  exchange.plan(0);
  assertEquals(exchange.gossipAt, Infinity);
  exchange.executed.add("n0.1");
  exchange.learn("n0", exchange.executed.upTo);
  exchange.plan(0);
  assert(!exchange.takeGossip(100) && exchange.takeGossip(200));
  for (const node of ["n1", "n2"]) exchange.tell(node);
  exchange.plan(200);
  assertEquals(exchange.gossipAt, 2200, "the others have not confirmed it");
  assert(exchange.takeGossip(2200));
  for (const node of ["n1", "n2"]) exchange.learn(node, { n0: 1 });
  exchange.plan(2200);
  assertEquals(exchange.gossipAt, Infinity);
});
