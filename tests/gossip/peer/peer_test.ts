import { assert, assertEquals } from "@std/assert";
import { GOSSIP, type GossipMessage } from "../../../lib/gossip/message.ts";
import { Origins } from "../../../lib/gossip/origins.ts";
import { Peer } from "../../../lib/gossip/peer/peer.ts";
import { VersionVector } from "../../../lib/gossip/version_vector.ts";

function gossip(incarnation: string, sentAt: number, more: Partial<GossipMessage> = {}): GossipMessage {
  return { type: GOSSIP, incarnation, sentAt, version: [], ...more };
}

const origins = new Origins();
const [x, y] = [origins.numberOf("x"), origins.numberOf("y")];

function peerFor(id: string, self: string): Peer {
  return new Peer(id, { self, origins });
}

function has(peer: Peer): Record<string, number> {
  return { x: peer.delivery.has.get(x), y: peer.delivery.has.get(y) };
}

Deno.test("a peer has the counts that it sent, and an older message does not lower them", () => {
  const peer = peerFor("b", "me");
  peer.receive(gossip("b1", 10, { version: ["x", 5] }), 100);
  peer.receive(gossip("b1", 5, { version: ["x", 3, "y", 1] }), 110);
  assertEquals(has(peer), { x: 5, y: 1 });
});

Deno.test("a restarted peer has only the counts that its new incarnation sent", () => {
  const peer = peerFor("b", "me");
  peer.receive(gossip("b1", 1000, { version: ["x", 5] }), 100);
  assertEquals(peer.receive(gossip("b2", 0, { version: ["y", 1] }), 200), "restarted");
  assertEquals(has(peer), { x: 0, y: 1 });
});

Deno.test("a late message from a previous incarnation is stale and changes nothing", () => {
  const peer = peerFor("b", "me");
  peer.receive(gossip("b1", 1000, { version: ["x", 5], ack: ["me", 50, 0] }), 100);
  peer.receive(gossip("b2", 0), 200);
  assertEquals(peer.receive(gossip("b1", 1001, { version: ["x", 6], ack: ["me", 90, 0] }), 250), "stale");
  assertEquals(has(peer), { x: 0, y: 0 });
});

Deno.test("an incarnation replaced by mistake is current again once it echoes a later message", () => {
  const peer = peerFor("b", "me");
  peer.receive(gossip("b2", 0, { version: ["y", 1] }), 100);
  peer.receive(gossip("b1", 1000, { version: ["x", 5] }), 150); // very late, and without an echo
  const event = peer.receive(gossip("b2", 5, { version: ["y", 2], ack: ["me", 160, 0] }), 260);
  assertEquals(event, "restarted");
  assertEquals(has(peer), { x: 0, y: 2 });
  assertEquals(
    [peer.vectors.needsAllOrigins, peer.vectors.peerVectorKnown],
    [true, false],
    "the count of y was discarded, so the peer must list all origins again",
  );
  peer.receive(gossip("b2", 6, { version: ["x", 1, "y", 2], originsComplete: true }), 300);
  assertEquals([peer.vectors.needsAllOrigins, peer.vectors.peerVectorKnown], [false, true]);
});

Deno.test("two restarted nodes that each accepted an old message reject each other once, then agree", () => {
  const a = peerFor("b", "a2"); // at node a, about b
  const b = peerFor("a", "b2"); // at node b, about a
  a.receive(gossip("b2", 10), 100);
  a.receive(gossip("b1", 5), 110); // late, from the previous incarnation of b
  b.receive(gossip("a2", 10), 100);
  b.receive(gossip("a1", 5), 110);
  assertEquals(a.receive(gossip("b2", 200, b.ackFields(200)), 210), "stale");
  const rejection = a.ackFields(220);
  assertEquals(rejection, { ack: ["b2", 200, 10], ackRejected: true });
  assertEquals(b.receive(gossip("a2", 220, rejection), 230), "restarted");
  assertEquals(a.receive(gossip("b2", 240, b.ackFields(240)), 250), "restarted");
  assertEquals(
    [a.vectors.confirmedAt, b.vectors.confirmedAt],
    [-Infinity, -Infinity],
    "nothing was confirmed",
  );
});

Deno.test("an echo of a message from this node's previous incarnation proves nothing", () => {
  const peer = peerFor("b", "me again");
  peer.receive(gossip("b1", 0, { ack: ["me", 5, 0] }), 100);
  assertEquals([peer.state, peer.roundTrip.medianMs], ["unknown", undefined]);
});

