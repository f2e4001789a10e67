import { assert, assertEquals } from "@std/assert";
import { Peers } from "../../../lib/consensus/leaderless/peers.ts";

/** Returns peers with these delays in both directions. */
function heard(delays: Readonly<Record<string, number>>): Peers {
  const peers = new Peers(Object.keys(delays));
  for (const [peer, delay] of Object.entries(delays)) {
    for (let now = 0; now < 1000; now += 100) {
      peers.heard(peer, { sentAt: now - delay, delays: [delay, delay] }, now);
    }
  }
  return peers;
}

Deno.test("the nearest peers are those with the least delays, of the ones that answer", () => {
  const peers = heard({ n1: 30, n2: 10, n3: 20 });
  assertEquals(peers.nearest(2, { silentMs: 100, now: 1000 }), ["n2", "n3"]);
  peers.asked("n2", 1000);
  assertEquals(peers.nearest(2, { silentMs: 100, now: 1101 }), ["n3", "n1"]);
  peers.heard("n2", { sentAt: 1090, delays: [10, 10] }, 1101);
  assertEquals(peers.nearest(2, { silentMs: 100, now: 1101 }), ["n2", "n3"]);
});

Deno.test("there are no nearest peers if too few answer, or if delays vary or are unknown", () => {
  assertEquals(heard({ n1: 30 }).nearest(2, { silentMs: 100, now: 1000 }), undefined);
  assertEquals(new Peers(["n1"]).nearest(1, { silentMs: 100, now: 0 }), undefined);
  const varying = heard({ n1: 10 });
  varying.heard("n1", { sentAt: 1000, delays: [10, 20] }, 1010);
  assertEquals(varying.nearest(1, { silentMs: 100, now: 1010 }), undefined);
});

Deno.test("a peer is silent if it sends nothing after a request", () => {
  const peers = new Peers(["n1"]);
  assert(!peers.isSilent("n1", 100, 5000), "it was not asked");
  peers.asked("n1", 5000);
  peers.asked("n1", 5090);
  assert(!peers.isSilent("n1", 100, 5100) && peers.isSilent("n1", 100, 5101));
  peers.heard("n1", { sentAt: 0 }, 5200);
  assert(!peers.isSilent("n1", 100, 9000));
});
