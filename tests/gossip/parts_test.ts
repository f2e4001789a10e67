/** The parts of the machine by themselves: a link, a hub's pace, a leaf's phase, a round trip. */

import { assert, assertEquals } from "@std/assert";
import { Link } from "../../lib/gossip/link.ts";
import type { GossipMessage } from "../../lib/gossip/message.ts";
import { Counts, Origins } from "../../lib/gossip/origins.ts";
import { Pace } from "../../lib/gossip/pace.ts";
import { Phase } from "../../lib/gossip/phase.ts";
import { quantile, RoundTrip } from "../../lib/gossip/round_trip.ts";

function said(life: string, at: number, more: Partial<GossipMessage> = {}): GossipMessage {
  return { life, at, seen: [], ...more };
}

const origins = new Origins();
const [x, y] = [origins.numberOf("x"), origins.numberOf("y")];

function linkTo(peer: string, self: string): Link {
  return new Link(peer, { self, origins });
}

function has(link: Link): Record<string, number> {
  return { x: link.has.at(x), y: link.has.at(y) };
}

Deno.test("a peer has what it said it has, and never less for an older message", () => {
  const link = linkTo("b", "me");
  link.hear(said("b1", 10, { seen: ["x", 5] }), 100);
  link.hear(said("b1", 5, { seen: ["x", 3, "y", 1] }), 110);
  assertEquals(has(link), { x: 5, y: 1 });
});

Deno.test("a peer that was started again has nothing but what it says", () => {
  const link = linkTo("b", "me");
  link.hear(said("b1", 1000, { seen: ["x", 5] }), 100);
  assertEquals(link.hear(said("b2", 0, { seen: ["y", 1] }), 200), "new life");
  assertEquals(has(link), { x: 0, y: 1 });
});

Deno.test("a message of a former life that comes late says nothing of what the peer has now", () => {
  const link = linkTo("b", "me");
  link.hear(said("b1", 1000, { seen: ["x", 5], re: ["me", 50, 0] }), 100);
  link.hear(said("b2", 0), 200);
  assertEquals(link.hear(said("b1", 1001, { seen: ["x", 6], re: ["me", 90, 0] }), 250), "ignored");
  assertEquals(has(link), { x: 0, y: 0 });
});

Deno.test("of two lives, the later one is that which heard the later message", () => {
  const link = linkTo("b", "me");
  link.hear(said("b2", 0, { seen: ["y", 1] }), 100);
  link.hear(said("b1", 1000, { seen: ["x", 5] }), 150); // a former life's greeting, very late: it cannot be told apart
  assertEquals(link.hear(said("b2", 5, { seen: ["y", 2], re: ["me", 160, 0] }), 260), "new life");
  assertEquals(has(link), { x: 0, y: 2 });
  assertEquals(
    [link.unread, link.known],
    [true, false],
    "it said y to somebody who then forgot it: it must say all again",
  );
  link.hear(said("b2", 6, { seen: ["x", 1, "y", 2], named: true }), 300);
  assertEquals([link.unread, link.known], [false, true]);
});

Deno.test("two that were started again, and each took an old message for the other's present life, find out", () => {
  const a = linkTo("b", "a2"); // at node a, of b
  const b = linkTo("a", "b2"); // at node b, of a
  a.hear(said("b2", 10), 100);
  a.hear(said("b1", 5), 110); // of the former b, late
  b.hear(said("a2", 10), 100);
  b.hear(said("a1", 5), 110);
  assertEquals(a.hear(said("b2", 200, b.echo(200)), 210), "ignored");
  const refusal = a.echo(220);
  assertEquals(refusal, { re: ["b2", 200, 10], refused: true });
  assertEquals(b.hear(said("a2", 220, refusal), 230), "new life");
  assertEquals(a.hear(said("b2", 240, b.echo(240)), 250), "new life");
  assertEquals([a.confirmedAt, b.confirmedAt], [-Infinity, -Infinity], "what was refused was not taken in");
});

Deno.test("stamps that a former life of this node sent prove nothing to this one", () => {
  const link = linkTo("b", "me again");
  link.hear(said("b1", 0, { re: ["me", 5, 0] }), 100);
  assertEquals([link.state, link.roundTrip.middleMs], ["unknown", undefined]);
});

Deno.test("a peer that was given up is back once it answers something sent afterwards", () => {
  const link = linkTo("b", "me");
  link.leaving(10, { patienceMs: 100 });
  link.giveUp(200);
  assertEquals(link.hear(said("b1", 0, { re: ["me", 10, 0] }), 220), "heard");
  assertEquals(link.state, "down");
  link.leaving(230, { patienceMs: 100 });
  assertEquals(link.hear(said("b1", 9, { re: ["me", 230, 0] }), 240), "returned");
  assertEquals(link.state, "up");
});

