import { assert, assertEquals } from "@std/assert";
import { difference, SKETCH_LENGTH, sketchOf } from "../../lib/gossip/sketch.ts";
import { forSeeds } from "../seeds.ts";
import { Machines, unreliable } from "./support/machines.ts";

const SAME = Array.from({ length: 1000 }, (_, i) => [`n${i % 25}.${i}`, i + 1] as const);

Deno.test("equal vectors have an empty difference", () => {
  assertEquals(difference(new Map(SAME), sketchOf(new Map(SAME))), { mine: new Set<string>(), theirs: 0 });
  assertEquals(difference(new Map(), sketchOf(new Map())), { mine: new Set<string>(), theirs: 0 });
});

Deno.test("the difference contains origins of one side, and origins with two counts", () => {
  const mine = new Map([...SAME, ["a", 7], ["b", 2]] as const);
  const theirs = new Map([...SAME, ["b", 3], ["c", 1], ["d", 1]] as const);
  assertEquals(difference(mine, sketchOf(theirs)), { mine: new Set(["a", "b"]), theirs: 3 });
  assertEquals(difference(theirs, sketchOf(mine)), { mine: new Set(["b", "c", "d"]), theirs: 2 });
});

Deno.test("the length of a sketch does not depend on the vector", () => {
  assertEquals(sketchOf(new Map(SAME)).length, SKETCH_LENGTH);
  const bytes = JSON.stringify(sketchOf(new Map(SAME))).length;
  assert(bytes < 2500, `${bytes} bytes`);
});

Deno.test("up to twenty differing entries are nearly always decoded, and never wrongly", async () => {
  let failed = 0;
  let tried = 0;
  await forSeeds({ slice: 300, full: 20_000 }, (random, seed) => {
    const mine = new Map<string, number>(SAME.slice(0, random.below(1000)));
    const theirs = new Map(mine);
    const changed = random.below(40);
    const expected = new Set<string>();
    let theirsExpected = 0;
    for (let i = 0; i < changed; i++) {
      const origin = `s${seed}.${i}`;
      const [a, b] = [random.below(3), random.below(3)];
      if (a > 0) mine.set(origin, a);
      if (b > 0) theirs.set(origin, b);
      if (a !== b && a > 0) expected.add(origin);
      if (a !== b && b > 0) theirsExpected++;
    }
    const found = difference(mine, sketchOf(theirs));
    if (expected.size + theirsExpected <= 20) {
      tried++;
      if (found === undefined) failed++;
    }
    if (found !== undefined) assertEquals(found, { mine: expected, theirs: theirsExpected });
  });
  assert(tried > 100 && failed <= tried / 20, `${failed} of ${tried} could not be decoded`);
});

Deno.test("a malformed sketch, or one with too large a difference, is not decoded", () => {
  const vector = new Map(SAME);
  assertEquals(difference(vector, []), undefined);
  assertEquals(difference(vector, [1, 2, 3]), undefined);
  assertEquals(difference(vector, Array.from({ length: SKETCH_LENGTH }, (_, i) => i)), undefined);
  assertEquals(difference(new Map(), sketchOf(vector)), undefined, "a thousand entries are too many");
});

for (const [what, sketchOriginsMin] of [["sketches", 0], ["lists of origins", 1_000_000]] as const) {
  Deno.test(`all nodes agree after losses and restarts without memory, with ${what}`, async () => {
    await forSeeds({ slice: 10, full: 1000 }, (random) => {
      const machines = new Machines({ nodes: 2 + random.below(5), sketchOriginsMin });
      machines.delayMs = unreliable(random);
      for (let i = 0; i < 400; i++) {
        machines.add(random.pick(machines.ids), i);
        if (random.chance(0.03)) machines.restart(random.pick(machines.ids));
        machines.run(random.uniform(0, 50));
      }
      machines.delayMs = () => 100;
      machines.runUntil(() => machines.agreed() > 0, 20_000);
      machines.run(60_000);
      assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
    });
  });
}

Deno.test("a node with a disk catches up with bytes for what it lacks, after any number of restarts", () => {
  const bytesAfter = (incarnations: number) => {
    const machines = new Machines({ nodes: ["a", "b", "c"] });
    for (let i = 0; i < incarnations; i++) { // each incarnation adds an origin forever
      machines.add("c", i);
      machines.run(3000);
      machines.restart("c");
    }
    machines.run(10_000);
    assertEquals(machines.agreed(), incarnations);
    machines.kill("c");
    machines.add("a", "missed");
    machines.run(10_000);
    const sent = machines.watch(() => {
      machines.restart("c", { keeping: true });
      machines.runUntil(() => machines.agreed() === incarnations + 1, 3000);
      machines.run(60_000);
    });
    return sent.filter(({ from, to }) => [from, to].includes("c"))
      .reduce((bytes, { message }) => bytes + JSON.stringify(message).length, 0);
  };
  const few = bytesAfter(10);
  const many = bytesAfter(600);
  assert(many < few + 12_000, `${many} bytes after 600 incarnations, ${few} after 10`);
});
