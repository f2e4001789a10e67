/** The hub is lost: cut off, stopped, or dead. The next in the agreed order is one at once, and nobody votes. */

import { assert, assertEquals } from "@std/assert";
import { forSeeds } from "../seeds.ts";
import { busy, Machines, parts, type Sent } from "./support/machines.ts";

const ALLOWED_MS = 1000;
/** A round at 100 ms of latency: allowed less guard, grace and round trip. */
const ROUND_MS = ALLOWED_MS - 80 - 25 - 200;
/** Within so many rounds the others have noticed, have another hub, and have had a round through it. */
const REPLACED_ROUNDS = 6;
/** A hub that is none any more serves those who took it for one a little longer: so many rounds. */
const FORGOTTEN_ROUNDS = 16;
const IDS = ["a", "b", "c", "d", "e", "f"];

/** How the hub can be lost for some time, and what gives it back. */
const LOSSES: Readonly<
  Record<string, (machines: Machines, ids: readonly string[], ms: number) => () => void>
> = {
  "cut off": (machines, ids) => {
    machines.isCut = parts(ids, IDS.filter((id) => !ids.includes(id)));
    return () => machines.isCut = () => false;
  },
  "not heard": (machines, ids) => {
    machines.isCut = (from, to) => ids.includes(from) !== ids.includes(to) && ids.includes(from);
    return () => machines.isCut = () => false;
  },
  stopped: (machines, ids, ms) => {
    for (const id of ids) machines.stop(id, ms);
    return () => {};
  },
  killed: (machines, ids) => {
    for (const id of ids) machines.kill(id);
    return () => ids.forEach((id) => machines.restart(id));
  },
};

function started(): Machines {
  const machines = new Machines({ nodes: IDS, latencyMsMax: ALLOWED_MS });
  machines.run(1000);
  busy(machines, IDS, 3000);
  return machines;
}

function scatterers(sent: readonly Sent[]): string[] {
  return [...new Set(sent.filter(({ message }) => message.roundMs !== undefined).map(({ from }) => from))]
    .sort();
}

for (const [loss, lose] of Object.entries(LOSSES)) {
  Deno.test(`the hub ${loss}: the others have another within ${REPLACED_ROUNDS} rounds, and it back within three`, () => {
    const machines = started();
    const others = IDS.slice(1);
    const restore = lose(machines, ["a"], 12_000);
    const begun = machines.now;
    const value = `while a is ${loss}`;
    machines.add("d", value);
    const known = () => others.every((id) => machines.has(id, value));
    const tookMs = machines.runUntil(known, REPLACED_ROUNDS * ROUND_MS);
    assert(tookMs > ROUND_MS, "they did not know that the hub was gone");
    busy(machines, others, 3000);
    const sent = machines.watch(() => busy(machines, others, 3000));
    assertEquals(
      scatterers(sent.filter(({ from }) => from !== "a")),
      ["b"],
      "one hub, the next in the order",
    );

    machines.run(12_000 - (machines.now - begun));
    restore();
    const backMs = machines.runUntil(() => machines.agreed() > 0, 3 * ROUND_MS);
    assert(machines.has("a", value), `${backMs} ms after it is back`);
    busy(machines, IDS, FORGOTTEN_ROUNDS * ROUND_MS);
    assertEquals(
      scatterers(machines.watch(() => busy(machines, IDS, 3000))),
      ["a"],
      "the first is the hub again",
    );
    machines.run(60_000);
    assert(machines.agreed() > 0);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });

  Deno.test(`the hub and the next one ${loss}: the third takes over, and all is everywhere afterwards`, () => {
    const machines = started();
    const others = IDS.slice(2);
    const restore = lose(machines, ["a", "b"], 15_000);
    const begun = machines.now;
    machines.add("e", "from e");
    machines.runUntil(() => others.every((id) => machines.has(id, "from e")), 2 * REPLACED_ROUNDS * ROUND_MS);
    busy(machines, others, 3000);
    const sent = machines.watch(() => busy(machines, others, 2000));
    assertEquals(scatterers(sent.filter(({ from }) => from !== "a" && from !== "b")), ["c"]);
    machines.run(15_000 - (machines.now - begun));
    restore();
    machines.runUntil(() => machines.agreed() > 0, 3 * ROUND_MS);
  });
}

Deno.test("another hub costs a few questions, not a vote of all with all", () => {
  const machines = new Machines({ nodes: 25, latencyMsMax: ALLOWED_MS });
  machines.run(1000);
  busy(machines, machines.ids, 3000);
  const [hub = "", ...others] = machines.ids;
  machines.kill(hub);
  const sent = machines.watch(() => busy(machines, others, 7000));
  const asked = sent.filter(({ message }) => message.requestReply);
  // Each asks the candidates before itself, four at most, once; whoever is in doubt asks one other every three rounds.
  assert(asked.length <= 24 * 4 + 24 * 7000 / (3 * ROUND_MS), `${asked.length} questions`);
  busy(machines, others, FORGOTTEN_ROUNDS * ROUND_MS); // some took another for it while they asked
  assertEquals(scatterers(machines.watch(() => busy(machines, others, 3000))), [machines.ids[1]]);
});

Deno.test("whichever nodes stop, for however long, all is everywhere within three rounds after the last goes on", async () => {
  await forSeeds({ slice: 20, full: 500 }, (random, seed) => {
    const machines = started();
    let goesOn = machines.now;
    for (let i = 0; i < 6; i++) {
      const ms = 500 + random.below(5000);
      for (const id of random.shuffle(IDS).slice(0, 1 + random.below(3))) {
        machines.stop(id, ms);
        goesOn = Math.max(goesOn, machines.now + ms);
      }
      busy(machines, IDS, 1000);
    }
    machines.run(Math.max(0, goesOn - machines.now));
    const last = machines.now;
    machines.runUntil(() => machines.agreed() > 0, 4 * ROUND_MS);
    const tookMs = machines.now - last;
    assert(tookMs <= 3 * ROUND_MS, `seed ${seed}: ${tookMs} ms, ${tookMs / ROUND_MS} rounds`);
    machines.run(60_000);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });
});

Deno.test("a cut between the halves of a large cluster is made good within three rounds, whoever was asked last", async () => {
  await forSeeds({ slice: 4, full: 100 }, (random, seed) => {
    const machines = new Machines({ nodes: 25, latencyMsMax: ALLOWED_MS });
    machines.run(1000);
    busy(machines, machines.ids, 3000);
    const order = random.shuffle(machines.ids);
    const size = 1 + random.below(24);
    const [left, right] = [order.slice(0, size), order.slice(size)];
    machines.isCut = parts(left, right);
    for (let i = 0; i < 8; i++) {
      busy(machines, left, 1000);
      busy(machines, right, 1000);
    }
    machines.isCut = () => false;
    const tookMs = machines.runUntil(() => machines.agreed() > 0, 4 * ROUND_MS);
    assert(tookMs <= 3 * ROUND_MS, `seed ${seed}: ${tookMs} ms, ${tookMs / ROUND_MS} rounds`);
  });
});
