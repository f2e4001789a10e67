/** Failures of the hub. The next node in the agreed order replaces it, without a vote. */

import { assert, assertEquals } from "@std/assert";
import { forSeeds } from "../seeds.ts";
import { addValues, Machines, partition, type Sent } from "./support/machines.ts";

const LATENCY_MS_MAX = 1000;
/** The round time at 100 ms per hop, in ms: the limit less margin, gather lead and round trip. */
const ROUND_MS = LATENCY_MS_MAX - 80 - 25 - 200;
/** The rounds in which the others notice the failure, choose another hub, and complete a round through it. */
const REPLACED_ROUNDS = 6;
/** The rounds after which a former hub has no dependents left. */
const EXPIRY_ROUNDS = 16;
const IDS = ["a", "b", "c", "d", "e", "f"];

/** The ways in which the hub can fail. Each returns a function that restores it. */
const LOSSES: Readonly<
  Record<string, (machines: Machines, ids: readonly string[], ms: number) => () => void>
> = {
  "partitioned away": (machines, ids) => {
    machines.isCut = partition(ids, IDS.filter((id) => !ids.includes(id)));
    return () => machines.isCut = () => false;
  },
  "unable to send": (machines, ids) => {
    machines.isCut = (from, to) => ids.includes(from) !== ids.includes(to) && ids.includes(from);
    return () => machines.isCut = () => false;
  },
  paused: (machines, ids, ms) => {
    for (const id of ids) machines.pause(id, ms);
    return () => {};
  },
  killed: (machines, ids) => {
    for (const id of ids) machines.kill(id);
    return () => ids.forEach((id) => machines.restart(id));
  },
};

function started(): Machines {
  const machines = new Machines({ nodes: IDS, latencyMsMax: LATENCY_MS_MAX });
  machines.run(1000);
  addValues(machines, IDS, 3000);
  return machines;
}

function scatterers(sent: readonly Sent[]): string[] {
  return [...new Set(sent.filter(({ message }) => message.roundMs !== undefined).map(({ from }) => from))]
    .sort();
}

for (const [loss, lose] of Object.entries(LOSSES)) {
  Deno.test(`after the hub is ${loss}, a new hub takes over within ${REPLACED_ROUNDS} rounds; the old one resumes within 3`, () => {
    const machines = started();
    const others = IDS.slice(1);
    const restore = lose(machines, ["a"], 12_000);
    const start = machines.now;
    const value = `while a is ${loss}`;
    machines.add("d", value);
    const known = () => others.every((id) => machines.has(id, value));
    const tookMs = machines.runUntil(known, REPLACED_ROUNDS * ROUND_MS);
    assert(tookMs > ROUND_MS, "no failure was noticed");
    addValues(machines, others, 3000);
    const sent = machines.watch(() => addValues(machines, others, 3000));
    assertEquals(
      scatterers(sent.filter(({ from }) => from !== "a")),
      ["b"],
      "the next node in the order is the only hub",
    );

    machines.run(12_000 - (machines.now - start));
    restore();
    const backMs = machines.runUntil(() => machines.agreed() > 0, 3 * ROUND_MS);
    assert(machines.has("a", value), `${backMs} ms after its recovery`);
    addValues(machines, IDS, EXPIRY_ROUNDS * ROUND_MS);
    assertEquals(
      scatterers(machines.watch(() => addValues(machines, IDS, 3000))),
      ["a"],
      "the first node is the hub again",
    );
    machines.run(60_000);
    assert(machines.agreed() > 0);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });

  Deno.test(`after the first two nodes are ${loss}, the third takes over`, () => {
    const machines = started();
    const others = IDS.slice(2);
    const restore = lose(machines, ["a", "b"], 15_000);
    const start = machines.now;
    machines.add("e", "from e");
    machines.runUntil(() => others.every((id) => machines.has(id, "from e")), 2 * REPLACED_ROUNDS * ROUND_MS);
    addValues(machines, others, 3000);
    const sent = machines.watch(() => addValues(machines, others, 2000));
    assertEquals(scatterers(sent.filter(({ from }) => from !== "a" && from !== "b")), ["c"]);
    machines.run(15_000 - (machines.now - start));
    restore();
    machines.runUntil(() => machines.agreed() > 0, 3 * ROUND_MS);
  });
}

Deno.test("a change of the hub takes a few requests per node, not all-to-all messages", () => {
  const machines = new Machines({ nodes: 25, latencyMsMax: LATENCY_MS_MAX });
  machines.run(1000);
  addValues(machines, machines.ids, 3000);
  const [hub = "", ...others] = machines.ids;
  machines.kill(hub);
  const sent = machines.watch(() => addValues(machines, others, 7000));
  const asked = sent.filter(({ message }) => message.requestReply);
  // Each node asks at most four candidates once, and audits one other node every three rounds.
  assert(asked.length <= 24 * 4 + 24 * 7000 / (3 * ROUND_MS), `${asked.length} requests`);
  addValues(machines, others, EXPIRY_ROUNDS * ROUND_MS); // some chose another hub while they asked
  assertEquals(scatterers(machines.watch(() => addValues(machines, others, 3000))), [machines.ids[1]]);
});

Deno.test("within three rounds after random pauses, all nodes have all values", async () => {
  await forSeeds({ slice: 20, full: 500 }, (random, seed) => {
    const machines = started();
    let resumesAt = machines.now;
    for (let i = 0; i < 6; i++) {
      const ms = 500 + random.below(5000);
      for (const id of random.shuffle(IDS).slice(0, 1 + random.below(3))) {
        machines.pause(id, ms);
        resumesAt = Math.max(resumesAt, machines.now + ms);
      }
      addValues(machines, IDS, 1000);
    }
    machines.run(Math.max(0, resumesAt - machines.now));
    const last = machines.now;
    machines.runUntil(() => machines.agreed() > 0, 4 * ROUND_MS);
    const tookMs = machines.now - last;
    assert(tookMs <= 3 * ROUND_MS, `seed ${seed}: ${tookMs} ms, ${tookMs / ROUND_MS} rounds`);
    machines.run(60_000);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });
});

Deno.test("a partition of a large cluster is repaired within three rounds of its end", async () => {
  await forSeeds({ slice: 4, full: 100 }, (random, seed) => {
    const machines = new Machines({ nodes: 25, latencyMsMax: LATENCY_MS_MAX });
    machines.run(1000);
    addValues(machines, machines.ids, 3000);
    const order = random.shuffle(machines.ids);
    const size = 1 + random.below(24);
    const [left, right] = [order.slice(0, size), order.slice(size)];
    machines.isCut = partition(left, right);
    for (let i = 0; i < 8; i++) {
      addValues(machines, left, 1000);
      addValues(machines, right, 1000);
    }
    machines.isCut = () => false;
    const tookMs = machines.runUntil(() => machines.agreed() > 0, 4 * ROUND_MS);
    assert(tookMs <= 3 * ROUND_MS, `seed ${seed}: ${tookMs} ms, ${tookMs / ROUND_MS} rounds`);
  });
});
