import { assert, assertEquals } from "@std/assert";
import { type Cell, StoredCounter } from "../../lib/crdt/mod.ts";
import { forSeeds } from "../seeds.ts";

Deno.test("a node's key has the previous total, the incarnation, its sum, and a revision", () => {
  const counter = new StoredCounter("l1");
  assertEquals(counter.hasUnstoredAdditions, false);
  counter.add(5);
  counter.add(-2);
  assertEquals(counter.hasUnstoredAdditions, true);
  const cell = counter.next();
  assertEquals(cell, [0, "l1", 3, 1]);
  counter.recordStored(cell);
  assertEquals([counter.hasUnstoredAdditions, counter.value], [false, 3]);
});

Deno.test("every write has another value, so that the store cannot answer it from the past", () => {
  const counter = new StoredCounter("l1");
  const first = counter.next();
  counter.recordStored(first);
  const second = counter.next();
  assert(JSON.stringify(first) !== JSON.stringify(second));
  const restarted = new StoredCounter("l1", 0);
  restarted.recordStored(second);
  assertEquals(restarted.next()[3], second[3] + 1);
});

Deno.test("an addition during a write is written with the next one", () => {
  const counter = new StoredCounter("l1");
  counter.add(1);
  const cell = counter.next();
  counter.add(1);
  counter.recordStored(cell);
  assertEquals([counter.hasUnstoredAdditions, counter.value, counter.next()], [true, 2, [0, "l1", 2, 2]]);
});

Deno.test("a node without memory adds to the total that its key has, as a new incarnation", () => {
  const counter = new StoredCounter("l2");
  counter.add(4);
  counter.recordStored([10, "l1", 5, 7]);
  assertEquals([counter.value, counter.next()], [19, [15, "l2", 4, 8]]);
});

Deno.test("a kept sum counts as stored only after the node has read the key, even if it is 0", () => {
  const counter = new StoredCounter("l1", 0);
  assertEquals(counter.hasUnstoredAdditions, true);
  counter.recordStored([0, "l1", 4, 3]);
  assertEquals([counter.hasUnstoredAdditions, counter.value], [true, 0]);
});

Deno.test("the keys of other nodes count with previous total and own sum", () => {
  const counter = new StoredCounter("l1");
  counter.add(1);
  counter.recordOther("n2", [10, "x", 5, 1]);
  counter.recordOther("n3", undefined);
  counter.recordOther("n4", "nonsense");
  assertEquals(counter.value, 16);
  counter.recordOther("n2", [10, "x", 6, 2]);
  assertEquals(counter.value, 17);
});

Deno.test("an addition is refused if a sum would not be exact", () => {
  const counter = new StoredCounter("l1");
  counter.recordOther("n2", [Number.MAX_SAFE_INTEGER - 1, "x", 0, 1]);
  assertEquals([counter.add(2), counter.add(1), counter.value], [false, true, Number.MAX_SAFE_INTEGER]);
  counter.recordOther("n3", [0, "x", 1, 1]);
  assertEquals(counter.value, undefined);
  const below = new StoredCounter("l1");
  below.recordOther("n2", [-10, "x", 0, 1]);
  assertEquals([below.add(Number.MAX_SAFE_INTEGER), below.add(1)], [true, false], "a part is exact, too");
  assertEquals(below.value, Number.MAX_SAFE_INTEGER - 10);
});

Deno.test("each addition counts once, although writes are lost, late or unanswered and nodes restart", async () => {
  await forSeeds({ slice: 50, full: 2000 }, (random) => {
    let key: Cell | undefined;
    let incarnation = 0;
    let counter = new StoredCounter(`l${incarnation}`);
    let added = 0;
    const late: { from: Cell | undefined; to: Cell }[] = [];
    const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
    const cas = ({ from, to }: { from: Cell | undefined; to: Cell }) => same(key, from) && (key = to, true);
    let known = false;
    for (let step = 0; step < 60; step++) {
      const before = counter.value ?? 0;
      if (random.chance(0.5)) {
        const delta = random.below(9) - 4;
        counter.add(delta);
        added += delta;
      }
      if (!known) {
        counter.recordStored(key);
        known = true;
      }
      if (random.chance(0.4)) late.push({ from: counter.stored, to: counter.next() }); // leaves, and may come much later
      if (random.chance(0.3)) {
        const write = late.splice(random.below(late.length), 1)[0];
        if (write !== undefined) cas(write);
      }
      if (random.chance(0.3)) {
        const write = { from: counter.stored, to: counter.next() };
        counter.recordStored(cas(write) ? write.to : key);
      }
      if (random.chance(0.05)) { // a node that forgets has written all it acknowledged, in this test
        counter.recordStored(key);
        const write = { from: counter.stored, to: counter.next() };
        assert(cas(write));
        counter = new StoredCounter(`l${++incarnation}`);
        known = false;
      } else assert(known || counter.value === before);
    }
    counter.recordStored(key);
    const write = { from: counter.stored, to: counter.next() };
    assert(cas(write));
    counter.recordStored(key);
    assertEquals(counter.value, added);
  });
});
