import { assertEquals } from "@std/assert";
import { Counter } from "../../lib/crdt/mod.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { forSeeds } from "../seeds.ts";

const MOST = Number.MAX_SAFE_INTEGER;

/** Sends everything that `from` knows to `to`, as JSON text. */
function sync(from: Counter, to: Counter): void {
  for (const [origin, count] of from.vector) {
    const { payload, upTo } = from.delta(origin, to.vector.get(origin) ?? 0, 1);
    assertEquals(upTo, count);
    to.merge(origin, JSON.parse(JSON.stringify(payload)));
  }
}

Deno.test("a counter is the sum of its increments less its decrements", () => {
  const counter = new Counter("a");
  assertEquals(counter.value, 0);
  for (const delta of [5, -2, 0, 4]) assertEquals(counter.add(delta), true);
  assertEquals(counter.value, 7);
  assertEquals([...counter.states], [["a", { version: 3, plus: 9, minus: 2 }]]);
});

Deno.test("a delta of 0 is not a change", () => {
  const counter = new Counter("a");
  counter.add(0);
  assertEquals([...counter.vector], []);
});

Deno.test("copies that received the same changes agree, in any order and with repetitions", async () => {
  await forSeeds({ slice: 30, full: 500 }, (random) => {
    const counters = ["a", "b", "c"].map((origin) => new Counter(origin));
    let sum = 0;
    for (let i = 0; i < 50; i++) {
      const delta = random.below(20) - 10;
      random.pick(counters).add(delta);
      sum += delta;
      sync(random.pick(counters), random.pick(counters));
    }
    for (const from of random.shuffle(counters)) for (const to of random.shuffle(counters)) sync(from, to);
    assertEquals(counters.map(({ value }) => value), [sum, sum, sum]);
  });
});

Deno.test("merging is commutative, associative and idempotent", async () => {
  await forSeeds({ slice: 30, full: 500 }, (random) => {
    const [x, y, z] = [1, 2, 3].map(() => someCounter(random));
    const merged = (...parts: readonly (Counter | undefined)[]) => {
      const result = new Counter("none");
      for (const part of parts) if (part !== undefined) sync(part, result);
      return [...result.states].sort();
    };
    const pair = new Counter("none");
    if (y !== undefined) sync(y, pair);
    if (z !== undefined) sync(z, pair);
    assertEquals(merged(x, y), merged(y, x));
    assertEquals(merged(x, y, z), merged(x, pair));
    assertEquals(merged(x, x, y, x), merged(x, y));
  });
});

/** Returns a counter with a few origins, in states that one history can produce. */
function someCounter(random: SeededRandom): Counter {
  const counter = new Counter("none");
  for (const origin of ["p", "q", "r"]) {
    const version = random.below(5);
    if (version > 0) counter.merge(origin, [version, 10 * version, 3 * version]);
  }
  return counter;
}

Deno.test("a malformed state is ignored", () => {
  const counter = new Counter("a");
  for (
    const payload of [null, 5, "x", [], [1], [1, 2], [1, 2, 3, 4], [1, -2, 3], [1, 2.5, 3], [1, "2", 3], {
      0: 1,
    }]
  ) {
    counter.merge("b", payload);
  }
  assertEquals([...counter.vector], []);
});

Deno.test("an addition to a sum that would not be exact is refused and adds nothing", () => {
  const counter = new Counter("a");
  assertEquals(counter.add(MOST), true);
  assertEquals([counter.add(1), counter.value], [false, MOST]);
  assertEquals([counter.add(-1), counter.value], [true, MOST - 1]);
  assertEquals([counter.add(1), counter.value], [false, MOST - 1], "the increments alone would not be exact");
  const other = new Counter("b");
  sync(counter, other);
  assertEquals([other.add(2), other.value], [false, MOST - 1]);
  assertEquals([other.add(1), other.value], [true, MOST]);
});

Deno.test("a counter has no value while the sum of its parts is not exact", () => {
  const [a, b, c] = ["a", "b", "c"].map((origin) => new Counter(origin)) as [Counter, Counter, Counter];
  a.add(MOST);
  b.add(2);
  c.add(-1);
  sync(a, b);
  assertEquals(b.value, undefined);
  sync(c, b);
  assertEquals(b.value, undefined); // 2^53 itself is not exact either: 2^53 + 1 looks the same
  c.add(-1);
  sync(c, b);
  assertEquals(b.value, MOST);
});

Deno.test("large parts that cancel each other out are summed exactly", () => {
  const sum = new Counter("none");
  sum.merge("a", [1, MOST, 0]);
  sum.merge("b", [1, MOST, 0]);
  sum.merge("c", [1, 0, MOST]);
  sum.merge("d", [1, 0, MOST - 1]);
  assertEquals(sum.value, 1);
});

Deno.test("restore merges what encode returned", () => {
  const counter = new Counter("a");
  counter.add(5);
  counter.merge("b", [7, 9, 2]);
  const restored = new Counter("a");
  restored.restore(JSON.parse(JSON.stringify(counter.encode())));
  assertEquals([...restored.states], [...counter.states]);
  restored.add(1);
  assertEquals(restored.states.get("a"), { version: 2, plus: 6, minus: 0 });
});
