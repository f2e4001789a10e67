import { assertAlmostEquals, assertEquals } from "@std/assert";
import { PeerClocks } from "../../../lib/consensus/leaderless/peer_clocks.ts";

/** Exchanges messages between two nodes, of which the second one's clock is ahead. */
function exchange(
  aheadMs: number,
  { rounds = 20, latencyMs = 10, startMs = 0 } = {},
): readonly [PeerClocks, PeerClocks] {
  const [a, b] = [new PeerClocks(), new PeerClocks()];
  for (let now = startMs; now < startMs + rounds * 100; now += 100) {
    const toB = { sentAt: now, delays: a.delaysFrom("b") };
    b.learn("a", toB, now + latencyMs + aheadMs);
    const toA = { sentAt: now + latencyMs + aheadMs, delays: b.delaysFrom("a") };
    a.learn("b", toA, now + 2 * latencyMs);
  }
  return [a, b];
}

Deno.test("a node knows by how much its clock is behind the fastest one", () => {
  for (const aheadMs of [0, 3, 5000]) {
    const [a, b] = exchange(aheadMs);
    assertAlmostEquals(a.behindMs, aheadMs);
    assertAlmostEquals(b.behindMs, 0);
  }
});

Deno.test("the reach is the delay to the farthest peer that was heard lately, by any clock", () => {
  for (const aheadMs of [-700, 0, 700]) assertAlmostEquals(exchange(aheadMs)[0].reachMs(2000), 10.5);
  assertEquals(exchange(0)[0].reachMs(60_000), 0);
});

Deno.test("the reach is unknown before the peer has told the delay", () => {
  const [a] = exchange(0, { rounds: 0 });
  assertEquals([a.reachMs(0), a.delaysFrom("b")], [0, undefined]);
});
