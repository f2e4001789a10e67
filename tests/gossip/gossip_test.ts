import { assertEquals, assertThrows } from "@std/assert";
import { GOSSIP } from "../../lib/gossip/message.ts";
import { Gossip, type GossipOptions } from "../../lib/gossip/mod.ts";
import { OriginLogs } from "../../lib/log/mod.ts";
import { InvariantError } from "../../lib/protocol/errors.ts";

function options(more: Partial<GossipOptions> = {}): GossipOptions {
  const replica = new OriginLogs({ origin: "a.1", deliver: () => {} });
  return {
    self: "a",
    ids: ["a", "b"],
    incarnation: "1",
    replica,
    dissemination: "hub",
    latencyMsMax: 1000,
    ...more,
  };
}

Deno.test("a node that is not among the nodes of the cluster breaks an invariant", () => {
  assertThrows(() => new Gossip(options({ self: "z" })), InvariantError);
});

Deno.test("a replica whose delta is empty although it has changes breaks an invariant", () => {
  const replica = {
    vector: new Map([["a.1", 1]]),
    isOwn: () => true,
    delta: (_origin: string, after: number) => ({ payload: [], upTo: after, size: 0 }),
    merge: () => 0,
  };
  assertThrows(() => new Gossip(options({ replica })).start(0), InvariantError, "is empty");
});

Deno.test("a message from outside of the cluster is ignored", () => {
  const gossip = new Gossip(options());
  gossip.start(0);
  gossip.takeOutbox();
  gossip.receive("z", { type: GOSSIP, incarnation: "z1", sentAt: 0, version: [], requestReply: true }, 10);
  assertEquals(gossip.takeOutbox(), []);
});

Deno.test("a node without peers has no deadline", () => {
  const gossip = new Gossip(options({ ids: ["a"] }));
  gossip.start(0);
  assertEquals([gossip.deadline, gossip.takeOutbox()], [Infinity, []]);
});
