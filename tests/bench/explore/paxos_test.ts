/**
 * Single-decree Paxos with 3 servers and 2 clients, each of which writes and then reads, as in Stateright's example. Stateright
 * reports 16,668 states for these bounds; here, a client's messages take no time, so that there are fewer.
 */

import { assert, assertEquals } from "@std/assert";
import { explore, exploreStates, rerun } from "../../../lib/bench/explore/explore.ts";
import { failureKinds } from "../../../lib/bench/replay/case.ts";
import { forgetfulPaxos, paxos } from "./support/paxos.ts";
import { longTest, soaking } from "../../seeds.ts";
import { paxosScope } from "./support/paxos_scope.ts";

/** The number of schedules and of pruned executions after which a search ends. */
const EXECUTIONS_MAX = soaking ? 1_000_000 : 2_000;
const stopped = ({ schedules, pruned }: { readonly schedules: number; readonly pruned: number }) =>
  schedules + pruned >= EXECUTIONS_MAX;

Deno.test("one write has 105 states and 36 schedules, all of which hold", async () => {
  const scope = paxosScope(paxos, 1);
  const states = await exploreStates(scope, { stopped });
  assertEquals([states.states, states.exhausted, states.failing], [105, true, undefined]);
  const orders = await explore(scope, { stopped });
  assertEquals([orders.schedules, orders.exhausted, orders.failing], [36, true, undefined]);
});

Deno.test("two writes have 6,543 states, and with the reads 14,275", { ignore: !soaking }, async () => {
  for (const [operationCount, expected] of [[2, 6543], [4, 14_275]] as const) {
    const { states, exhausted, failing } = await exploreStates(paxosScope(paxos, operationCount), {
      stopped,
    });
    assertEquals([states, exhausted, failing], [expected, true, undefined]);
  }
});

longTest("a server that ignores accepted values is found in either search, and replays", async () => {
  const scope = paxosScope(forgetfulPaxos, 4);
  for (const found of [await exploreStates(scope, { stopped }), await explore(scope, { stopped })]) {
    assert(found.failing !== undefined, `${found.schedules} schedules hold`);
    assertEquals([...failureKinds(found.failing.result)], ["not-linearizable"]);
    const again = await rerun(scope, found.failing.steps);
    assertEquals(again.explored.history, found.failing.explored.history);
  }
});

longTest("the correct server holds in as many schedules as show the wrong one", async () => {
  const { failing, states } = await exploreStates(paxosScope(paxos, 4), { stopped });
  assertEquals(failing, undefined);
  assert(states > 1000);
});
