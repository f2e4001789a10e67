/** Who says nothing when there is nothing to say, and how little is said to somebody who does not answer. */

import { assert, assertEquals } from "@std/assert";
import type { Dissemination } from "../../lib/gossip/mod.ts";
import { busy, bytesToMakeGood, Machines, parts } from "./support/machines.ts";

const ALLOWED_MS = 1000;
const WAYS: readonly Dissemination[] = ["hub", "direct", "topology"];
const SQUARE = { a: ["b", "d"], b: ["a", "c"], c: ["b", "d"], d: ["c", "a"] };

/** Four nodes; along a topology, in a square. */
function square(dissemination: Dissemination): Machines {
  const machines = new Machines({ nodes: Object.keys(SQUARE), latencyMsMax: ALLOWED_MS, dissemination });
  for (const [id, neighbours] of Object.entries(SQUARE)) machines.connect(id, neighbours);
  machines.run(5000);
  return machines;
}

for (const way of WAYS) {
  Deno.test(`nothing outstanding, no message: before the first value, after the last, and after a cut (${way})`, () => {
    const machines = square(way);
    const hour = () => machines.watch(() => machines.run(3_600_000)).length;
    assertEquals(hour(), 0, "before the first value");
    for (let i = 0; i < 5; i++) {
      machines.add("abcd"[i % 4] ?? "", i);
      machines.run(10_000);
      assertEquals(machines.agreed(), i + 1);
      assertEquals(hour(), 0, `after value ${i}`);
    }
    machines.isCut = parts(["a"], ["b", "c", "d"]);
    busy(machines, ["a", "c"], 5000);
    machines.isCut = () => false;
    machines.run(60_000);
    assertEquals(machines.agreed(), 105);
    assertEquals(hour(), 0, "after a cut");
  });
}

/** A hub, or somebody else; at most so many messages to it in the time of the allowed latency, whatever the rate. */
const SILENT: readonly (readonly [way: Dissemination, id: string, perAllowedMax: number])[] = [
  ["hub", "a", 2], // the hub asks two of those who are gone a round; it has another round than the others
  ["hub", "c", 2],
  ["direct", "a", 2], // c is told straight by those who do not serve it, and answers none of them: it may well be there
  ["topology", "a", 6], // both its neighbours, every two batches
  ["topology", "c", 6],
];

for (const [way, id, perAllowedMax] of SILENT) {
  Deno.test(`${id} is silent for ever: it is written to seldom, and without values (${way})`, () => {
    const machines = square(way);
    busy(machines, Object.keys(SQUARE), 3000);
    const others = Object.keys(SQUARE).filter((other) => other !== id);
    machines.kill(id);
    busy(machines, others, 10_000);
    const sent = machines.watch(() => busy(machines, others, 100_000)).filter(({ to }) => to === id);
    const perAllowed = sent.length / (100_000 / ALLOWED_MS);
    assert(perAllowed <= perAllowedMax, `${perAllowed} messages to it in the time of the allowed latency`);
    assert(sent.length > 10, `asked ${sent.length} times in 100 s: whoever comes back would not be noticed`);
    const most = Math.max(...sent.map(({ message }) => JSON.stringify(message).length));
    assert(most < 300, `${most} bytes to somebody who does not answer`);
    assert(sent.every(({ message }) => message.deltas === undefined), "it was sent values");
  });
}

Deno.test("a silent peer costs the same, however long the vectors and however many values it missed", () => {
  const bytesAfter = (missed: number) => {
    const machines = new Machines({ nodes: ["a", "b", "c"], latencyMsMax: ALLOWED_MS });
    machines.run(1000);
    busy(machines, machines.ids, 1000);
    machines.kill("c");
    for (let i = 0; i < missed; i++) machines.add("a", `missed ${i}`);
    machines.run(20_000);
    return machines.watch(() => machines.run(100_000)).filter(({ to }) => to === "c")
      .reduce((bytes, { message }) => bytes + JSON.stringify(message).length, 0);
  };
  const [few, many] = [bytesAfter(1), bytesAfter(5000)];
  assert(Math.abs(few - many) < few / 10, `${few} bytes for one value, ${many} for 5000`);
});

Deno.test("after a long cut, what differs is sent and no more, though there were hundreds of lives before", () => {
  const spentAfter = (lives: number, difference: number) => {
    const machines = new Machines({ nodes: ["a", "b", "c", "d"], latencyMsMax: ALLOWED_MS });
    for (let life = 0; life < lives; life++) { // each adds an origin, for ever
      machines.add("d", life);
      machines.run(2500);
      machines.restart("d");
    }
    machines.run(10_000);
    assertEquals(machines.agreed(), lives);
    return bytesToMakeGood(machines, { difference, withinMs: 3 * ALLOWED_MS });
  };
  const [short, long] = [spentAfter(4, 10), spentAfter(400, 10)];
  assert(long < short + 12_000, `${long} bytes after 400 lives, ${short} after 4`);
  const much = spentAfter(4, 1000);
  assert(much > 2 * short && much < 1000 * 100 + 12_000, `${much} bytes for a difference of 1000`);
});