Deno.test("an unreachable peer recovers once it echoes a message sent afterwards", () => {
  const peer = peerFor("b", "me");
  peer.recordSend(10, { replyTimeoutMs: 100 });
  peer.markUnreachable(200);
  assertEquals(peer.receive(gossip("b1", 0, { ack: ["me", 10, 0] }), 220), "ok");
  assertEquals(peer.state, "down");
  peer.recordSend(230, { replyTimeoutMs: 100 });
  assertEquals(peer.receive(gossip("b1", 9, { ack: ["me", 230, 0] }), 240), "recovered");
  assertEquals(peer.state, "up");
});

Deno.test("an echo proves that the peer has what that message showed, not what an earlier one showed", () => {
  const peer = peerFor("b", "me");
  peer.receive(gossip("b1", 0), 0);
  peer.recordSend(10, { shows: new VersionVector([2, 1]) });
  peer.recordSend(20, { shows: new VersionVector([1]) });
  peer.receive(gossip("b1", 30, { ack: ["me", 20, 0] }), 40);
  assertEquals(has(peer), { x: 1, y: 0 });
  peer.receive(gossip("b1", 31, { ack: ["me", 10, 0] }), 41);
  assertEquals(has(peer), { x: 1, y: 0 }, "messages before the latest echo are not remembered");
});

Deno.test("an echo is ignored if it is from another incarnation, a rejection, or names no message", () => {
  const peer = peerFor("b", "me");
  peer.receive(gossip("b1", 0), 0);
  peer.recordSend(40, { shows: new VersionVector([1]) });
  peer.receive(gossip("b1", 50, { ack: ["me", 40, 0], ackRejected: true }), 60);
  peer.receive(gossip("b1", 51, { ack: ["me", 55, 0] }), 61);
  peer.receive(gossip("b2", 0, { ack: ["me", 40, 0] }), 70);
  assertEquals(has(peer), { x: 0, y: 0 });
});

Deno.test("messages sent at the same time differ in `sentAt`, so an echo names one", () => {
  const peer = peerFor("b", "me");
  peer.receive(gossip("b1", 0), 0);
  const [first, second] = [new VersionVector([1]), new VersionVector([2])].map((shows) => {
    const sentAt = peer.nextSentAt(10);
    peer.recordSend(sentAt, { shows });
    return sentAt;
  });
  assertEquals(first, 10);
  peer.receive(gossip("b1", 20, { ack: ["me", 10, 0] }), 30);
  assertEquals(has(peer), { x: 1, y: 0 });
  peer.receive(gossip("b1", 21, { ack: ["me", second ?? 0, 0] }), 31);
  assertEquals(has(peer), { x: 2, y: 0 });
  assertEquals(peer.nextSentAt(50), 50);
});

Deno.test("an acknowledgement implies the counts that the acknowledged message showed", () => {
  const peer = peerFor("b", "me");
  peer.receive(gossip("b1", 10), 20);
  peer.recordShowed(new VersionVector([3]), 10, 20);
  assertEquals([peer.impliedCount(x), peer.impliedCount(y), peer.delivery.has.get(x)], [3, 0, 3]);
  peer.receive(gossip("b1", 30), 40);
  assertEquals(peer.impliedCount(x), 0, "the next acknowledgement names another message");
  peer.recordShowed(new VersionVector([4]), 25, 50);
  assertEquals(
    [peer.impliedCount(x), peer.delivery.has.get(x)],
    [0, 4],
    "an overtaken message implies nothing",
  );
});

Deno.test("a message to a peer answers its request and acknowledges its changes", () => {
  const peer = peerFor("b", "me");
  peer.ackPendingSince = 5;
  peer.replyDueAt = 9;
  peer.recordSend(7);
  assertEquals([peer.ackPendingSince, peer.replyDueAt, peer.lastSentAt], [undefined, undefined, 7]);
});

Deno.test("a sketch proves the origins that do not differ, and a failed one requests all origins", () => {
  const peer = peerFor("b", "me");
  const vector = new Map([["x", 4], ["y", 2]]);
  peer.compare(vector, undefined, 10);
  assert(peer.vectors.needsAllOrigins);
  peer.compare(vector, { mine: new Set(["y"]), theirs: 1 }, 20);
  assertEquals([has(peer), peer.vectors.peerVectorKnown], [{ x: 4, y: 0 }, false], "y has two counts");
  assertEquals(peer.vectors.originsToSend, new Set(["y"]));
  peer.compare(vector, { mine: new Set(["y"]), theirs: 0 }, 30);
  assert(peer.vectors.peerVectorKnown, "the peer has nothing of y");
});
