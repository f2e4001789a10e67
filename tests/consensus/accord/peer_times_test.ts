import { assert, assertEquals } from "@std/assert";
import { PeerTimes } from "../../../lib/consensus/accord/peer_times.ts";

Deno.test("the usual latency is that of the fastest peers", () => {
  const peers = new PeerTimes(["n1", "n2", "n3"]);
  assertEquals(peers.usualLatencyMs(2), 0);
  for (const [node, latencyMs] of [["n1", 10], ["n2", 20], ["n3", 500]] as const) {
    for (let i = 0; i < 50; i++) peers.heard(node, latencyMs);
  }
  assertEquals([1, 2, 3, 9].map((count) => Math.round(peers.usualLatencyMs(count))), [10, 20, 500, 500]);
});

Deno.test("the usual latency covers most of those that vary", () => {
  const peers = new PeerTimes(["n1"]);
  for (let i = 0; i < 100; i++) peers.heard("n1", i % 2 === 0 ? 10 : 30);
  assert(peers.usualLatencyMs(1) >= 30);
});

Deno.test("a peer is silent if it sends nothing after a request", () => {
  const peers = new PeerTimes(["n1"]);
  assert(!peers.isSilent("n1", 100, 5000), "nothing was asked");
  peers.asked("n1", 5000);
  peers.asked("n1", 5090);
  assert(!peers.isSilent("n1", 100, 5100) && peers.isSilent("n1", 100, 5101));
  peers.heard("n1", 1);
  assert(!peers.isSilent("n1", 100, 9000));
});
