import { assert, assertEquals } from "@std/assert";
import { Delivery } from "../../../lib/gossip/peer/delivery.ts";
import { VersionVector } from "../../../lib/gossip/version_vector.ts";

const X = 0;

Deno.test("Delivery: a change in flight is not unsent, and a peer with an ack is not behind", () => {
  const delivery = new Delivery();
  const version = new VersionVector([5]);
  const status = () => [
    delivery.isBehind(version),
    delivery.hasUnsent(version),
    delivery.unacknowledgedSince,
  ];
  assertEquals(status(), [true, true, undefined]);
  delivery.markSent(X, 5, 100);
  assertEquals(status(), [true, false, 100]);
  delivery.recordVersion(version, 200);
  assertEquals(status(), [false, false, undefined]);
});

Deno.test("Delivery: after a partial acknowledgement, the wait for the rest starts then", () => {
  const delivery = new Delivery();
  delivery.markSent(X, 3, 100);
  delivery.markSent(X, 5, 150);
  assertEquals(delivery.unacknowledgedSince, 100, "the oldest send counts");
  delivery.recordVersion(new VersionVector([3]), 200);
  assertEquals(delivery.unacknowledgedSince, 200);
  delivery.recordResend(300);
  assertEquals(delivery.unacknowledgedSince, 300);
});

Deno.test("Delivery: discarded sends are unsent again, down to what the peer has", () => {
  const delivery = new Delivery();
  delivery.recordVersion(new VersionVector([2]), 0);
  delivery.markSent(X, 5, 100);
  delivery.discardSent();
  assertEquals([delivery.sentUpTo(X), delivery.unacknowledgedSince], [2, undefined]);
  assert(delivery.hasUnsent(new VersionVector([3])));
});

Deno.test("Delivery: only the latest unacknowledged messages are remembered", () => {
  const delivery = new Delivery();
  for (let at = 1; at <= 9; at++) delivery.recordSend(at, new VersionVector([at]));
  delivery.acknowledge(1);
  assertEquals(delivery.has.get(X), 0, "nine were sent, and eight are remembered");
  delivery.acknowledge(2);
  assertEquals(delivery.has.get(X), 2);
});

Deno.test("Delivery: a reset peer has nothing and was sent nothing", () => {
  const delivery = new Delivery();
  delivery.recordVersion(new VersionVector([2]), 0);
  delivery.recordSend(1, new VersionVector([9]));
  delivery.reset();
  delivery.acknowledge(1);
  assertEquals([delivery.has.get(X), delivery.sentUpTo(X)], [0, 0]);
});
