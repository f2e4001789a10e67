/** The parts of the machine by themselves: a peer, a hub's hubTiming, a leaf's leafTiming, a round trip. */

import { assert, assertEquals } from "@std/assert";
import { Peer } from "../../lib/gossip/peer/peer.ts";
import type { GossipMessage } from "../../lib/gossip/message.ts";
import { Origins, VersionVector } from "../../lib/gossip/origins.ts";
import { HubTiming } from "../../lib/gossip/strategies/hub_timing.ts";
import { LeafTiming } from "../../lib/gossip/strategies/leaf_timing.ts";
import { quantile, RoundTrip } from "../../lib/gossip/peer/round_trip.ts";

function said(incarnation: string, at: number, more: Partial<GossipMessage> = {}): GossipMessage {
  return { incarnation, sentAt: at, version: [], ...more };
}

const origins = new Origins();
const [x, y] = [origins.numberOf("x"), origins.numberOf("y")];

function peerFor(peer: string, self: string): Peer {
  return new Peer(peer, { self, origins });
}

function has(peer: Peer): Record<string, number> {
  return { x: peer.has.get(x), y: peer.has.get(y) };
}

Deno.test("a peer has what it said it has, and never less for an older message", () => {
  const peer = peerFor("b", "me");
  peer.receive(said("b1", 10, { version: ["x", 5] }), 100);
  peer.receive(said("b1", 5, { version: ["x", 3, "y", 1] }), 110);
  assertEquals(has(peer), { x: 5, y: 1 });
});

Deno.test("a peer that was started again has nothing but what it says", () => {
  const peer = peerFor("b", "me");
  peer.receive(said("b1", 1000, { version: ["x", 5] }), 100);
  assertEquals(peer.receive(said("b2", 0, { version: ["y", 1] }), 200), "restarted");
  assertEquals(has(peer), { x: 0, y: 1 });
});

Deno.test("a message of a former incarnation that comes late says nothing of what the peer has now", () => {
  const peer = peerFor("b", "me");
  peer.receive(said("b1", 1000, { version: ["x", 5], ack: ["me", 50, 0] }), 100);
  peer.receive(said("b2", 0), 200);
  assertEquals(peer.receive(said("b1", 1001, { version: ["x", 6], ack: ["me", 90, 0] }), 250), "stale");
  assertEquals(has(peer), { x: 0, y: 0 });
});

Deno.test("of two lives, the later one is that which heard the later message", () => {
  const peer = peerFor("b", "me");
  peer.receive(said("b2", 0, { version: ["y", 1] }), 100);
  peer.receive(said("b1", 1000, { version: ["x", 5] }), 150); // a former incarnation's greeting, very late: it cannot be told apart
  assertEquals(peer.receive(said("b2", 5, { version: ["y", 2], ack: ["me", 160, 0] }), 260), "restarted");
  assertEquals(has(peer), { x: 0, y: 2 });
  assertEquals(
    [peer.needsAllOrigins, peer.vectorKnown],
    [true, false],
    "it said y to somebody who then forgot it: it must say all again",
  );
  peer.receive(said("b2", 6, { version: ["x", 1, "y", 2], originsComplete: true }), 300);
  assertEquals([peer.needsAllOrigins, peer.vectorKnown], [false, true]);
});

Deno.test("two that were started again, and each took an old message for the other's present incarnation, find out", () => {
  const a = peerFor("b", "a2"); // at node a, of b
  const b = peerFor("a", "b2"); // at node b, of a
  a.receive(said("b2", 10), 100);
  a.receive(said("b1", 5), 110); // of the former b, late
  b.receive(said("a2", 10), 100);
  b.receive(said("a1", 5), 110);
  assertEquals(a.receive(said("b2", 200, b.ackFields(200)), 210), "stale");
  const refusal = a.ackFields(220);
  assertEquals(refusal, { ack: ["b2", 200, 10], ackRejected: true });
  assertEquals(b.receive(said("a2", 220, refusal), 230), "restarted");
  assertEquals(a.receive(said("b2", 240, b.ackFields(240)), 250), "restarted");
  assertEquals([a.confirmedAt, b.confirmedAt], [-Infinity, -Infinity], "what was refused was not taken in");
});

Deno.test("stamps that a former incarnation of this node sent prove nothing to this one", () => {
  const peer = peerFor("b", "me again");
  peer.receive(said("b1", 0, { ack: ["me", 5, 0] }), 100);
  assertEquals([peer.state, peer.roundTrip.medianMs], ["unknown", undefined]);
});

Deno.test("a peer that was given up is back once it answers something sent afterwards", () => {
  const peer = peerFor("b", "me");
  peer.recordSend(10, { replyTimeoutMs: 100 });
  peer.markUnreachable(200);
  assertEquals(peer.receive(said("b1", 0, { ack: ["me", 10, 0] }), 220), "ok");
  assertEquals(peer.state, "down");
  peer.recordSend(230, { replyTimeoutMs: 100 });
  assertEquals(peer.receive(said("b1", 9, { ack: ["me", 230, 0] }), 240), "recovered");
  assertEquals(peer.state, "up");
});

