import { assert, assertEquals } from "@std/assert";
import { eachOrigin } from "../../lib/gossip/message.ts";
import { forSeeds } from "../seeds.ts";
import { busy, bytesToMakeGood, Machines, parts, unruly } from "./support/machines.ts";

/** The allowed latency of these clusters, ms; their rounds are shorter than that. */
const ALLOWED_MS = 1000;
/** A round at 100 ms of latency: allowed less guard, grace and round trip. */
const ROUND_MS = ALLOWED_MS - 80 - 25 - 200;

function started(nodes: readonly string[] | number): Machines {
  const machines = new Machines({ nodes, latencyMsMax: ALLOWED_MS });
  machines.run(1000);
  return machines;
}

Deno.test("whatever is lost or overtaken, everyone comes to know everything", async () => {
  await forSeeds({ slice: 20, full: 500 }, (random) => {
    const machines = new Machines({ nodes: 2 + random.below(6), latencyMsMax: ALLOWED_MS });
    machines.delayMs = unruly(random);
    for (let i = 0; i < 60; i++) {
      machines.add(random.pick(machines.ids), i);
      machines.run(random.uniform(0, 200));
    }
    machines.delayMs = () => 100;
    machines.runUntil(() => machines.agreed() === 60, 10 * ROUND_MS);
    machines.run(60_000);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });
});

Deno.test("a message that comes again, late and often, changes nothing", () => {
  const machines = started(4);
  for (let i = 0; i < 20; i++) {
    machines.add(machines.ids[i % 4] ?? "", i);
    machines.run(100);
  }
  machines.run(10_000);
  const before = machines.ids.map((id) => machines.values(id));
  const answers = machines.watch(() => {
    for (const { to, from, message } of machines.sent.slice(0, 60)) machines.deliver(to, { from, message });
    machines.run(60_000);
  });
  assertEquals(machines.ids.map((id) => machines.values(id)), before);
  assert(answers.length <= 2 * 60, `${answers.length} messages answer 60 old ones`);
});

Deno.test("when the hub is cut off, the others go on among themselves, and it alone by itself", () => {
  const machines = started(["a", "b", "c", "d", "e"]);
  busy(machines, machines.ids, 3000);
  machines.isCut = parts(["a"], ["b", "c", "d", "e"]);
  busy(machines, ["b", "c", "d", "e"], 5000);
  machines.add("e", "said in the cut");
  machines.runUntil(() => ["b", "c", "d"].every((id) => machines.has(id, "said in the cut")), 2 * ALLOWED_MS);
  assert(!machines.has("a", "said in the cut"));
});

Deno.test("after a cut is healed, everything is everywhere within three rounds", async () => {
  await forSeeds({ slice: 12, full: 300 }, (random, seed) => {
    const machines = started(7);
    busy(machines, machines.ids, 2000);
    const order = random.shuffle(machines.ids);
    const size = 1 + random.below(6);
    const [left, right] = [order.slice(0, size), order.slice(size)];
    machines.isCut = parts(left, right);
    for (let i = 0; i < 5; i++) {
      busy(machines, left, 1000);
      busy(machines, right, 1000);
    }
    machines.isCut = () => false;
    const tookMs = machines.runUntil(() => machines.agreed() > 0, 4 * ROUND_MS);
    assert(tookMs <= 3 * ROUND_MS, `seed ${seed}: ${tookMs} ms, ${tookMs / ROUND_MS} rounds`);
    machines.run(60_000);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });
});

Deno.test("a cut that goes one way only is as good as one that goes both ways, and no worse", () => {
  for (const mute of ["a", "b", "e"]) {
    for (const way of ["is not heard", "hears nobody"]) {
      const machines = started(["a", "b", "c", "d", "e"]);
      busy(machines, machines.ids, 2000);
      machines.isCut = (from, to) => (way === "is not heard" ? from : to) === mute;
      const others = machines.ids.filter((id) => id !== mute);
      busy(machines, others, 6000);
      machines.add(others[2] ?? "", "said in the cut");
      machines.runUntil(() => others.every((id) => machines.has(id, "said in the cut")), 3 * ALLOWED_MS);
      machines.isCut = () => false;
      machines.runUntil(() => machines.agreed() > 0, 4 * ROUND_MS);
    }
  }
});