Deno.test("each message is waited for as long as its own answer may take", () => {
  const link = linkTo("b", "me");
  link.leaving(0, { patienceMs: 100 }); // a question
  link.leaving(50, { patienceMs: 2000 }); // news, which may be acknowledged late
  assertEquals([link.waitingSince, link.patienceMs], [0, 100]);
  link.hear(said("b1", 0, { re: ["me", 0, 0] }), 90);
  assertEquals([link.waitingSince, link.patienceMs], [50, 2000]);
});

Deno.test("what is on its way is not unsent, what was acknowledged is not lacking", () => {
  const link = linkTo("b", "me");
  const vector = new Counts([5]);
  assert(link.lacks(vector) && link.unsent(vector));
  link.markSent(x, 5, 100);
  assertEquals([link.lacks(vector), link.unsent(vector), link.unacknowledgedSince], [true, false, 100]);
  link.hear(said("b1", 0, { seen: ["x", 5] }), 200);
  assertEquals([link.lacks(vector), link.unsent(vector), link.unacknowledgedSince], [
    false,
    false,
    undefined,
  ]);
});

Deno.test("whoever echoes a message has what it showed, but not what another one showed that may be lost", () => {
  const link = linkTo("b", "me");
  link.hear(said("b1", 0), 0);
  link.leaving(10, { shows: new Counts([2, 1]) });
  link.leaving(20, { shows: new Counts([1]) });
  link.hear(said("b1", 30, { re: ["me", 20, 0] }), 40);
  assertEquals(has(link), { x: 1, y: 0 });
  link.hear(said("b1", 31, { re: ["me", 10, 0] }), 41);
  assertEquals(has(link), { x: 1, y: 0 }, "what was heard before the last word of it is not remembered");
});

Deno.test("an echo proves nothing where two messages have its stamp, nor to another life, nor where it refuses", () => {
  const link = linkTo("b", "me");
  link.hear(said("b1", 0), 0);
  link.leaving(10, { shows: new Counts([1]) });
  link.leaving(10);
  link.hear(said("b1", 20, { re: ["me", 10, 0] }), 30);
  link.leaving(40, { shows: new Counts([1]) });
  link.hear(said("b1", 50, { re: ["me", 40, 0], refused: true }), 60);
  link.hear(said("b2", 0, { re: ["me", 40, 0] }), 70);
  assertEquals(has(link), { x: 0, y: 0 });
});

Deno.test("what a message showed need not be said to whoever is told that it was heard", () => {
  const link = linkTo("b", "me");
  link.hear(said("b1", 10), 20);
  link.noteShown(new Counts([3]), { stamp: 10, now: 20 });
  assertEquals([link.shownUpTo(x), link.shownUpTo(y), link.has.at(x)], [3, 0, 3]);
  link.hear(said("b1", 30), 40);
  assertEquals(link.shownUpTo(x), 0, "another one will be named as heard");
  link.noteShown(new Counts([4]), { stamp: 25, now: 50 });
  assertEquals([link.shownUpTo(x), link.has.at(x)], [0, 4], "one that was overtaken is not");
});

Deno.test("a round trip is measured without what the other side waited", () => {
  const link = linkTo("b", "me");
  link.leaving(1000);
  link.hear(said("b1", 0, { re: ["me", 1000, 350] }), 1550);
  assertEquals(link.roundTrip.middleMs, 200);
});

Deno.test("a round trip is the middle of the latest ones, so that one hiccup counts for nothing", () => {
  const trip = new RoundTrip();
  assertEquals([trip.middleMs, trip.deviationMs], [undefined, 0]);
  trip.sample(500); // while all processes were starting
  assertEquals([trip.middleMs, trip.deviationMs], [500, 0]);
  trip.sample(200);
  trip.sample(210);
  assertEquals([trip.middleMs, trip.deviationMs], [210, 290]);
  for (let i = 0; i < 9; i++) trip.sample(300);
  assertEquals([trip.middleMs, trip.deviationMs], [300, 0]);
  const back = new RoundTrip();
  back.sample(-5); // a clock that was moved
  assertEquals(back.middleMs, 0);
});

Deno.test("a quantile is the smallest that the part asked for does not exceed", () => {
  assertEquals(quantile([], 0.5), undefined);
  assertEquals([0, 0.2, 0.5, 0.8, 1].map((q) => quantile([5, 1, 4, 2, 3], q)), [1, 1, 3, 4, 5]);
});