Deno.test("each message is waited for as long as its own answer may take", () => {
  const peer = peerFor("b", "me");
  peer.recordSend(0, { replyTimeoutMs: 100 }); // a question
  peer.recordSend(50, { replyTimeoutMs: 2000 }); // news, which may be acknowledged late
  assertEquals([peer.awaitingReplySince, peer.replyTimeoutMs], [0, 100]);
  peer.receive(said("b1", 0, { ack: ["me", 0, 0] }), 90);
  assertEquals([peer.awaitingReplySince, peer.replyTimeoutMs], [50, 2000]);
});

Deno.test("what is on its way is not unsent, what was acknowledged is not lacking", () => {
  const peer = peerFor("b", "me");
  const vector = new VersionVector([5]);
  assert(peer.isBehind(vector) && peer.hasUnsent(vector));
  peer.markSent(x, 5, 100);
  assertEquals([peer.isBehind(vector), peer.hasUnsent(vector), peer.unacknowledgedSince], [true, false, 100]);
  peer.receive(said("b1", 0, { version: ["x", 5] }), 200);
  assertEquals([peer.isBehind(vector), peer.hasUnsent(vector), peer.unacknowledgedSince], [
    false,
    false,
    undefined,
  ]);
});

Deno.test("whoever echoes a message has what it showed, but not what another one showed that may be lost", () => {
  const peer = peerFor("b", "me");
  peer.receive(said("b1", 0), 0);
  peer.recordSend(10, { shows: new VersionVector([2, 1]) });
  peer.recordSend(20, { shows: new VersionVector([1]) });
  peer.receive(said("b1", 30, { ack: ["me", 20, 0] }), 40);
  assertEquals(has(peer), { x: 1, y: 0 });
  peer.receive(said("b1", 31, { ack: ["me", 10, 0] }), 41);
  assertEquals(has(peer), { x: 1, y: 0 }, "what was heard before the last word of it is not remembered");
});

Deno.test("an echo proves nothing where two messages have its stamp, nor to another incarnation, nor where it refuses", () => {
  const peer = peerFor("b", "me");
  peer.receive(said("b1", 0), 0);
  peer.recordSend(10, { shows: new VersionVector([1]) });
  peer.recordSend(10);
  peer.receive(said("b1", 20, { ack: ["me", 10, 0] }), 30);
  peer.recordSend(40, { shows: new VersionVector([1]) });
  peer.receive(said("b1", 50, { ack: ["me", 40, 0], ackRejected: true }), 60);
  peer.receive(said("b2", 0, { ack: ["me", 40, 0] }), 70);
  assertEquals(has(peer), { x: 0, y: 0 });
});

Deno.test("what a message showed need not be said to whoever is told that it was heard", () => {
  const peer = peerFor("b", "me");
  peer.receive(said("b1", 10), 20);
  peer.recordSeenByPeer(new VersionVector([3]), { stamp: 10, now: 20 });
  assertEquals([peer.provenUpTo(x), peer.provenUpTo(y), peer.has.get(x)], [3, 0, 3]);
  peer.receive(said("b1", 30), 40);
  assertEquals(peer.provenUpTo(x), 0, "another one will be named as heard");
  peer.recordSeenByPeer(new VersionVector([4]), { stamp: 25, now: 50 });
  assertEquals([peer.provenUpTo(x), peer.has.get(x)], [0, 4], "one that was overtaken is not");
});

Deno.test("a round trip is measured without what the other side waited", () => {
  const peer = peerFor("b", "me");
  peer.recordSend(1000);
  peer.receive(said("b1", 0, { ack: ["me", 1000, 350] }), 1550);
  assertEquals(peer.roundTrip.medianMs, 200);
});

Deno.test("a round trip is the middle of the latest ones, so that one hiccup counts for nothing", () => {
  const trip = new RoundTrip();
  assertEquals([trip.medianMs, trip.deviationMs], [undefined, 0]);
  trip.sample(500); // while all processes were starting
  assertEquals([trip.medianMs, trip.deviationMs], [500, 0]);
  trip.sample(200);
  trip.sample(210);
  assertEquals([trip.medianMs, trip.deviationMs], [210, 290]);
  for (let i = 0; i < 9; i++) trip.sample(300);
  assertEquals([trip.medianMs, trip.deviationMs], [300, 0]);
  const back = new RoundTrip();
  back.sample(-5); // a clock that was moved
  assertEquals(back.medianMs, 0);
});

Deno.test("a quantile is the smallest that the part asked for does not exceed", () => {
  assertEquals(quantile([], 0.5), undefined);
  assertEquals([0, 0.2, 0.5, 0.8, 1].map((q) => quantile([5, 1, 4, 2, 3], q)), [1, 1, 3, 4, 5]);
});