Deno.test("parts that only one pair connects still come to know all: a-u, u-v, v-w", () => {
  const machines = started(["a", "w", "u", "v"]);
  busy(machines, machines.ids, 2000);
  const connected = new Set(["au", "ua", "uv", "vu", "vw", "wv"]);
  machines.isCut = (from, to) => !connected.has(`${from}${to}`);
  busy(machines, machines.ids, 10_000);
  machines.add("a", "from a");
  machines.add("w", "from w");
  machines.runUntil(
    () => machines.ids.every((id) => machines.has(id, "from a") && machines.has(id, "from w")),
    20_000,
  );
});

Deno.test("a peer that is silent for ever is not written to more than four times per allowed latency", () => {
  for (const gone of [1, 3, 12]) {
    const machines = started(25);
    busy(machines, machines.ids, 2000);
    const dead = machines.ids.slice(25 - gone);
    for (const id of dead) machines.kill(id);
    busy(machines, machines.ids.slice(0, 25 - gone), 10_000);
    const sent = machines.watch(() => machines.run(100_000)).filter(({ to }) => dead.includes(to));
    assert(sent.length <= 400, `${sent.length} messages to ${gone} dead nodes in 100 times the latency`);
    const bytes = sent.reduce((sum, { message }) => sum + JSON.stringify(message).length, 0);
    assert(bytes / sent.length < 2000, `${bytes / sent.length} bytes each: a probe includesItems no items`);
  }
});

Deno.test("a node that comes back with nothing asks, and has all within two rounds, be it the hub or a leaf", () => {
  for (const id of ["n00", "n01", "n06"]) {
    const machines = started(7);
    busy(machines, machines.ids, 20_000);
    machines.run(5000);
    const known = machines.agreed();
    assert(known >= 400);
    const sent = machines.watch(() => {
      machines.restart(id);
      machines.runUntil(() => machines.agreed() === known, 2 * ROUND_MS);
      machines.run(60_000);
    });
    let items = 0;
    for (const { message } of sent) {
      eachOrigin(
        message.deltas ?? [],
        (_origin, payload) => items += Array.isArray(payload) ? payload.length - 1 : 0,
      );
    }
    assert(items <= 3 * known, `${items} values sent so that one node learns ${known}`);
  }
});

Deno.test("a node that was stopped for a while blames nobody for it", () => {
  const machines = started(5);
  busy(machines, machines.ids, 3000);
  machines.add("n03", "just before");
  const begun = machines.now;
  machines.runUntil(() => machines.sent.some(({ at, from }) => at >= begun && from === "n03"), 2 * ROUND_MS);
  const sent = machines.watch(() => {
    machines.stop("n03", 5000); // while it waits for an answer, and longer than any peer may be silent
    machines.run(5000);
    machines.run(ROUND_MS);
  });
  assertEquals(machines.agreed(), 61);
  const asked = sent.filter(({ from, message }) => from === "n03" && message.requestReply);
  assertEquals(asked.length, 0, "it asks nobody else, since its hub is there");
});

Deno.test("the hub killed and back at once, before anyone missed it, forgets nothing that others know", () => {
  const machines = started(5);
  busy(machines, machines.ids, 3000);
  machines.restart("n00");
  busy(machines, machines.ids, 3000);
  machines.runUntil(() => machines.agreed() >= 100, 4 * ROUND_MS);
});

Deno.test("a long partition is made good with bytes for what differs, not for what all know", () => {
  const spentFor = (common: number, difference: number) => {
    const machines = started(["a", "b", "c", "d"]);
    for (let i = 0; i < common; i++) machines.add(machines.ids[i % 4] ?? "", i);
    machines.run(10_000);
    return bytesToMakeGood(machines, { difference, withinMs: 4 * ROUND_MS });
  };
  const little = spentFor(10_000, 10);
  const much = spentFor(10_000, 2000);
  const fewCommon = spentFor(20, 10);
  assert(little < 10_000, `${little} bytes for a difference of 10`);
  assert(
    Math.abs(little - fewCommon) < 1000,
    `${little} bytes with 10,000 values known to all, ${fewCommon} with 20`,
  );
  assert(much < 2000 * 100 + 10_000, `${much} bytes for a difference of 2000`);
});
