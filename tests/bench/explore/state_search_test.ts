/** The search through states finds every outcome of a search through all orders. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import { explore, exploreStates, type Scope } from "../../../lib/bench/explore/explore.ts";
import { search } from "../../../lib/bench/explore/search.ts";
import { searchStates } from "../../../lib/bench/explore/state_search.ts";
import { stateText } from "../../../lib/bench/explore/state_text.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { forSeeds, longTest, soaking } from "../../seeds.ts";
import { scopeOf, stopped } from "./scopes.ts";
import { drawModel, ModelExecution } from "./support/model.ts";
import { PaxosSpecification } from "./support/paxos_specification.ts";

longTest("each state is visited once, and every outcome is found", async () => {
  let [orders, executions] = [0, 0];
  await forSeeds({ slice: 20, full: 1000 }, async (random, seed) => {
    const model = drawModel(random, seed);
    const outcomes = new Set<string>();
    const options = {
      begin: () => Promise.resolve(new ModelExecution(model)),
      visit: (outcome: string) => {
        outcomes.add(outcome);
        return true;
      },
    };
    const all = await search({
      ...options,
      reduces: false,
      stopped: ({ schedules }) => schedules >= (soaking ? 3000 : 1000),
    });
    if (!all.exhausted) return;
    const expected = new Set(outcomes);
    outcomes.clear();
    const found = await searchStates({ ...options, stopped: () => false });
    assertEquals([found.exhausted, outcomes], [true, expected], JSON.stringify(model));
    orders += all.schedules;
    executions += found.schedules + found.pruned;
  });
  assert(executions * 2 < orders, `${executions} executions of ${orders} orders`);
});

/** Counts the messages of its peers, up to two. `shows` is true if the node watches its count. */
function counter(shows: boolean) {
  return (node: Node) => {
    let count = 0;
    if (shows) node.watch("count", () => count);
    node.on("echo", ({ echo }) => {
      for (const peer of node.peers) node.send(peer, { type: "tell" });
      return { echo: String(echo) };
    });
    node.on("tell", () => void (count = Math.min(2, count + 1)));
  };
}

function echoScope(program: (node: Node) => void): Scope {
  return scopeOf("echo", { nodes: 4, operationCount: 2, program, settleMs: 0 });
}

longTest("a cluster has fewer states than orders", async () => {
  const scope = echoScope(counter(true));
  const [orders, states] = [
    await explore(scope, { stopped, reduces: false }),
    await exploreStates(scope, { stopped }),
  ];
  assertEquals([orders.exhausted, states.exhausted, states.failing], [true, true, undefined]);
  assert(
    states.schedules + states.pruned < orders.schedules / 5,
    `${states.schedules} of ${orders.schedules}`,
  );
});

Deno.test("a node that watches nothing has no known state", async () => {
  await assertRejects(
    () => exploreStates(echoScope(counter(false)), { stopped }),
    BenchError,
    "watches no value",
  );
});

Deno.test("a state's text depends on what ended before an operation, not on the order of steps", () => {
  const event = (process: number, type: "invoke" | "ok") => ({
    index: 0,
    time: 0,
    process,
    type,
    f: "r",
    value: 1,
  });
  const text = (history: ReturnType<typeof event>[]) =>
    stateText({ nodes: [], messages: [], timers: [], history, spent: {} });
  const [a, b, endA, endB] = [event(0, "invoke"), event(1, "invoke"), event(0, "ok"), event(1, "ok")];
  assertEquals(text([a, b, endA, endB]), text([b, a, endB, endA]), "both are concurrent");
  assert(text([a, endA, b, endB]) !== text([a, b, endA, endB]), "one ends before the other begins");
});

Deno.test("a state's text holds integers of any size", () => {
  const text = (stamp: bigint) => {
    const message = { src: "n0", dest: "n1", body: { type: "gossip", stamp } };
    const event = { index: 0, time: 0, process: 0, type: "ok", f: "read", value: stamp } as const;
    return stateText({
      nodes: [],
      messages: [{ message, copies: 1 }],
      timers: [],
      history: [event],
      spent: {},
    });
  };
  assertEquals(text(2n ** 60n), text(2n ** 60n));
  assert(text(2n ** 60n) !== text(2n ** 60n + 1n));
});

Deno.test("the search finds the 3,921 states that TLC reports for a specification of Paxos", async () => {
  const begin = () => Promise.resolve(new PaxosSpecification());
  const decided = new Set<string>();
  const visit = (values: readonly string[]) => {
    assert(values.length <= 1, "two values are decided");
    decided.add(values.join());
    return true;
  };
  const found = await searchStates({ begin, visit, stopped: () => false });
  assertEquals([found.states, found.exhausted], [3921, true]);
  assertEquals([...decided].sort(), ["v1", "v2"]);
});