Deno.test("a round lasts as long as the allowed latency permits: less the way, the grace and the guard", () => {
  const hubTiming = new HubTiming(1900);
  assertEquals(hubTiming.roundMs, 950); // nothing is known of the distance yet
  hubTiming.onScatter(0, { roundTripMs: 200, deviationMs: 0 });
  const roundMs = 1900 - 152 - 25 - 200;
  assertEquals([hubTiming.roundMs, hubTiming.gatherLeadMs, hubTiming.dueAt(false), hubTiming.dueAt(true)], [
    roundMs,
    25,
    roundMs,
    roundMs - 50,
  ]);
  hubTiming.measure({ roundTripMs: 200, deviationMs: 50 });
  assertEquals([hubTiming.roundMs, hubTiming.gatherLeadMs], [1900 - (152 - 37.5) - 100 - 200, 100]);
  hubTiming.measure({ roundTripMs: 5000, deviationMs: 0 });
  assertEquals(hubTiming.roundMs, 0.33 * 1900); // too far for what is allowed: as good as can be, but no storm
});

Deno.test("for a gather that was late there is a scatter between the rounds, but not always", () => {
  const hubTiming = new HubTiming(1000);
  hubTiming.onScatter(0, { roundTripMs: 200, deviationMs: 0 });
  const { roundMs } = hubTiming;
  assertEquals(roundMs, 1000 - 80 - 25 - 200);
  assertEquals(hubTiming.earlyScatterAt(roundMs, 20), 20 + 25 + 80); // it had waited a whole round already
  assertEquals(
    hubTiming.earlyScatterAt(2 * roundMs, 20),
    20 + 25,
    "at once, but for others that may be late with it",
  );
  assertEquals(hubTiming.earlyScatterAt(100, 20), undefined); // it has the time to wait for the next one
  for (let i = 0; i < 3; i++) hubTiming.onEarlyScatter();
  assertEquals(hubTiming.earlyScatterAt(roundMs, 20), undefined, "three times at once is enough");
  for (let i = 1; i <= 11; i++) hubTiming.onScatter(roundMs * i, { roundTripMs: 200, deviationMs: 0 });
  assert(hubTiming.earlyScatterAt(roundMs, roundMs * 11 + 20) !== undefined, "ten rounds earn one");
});

const NEAR = { roundTripMs: 200, gatherLeadMs: 15 };

Deno.test("in a quiet cluster news leave at once", () => {
  const leafTiming = new LeafTiming(500);
  assert(leafTiming.dueAt(1000, NEAR) <= 1000);
  leafTiming.onScatter(1000, { roundMs: 700, ...NEAR });
  assert(leafTiming.dueAt(1731, NEAR) <= 1731, "the next scatter was due at 1700, and did not come");
});

Deno.test("in the rhythm news arrive at the hub a grace before its next scatter", () => {
  const leafTiming = new LeafTiming(500);
  leafTiming.onScatter(1000, { roundMs: 700, ...NEAR });
  const slot = 1000 + 700 - 200 - 15;
  assertEquals(leafTiming.dueAt(1200, NEAR), slot);
  assertEquals(
    leafTiming.dueAt(slot + 1, NEAR),
    1730,
    "too late: they wait for the next scatter, or see that none comes",
  );
  leafTiming.onGather(slot);
  assertEquals(leafTiming.dueAt(slot + 50, NEAR), slot + 200 + 700 + 30, "the answer is waited for");
  leafTiming.onScatter(1700, { roundMs: 700, ...NEAR });
  assertEquals(leafTiming.dueAt(slot + 50, NEAR), slot + 700);
});

Deno.test("a scatter that comes before the gather was sent does not put it off", () => {
  const leafTiming = new LeafTiming(500);
  leafTiming.onScatter(1000, { roundMs: 300, ...NEAR });
  const slot = leafTiming.dueAt(1010, NEAR);
  for (let now = 1050; now < 1500; now += 50) {
    leafTiming.onScatter(now, { roundMs: 300, ...NEAR });
    assert(leafTiming.dueAt(1010, NEAR) <= slot);
  }
});

Deno.test("a scatter at the very moment at which news are due does not put them off", () => {
  const leafTiming = new LeafTiming(500);
  leafTiming.onScatter(1000, { roundMs: 700, ...NEAR });
  const slot = leafTiming.dueAt(1010, NEAR);
  leafTiming.onScatter(slot, { roundMs: 700, ...NEAR });
  assertEquals(leafTiming.dueAt(1010, NEAR), slot);
});

Deno.test("further away than a round: news leave so as to meet the scatter after the next", () => {
  const leafTiming = new LeafTiming(500);
  leafTiming.onScatter(1000, { roundMs: 300, roundTripMs: 500, gatherLeadMs: 15 });
  assertEquals(leafTiming.dueAt(1001, { roundTripMs: 500, gatherLeadMs: 15 }), 1000 + 300 - (500 - 300) - 15);
  assertEquals(
    leafTiming.dueAt(1000, { roundTripMs: 310, gatherLeadMs: 15 }),
    1000,
    "just as far as a round: at once",
  );
});
