import { assertEquals } from "@std/assert";
import { NextAction } from "../../lib/gossip/next_action.ts";
import { Origins } from "../../lib/gossip/origins.ts";
import { Peer } from "../../lib/gossip/peer/peer.ts";

Deno.test("NextAction: nothing is due and no deadline is set without actions", () => {
  const actions = new NextAction(10);
  actions.schedule(Infinity, () => {});
  assertEquals([actions.isDue, actions.deadline], [false, Infinity]);
});

Deno.test("NextAction: the first scheduled action that is due is chosen, not the earliest", () => {
  const run: string[] = [];
  const actions = new NextAction(10);
  actions.schedule(11, () => run.push("later"));
  actions.schedule(10, (now) => run.push(`first at ${now}`));
  actions.schedule(3, () => run.push("earlier, but scheduled after it"));
  actions.run();
  assertEquals([run, actions.deadline], [["first at 10"], 3]);
});

Deno.test("NextAction: the deadline is the earliest time of all actions", () => {
  const actions = new NextAction(10);
  for (const at of [40, 20, 30]) actions.schedule(at, () => {});
  assertEquals([actions.isDue, actions.deadline], [false, 20]);
});

Deno.test("NextAction: an action for a peer is called with that peer", () => {
  const peer = new Peer("b", { self: "me", origins: new Origins() });
  const actions = new NextAction(10);
  let called: unknown;
  actions.scheduleFor(peer, 5, (...given) => called = given);
  actions.run();
  assertEquals(called, [peer, 10]);
});
