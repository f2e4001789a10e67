import { assertEquals } from "@std/assert";
import { Counter } from "../../lib/crdt/mod.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { forSeeds } from "../seeds.ts";

const MOST = Number.MAX_SAFE_INTEGER;

/** Copies everything that `from` knows to `to`, as text, as it travels. */
function tell(from: Counter, to: Counter): void {
  for (const [origin, count] of from.vector) {
    const { payload, upTo } = from.delta(origin, to.vector.get(origin) ?? 0, 1);
    assertEquals(upTo, count);
    to.merge(origin, JSON.parse(JSON.stringify(payload)));
  }
}

Deno.test("a counter is the sum of what was added and taken away", () => {
  const counter = new Counter("a");
  assertEquals(counter.value, 0);
  for (const delta of [5, -2, 0, 4]) assertEquals(counter.add(delta), true);
  assertEquals(counter.value, 7);
  assertEquals([...counter.states], [["a", { version: 3, plus: 9, minus: 2 }]]);
});

Deno.test("a delta of 0 changes nothing that would have to be told", () => {
  const counter = new Counter("a");
  counter.add(0);
  assertEquals([...counter.vector], []);
});

Deno.test("copies that have heard the same agree, in whatever order and how often they heard it", async () => {
  await forSeeds({ slice: 30, full: 500 }, (random) => {
    const counters = ["a", "b", "c"].map((origin) => new Counter(origin));
    let sum = 0;
    for (let i = 0; i < 50; i++) {
      const delta = random.below(20) - 10;
      random.pick(counters).add(delta);
      sum += delta;
      tell(random.pick(counters), random.pick(counters));
    }
    for (const from of random.shuffle(counters)) for (const to of random.shuffle(counters)) tell(from, to);
    assertEquals(counters.map(({ value }) => value), [sum, sum, sum]);
  });
});

Deno.test("merging is commutative, associative and idempotent", async () => {
  await forSeeds({ slice: 30, full: 500 }, (random) => {
    const [x, y, z] = [1, 2, 3].map(() => someCounter(random));
    const merged = (...parts: readonly (Counter | undefined)[]) => {
      const result = new Counter("none");
      for (const part of parts) if (part !== undefined) tell(part, result);
      return [...result.states].sort();
    };
    const pair = new Counter("none");
    if (y !== undefined) tell(y, pair);
    if (z !== undefined) tell(z, pair);
    assertEquals(merged(x, y), merged(y, x));
    assertEquals(merged(x, y, z), merged(x, pair));
    assertEquals(merged(x, x, y, x), merged(x, y));
  });
});

/** A counter whose origins come from few, in states that one history can have led to. */
function someCounter(random: SeededRandom): Counter {
  const counter = new Counter("none");
  for (const origin of ["p", "q", "r"]) {
    const version = random.below(5);
    if (version > 0) counter.merge(origin, [version, 10 * version, 3 * version]);
  }
  return counter;
}

Deno.test("a state that is not of the right form is left out", () => {
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

Deno.test("a sum that a double does not hold exactly is refused, and nothing is added", () => {
  const counter = new Counter("a");
  assertEquals(counter.add(MOST), true);
  assertEquals([counter.add(1), counter.value], [false, MOST]);
  assertEquals([counter.add(-1), counter.value], [true, MOST - 1]);
  assertEquals([counter.add(1), counter.value], [false, MOST - 1], "the increments alone would not be exact");
  const other = new Counter("b");
  tell(counter, other);
  assertEquals([other.add(2), other.value], [false, MOST - 1]);
  assertEquals([other.add(1), other.value], [true, MOST]);
});

Deno.test("parts that are exact and whose sum is not have no value, and have one again when it is", () => {
  const [a, b, c] = ["a", "b", "c"].map((origin) => new Counter(origin)) as [Counter, Counter, Counter];
  a.add(MOST);
  b.add(2);
  c.add(-1);
  tell(a, b);
  assertEquals(b.value, undefined);
  tell(c, b);
  assertEquals(b.value, undefined); // 2^53 itself is not exact either: 2^53 + 1 looks the same
  c.add(-1);
  tell(c, b);
  assertEquals(b.value, MOST);
});

Deno.test("parts that cancel each other out are summed exactly, however large", () => {
  const sum = new Counter("none");
  sum.merge("a", [1, MOST, 0]);
  sum.merge("b", [1, MOST, 0]);
  sum.merge("c", [1, 0, MOST]);
  sum.merge("d", [1, 0, MOST - 1]);
  assertEquals(sum.value, 1);
});

Deno.test("what was encoded is restored", () => {
  const counter = new Counter("a");
  counter.add(5);
  counter.merge("b", [7, 9, 2]);
  const restored = new Counter("a");
  restored.restore(JSON.parse(JSON.stringify(counter.encode())));
  assertEquals([...restored.states], [...counter.states]);
  restored.add(1);
  assertEquals(restored.states.get("a"), { version: 2, plus: 6, minus: 0 });
});