Deno.test("a round lasts as long as the allowed latency permits: less the way, the grace and the guard", () => {
  const pace = new Pace(1900);
  assertEquals(pace.roundMs, 950); // nothing is known of the distance yet
  pace.scattered(0, { roundTripMs: 200, deviationMs: 0 });
  const roundMs = 1900 - 152 - 25 - 200;
  assertEquals([pace.roundMs, pace.graceMs, pace.dueAt(false), pace.dueAt(true)], [
    roundMs,
    25,
    roundMs,
    roundMs - 50,
  ]);
  pace.measure({ roundTripMs: 200, deviationMs: 50 });
  assertEquals([pace.roundMs, pace.graceMs], [1900 - (152 - 37.5) - 100 - 200, 100]);
  pace.measure({ roundTripMs: 5000, deviationMs: 0 });
  assertEquals(pace.roundMs, 0.33 * 1900); // too far for what is allowed: as good as can be, but no storm
});

Deno.test("for a gather that was late there is a scatter between the rounds, but not always", () => {
  const pace = new Pace(1000);
  pace.scattered(0, { roundTripMs: 200, deviationMs: 0 });
  const { roundMs } = pace;
  assertEquals(roundMs, 1000 - 80 - 25 - 200);
  assertEquals(pace.extraAt(roundMs, 20), 20 + 25 + 80); // it had waited a whole round already
  assertEquals(pace.extraAt(2 * roundMs, 20), 20 + 25, "at once, but for others that may be late with it");
  assertEquals(pace.extraAt(100, 20), undefined); // it has the time to wait for the next one
  for (let i = 0; i < 3; i++) pace.scatteredExtra();
  assertEquals(pace.extraAt(roundMs, 20), undefined, "three times at once is enough");
  for (let i = 1; i <= 11; i++) pace.scattered(roundMs * i, { roundTripMs: 200, deviationMs: 0 });
  assert(pace.extraAt(roundMs, roundMs * 11 + 20) !== undefined, "ten rounds earn one");
});

const NEAR = { roundTripMs: 200, graceMs: 15 };

Deno.test("in a quiet cluster news leave at once", () => {
  const phase = new Phase(500);
  assert(phase.dueAt(1000, NEAR) <= 1000);
  phase.scattered(1000, { roundMs: 700, ...NEAR });
  assert(phase.dueAt(1731, NEAR) <= 1731, "the next scatter was due at 1700, and did not come");
});

Deno.test("in the rhythm news arrive at the hub a grace before its next scatter", () => {
  const phase = new Phase(500);
  phase.scattered(1000, { roundMs: 700, ...NEAR });
  const slot = 1000 + 700 - 200 - 15;
  assertEquals(phase.dueAt(1200, NEAR), slot);
  assertEquals(
    phase.dueAt(slot + 1, NEAR),
    1730,
    "too late: they wait for the next scatter, or see that none comes",
  );
  phase.gathered(slot);
  assertEquals(phase.dueAt(slot + 50, NEAR), slot + 200 + 700 + 30, "the answer is waited for");
  phase.scattered(1700, { roundMs: 700, ...NEAR });
  assertEquals(phase.dueAt(slot + 50, NEAR), slot + 700);
});

Deno.test("a scatter that comes before the gather was sent does not put it off", () => {
  const phase = new Phase(500);
  phase.scattered(1000, { roundMs: 300, ...NEAR });
  const slot = phase.dueAt(1010, NEAR);
  for (let now = 1050; now < 1500; now += 50) {
    phase.scattered(now, { roundMs: 300, ...NEAR });
    assert(phase.dueAt(1010, NEAR) <= slot);
  }
});

Deno.test("a scatter at the very moment at which news are due does not put them off", () => {
  const phase = new Phase(500);
  phase.scattered(1000, { roundMs: 700, ...NEAR });
  const slot = phase.dueAt(1010, NEAR);
  phase.scattered(slot, { roundMs: 700, ...NEAR });
  assertEquals(phase.dueAt(1010, NEAR), slot);
});

Deno.test("further away than a round: news leave so as to meet the scatter after the next", () => {
  const phase = new Phase(500);
  phase.scattered(1000, { roundMs: 300, roundTripMs: 500, graceMs: 15 });
  assertEquals(phase.dueAt(1001, { roundTripMs: 500, graceMs: 15 }), 1000 + 300 - (500 - 300) - 15);
  assertEquals(phase.dueAt(1000, { roundTripMs: 310, graceMs: 15 }), 1000, "just as far as a round: at once");
});
