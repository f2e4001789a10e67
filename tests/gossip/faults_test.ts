import { assert, assertEquals } from "@std/assert";
import { eachOrigin } from "../../lib/gossip/message.ts";
import { forSeeds } from "../seeds.ts";
import { addValues, bytesToRepair, Machines, partition, unreliable } from "./support/machines.ts";

/** The latency limit of these clusters, in ms. */
const LATENCY_MS_MAX = 1000;
/** The round time at 100 ms per hop, in ms: the limit less margin, gather lead and round trip. */
const ROUND_MS = LATENCY_MS_MAX - 80 - 25 - 200;

function started(nodes: readonly string[] | number): Machines {
  const machines = new Machines({ nodes, latencyMsMax: LATENCY_MS_MAX });
  machines.run(1000);
  return machines;
}

Deno.test("all nodes learn all values, although messages are lost and reordered", async () => {
  await forSeeds({ slice: 20, full: 500 }, (random) => {
    const machines = new Machines({ nodes: 2 + random.below(6), latencyMsMax: LATENCY_MS_MAX });
    machines.delayMs = unreliable(random);
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

Deno.test("all nodes learn all values, although a message carries only a few", async () => {
  await forSeeds({ slice: 30, full: 1000 }, (random) => {
    const machines = new Machines({
      nodes: 2 + random.below(4),
      latencyMs: random.pick([0, 1, 100, 400]),
      latencyMsMax: LATENCY_MS_MAX,
      dissemination: random.pick(["hub", "direct", "topology"]),
      changesMax: 1 + random.below(4),
    });
    let added = 0;
    for (let phase = 0; phase < 6; phase++) {
      const order = random.shuffle(machines.ids);
      const size = random.below(order.length);
      machines.isCut = partition(order.slice(0, size), order.slice(size));
      if (random.chance(0.3)) machines.pause(random.pick(machines.ids), random.uniform(0, 3000));
      if (random.chance(0.3)) machines.restart(random.pick(machines.ids), { keeping: true });
      for (let i = random.below(20); i > 0; i--) {
        machines.add(random.pick(machines.ids), added++);
        if (random.chance(0.7)) machines.run(random.uniform(0, 300));
      }
    }
    machines.isCut = () => false;
    machines.runUntil(() => machines.agreed() === added, 120_000);
    machines.run(60_000);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });
});

Deno.test("a message that arrives again, late and often, changes nothing", () => {
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

Deno.test("while the hub is partitioned away, the other nodes keep exchanging values", () => {
  const machines = started(["a", "b", "c", "d", "e"]);
  addValues(machines, machines.ids, 3000);
  machines.isCut = partition(["a"], ["b", "c", "d", "e"]);
  addValues(machines, ["b", "c", "d", "e"], 5000);
  machines.add("e", "added during the partition");
  machines.runUntil(
    () => ["b", "c", "d"].every((id) => machines.has(id, "added during the partition")),
    2 * LATENCY_MS_MAX,
  );
  assert(!machines.has("a", "added during the partition"));
});

Deno.test("after a partition heals, all nodes have all values within three rounds", async () => {
  await forSeeds({ slice: 12, full: 300 }, (random, seed) => {
    const machines = started(7);
    addValues(machines, machines.ids, 2000);
    const order = random.shuffle(machines.ids);
    const size = 1 + random.below(6);
    const [left, right] = [order.slice(0, size), order.slice(size)];
    machines.isCut = partition(left, right);
    for (let i = 0; i < 5; i++) {
      addValues(machines, left, 1000);
      addValues(machines, right, 1000);
    }
    machines.isCut = () => false;
    const tookMs = machines.runUntil(() => machines.agreed() > 0, 4 * ROUND_MS);
    assert(tookMs <= 3 * ROUND_MS, `seed ${seed}: ${tookMs} ms, ${tookMs / ROUND_MS} rounds`);
    machines.run(60_000);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });
});

Deno.test("a one-way partition is handled like a two-way partition", () => {
  for (const mute of ["a", "b", "e"]) {
    for (const direction of ["cannot send", "cannot receive"]) {
      const machines = started(["a", "b", "c", "d", "e"]);
      addValues(machines, machines.ids, 2000);
      machines.isCut = (from, to) => (direction === "cannot send" ? from : to) === mute;
      const others = machines.ids.filter((id) => id !== mute);
      addValues(machines, others, 6000);
      machines.add(others[2] ?? "", "added during the partition");
      machines.runUntil(
        () => others.every((id) => machines.has(id, "added during the partition")),
        3 * LATENCY_MS_MAX,
      );
      machines.isCut = () => false;
      machines.runUntil(() => machines.agreed() > 0, 4 * ROUND_MS);
    }
  }
});

Deno.test("nodes that only a chain of links connects (a-u, u-v, v-w) learn all values", () => {
  const machines = started(["a", "w", "u", "v"]);
  addValues(machines, machines.ids, 2000);
  const connected = new Set(["au", "ua", "uv", "vu", "vw", "wv"]);
  machines.isCut = (from, to) => !connected.has(`${from}${to}`);
  addValues(machines, machines.ids, 10_000);
  machines.add("a", "from a");
  machines.add("w", "from w");
  machines.runUntil(
    () => machines.ids.every((id) => machines.has(id, "from a") && machines.has(id, "from w")),
    20_000,
  );
});

Deno.test("a dead peer gets at most four messages per latency limit", () => {
  for (const gone of [1, 3, 12]) {
    const machines = started(25);
    addValues(machines, machines.ids, 2000);
    const dead = machines.ids.slice(25 - gone);
    for (const id of dead) machines.kill(id);
    addValues(machines, machines.ids.slice(0, 25 - gone), 10_000);
    const sent = machines.watch(() => machines.run(100_000)).filter(({ to }) => dead.includes(to));
    assert(sent.length <= 400, `${sent.length} messages to ${gone} dead nodes in 100 latency limits`);
    const bytes = sent.reduce((sum, { message }) => sum + JSON.stringify(message).length, 0);
    assert(bytes / sent.length < 2000, `${bytes / sent.length} bytes each: a probe carries no changes`);
  }
});

Deno.test("a hub or leaf that restarts without memory has all values within two rounds", () => {
  for (const id of ["n00", "n01", "n06"]) {
    const machines = started(7);
    addValues(machines, machines.ids, 20_000);
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

Deno.test("a node that was paused does not consider its peers down", () => {
  const machines = started(5);
  addValues(machines, machines.ids, 3000);
  machines.add("n03", "just before");
  const start = machines.now;
  machines.runUntil(() => machines.sent.some(({ at, from }) => at >= start && from === "n03"), 2 * ROUND_MS);
  const sent = machines.watch(() => {
    machines.pause("n03", 5000); // while it awaits a reply, and longer than any reply timeout
    machines.run(5000);
    machines.run(ROUND_MS);
  });
  assertEquals(machines.agreed(), 61);
  const asked = sent.filter(({ from, message }) => from === "n03" && message.requestReply);
  assertEquals(asked.length, 0, "its hub is up, so it asks no other candidate");
});

Deno.test("a hub that restarts at once, before its failure is noticed, learns all values again", () => {
  const machines = started(5);
  addValues(machines, machines.ids, 3000);
  machines.restart("n00");
  addValues(machines, machines.ids, 3000);
  machines.runUntil(() => machines.agreed() >= 100, 4 * ROUND_MS);
});

Deno.test("repairing a long partition takes bytes for the difference, not for the common values", () => {
  const bytesFor = (common: number, difference: number) => {
    const machines = started(["a", "b", "c", "d"]);
    for (let i = 0; i < common; i++) machines.add(machines.ids[i % 4] ?? "", i);
    machines.run(10_000);
    return bytesToRepair(machines, { difference, withinMs: 4 * ROUND_MS });
  };
  const little = bytesFor(10_000, 10);
  const much = bytesFor(10_000, 2000);
  const fewCommon = bytesFor(20, 10);
  assert(little < 10_000, `${little} bytes for a difference of 10`);
  assert(
    Math.abs(little - fewCommon) < 1000,
    `${little} bytes with 10,000 common values, ${fewCommon} with 20`,
  );
  assert(much < 2000 * 100 + 10_000, `${much} bytes for a difference of 2000`);
});

Deno.test("after a partition, changes that exceed one message follow in parts, each sent once", () => {
  for (const [from, to] of [["a", "b"], ["b", "a"]] as const) {
    const machines = started(["a", "b"]);
    machines.isCut = partition(["a"], ["b"]);
    for (let i = 0; i < 12_000; i++) {
      machines.add(from, i);
      if (i % 4 === 0) machines.run(1);
    }
    machines.isCut = () => false;
    const sent = machines.watch(() => machines.runUntil(() => machines.has(to, 11_999), 4 * ROUND_MS));
    const parts = sent.filter(({ message }) => message.deltas !== undefined);
    assertEquals(parts.map(({ message }) => message.partial), [true, true, undefined]);
  }
});
