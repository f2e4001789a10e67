import { assertEquals } from "@std/assert";
import { Liveness } from "../../../lib/gossip/peer/liveness.ts";

Deno.test("Liveness: each request has its own timeout", () => {
  const liveness = new Liveness();
  liveness.recordRequest(0, 100); // a question
  liveness.recordRequest(50, 2000); // changes, which may be acknowledged late
  assertEquals(liveness.replyDeadline, 100);
  liveness.recordReply(0, 0, 90);
  assertEquals([liveness.awaitingReplySince, liveness.replyDeadline], [50, 2050]);
  liveness.recordReply(50, 0, 95);
  assertEquals(liveness.replyDeadline, undefined);
});

Deno.test("Liveness: a stall extends the deadline of an awaited reply", () => {
  const liveness = new Liveness();
  liveness.extendReplyTimeout(500);
  liveness.recordRequest(0, 100);
  liveness.extendReplyTimeout(500);
  assertEquals(liveness.replyDeadline, 600);
});

Deno.test("Liveness: a peer that is down recovers only by a reply to a later message", () => {
  const liveness = new Liveness();
  liveness.recordRequest(10, 100);
  liveness.markDown(110);
  assertEquals(liveness.replyDeadline, undefined);
  assertEquals([liveness.recordReply(10, 0, 120), liveness.state], [false, "down"]);
  assertEquals([liveness.recordReply(130, 0, 150), liveness.state], [true, "up"]);
  assertEquals(liveness.recordReply(140, 0, 160), false, "it was up already");
});

Deno.test("Liveness: a round trip is measured without the time that the peer held the message", () => {
  const liveness = new Liveness();
  liveness.recordReply(1000, 350, 1550);
  assertEquals(liveness.roundTrip.medianMs, 200);
  liveness.recordReply(1000, 0, 1560);
  assertEquals(liveness.roundTrip.medianMs, 200, "a repeated echo is not another sample");
});
