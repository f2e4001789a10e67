import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { exponentialIndex, randomTransactions } from "../../../lib/bench/workloads/txn_generator.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { share } from "./drive.ts";

function many(count: number, shape: { keyCount: number; maxLength: number; maxWritesPerKey: number }) {
  const next = randomTransactions(new SeededRandom(1), { write: "append", ...shape });
  return Array.from({ length: count }, next);
}

Deno.test("all transaction lengths are equally likely, and half of the micro-operations read", () => {
  const transactions = many(10_000, { keyCount: 10, maxLength: 4, maxWritesPerKey: 16 });
  for (const length of [1, 2, 3, 4]) {
    assertAlmostEquals(share(transactions, (each) => each.length === length), 0.25, 0.02);
  }
  assertAlmostEquals(share(transactions.flat(), ([f]) => f === "r"), 0.5, 0.02);
});

Deno.test("each key position is twice as likely as the previous one", () => {
  const random = new SeededRandom(2);
  const indexes = Array.from({ length: 100_000 }, () => exponentialIndex(random, 5));
  for (const index of [0, 1, 2, 3, 4]) {
    const expected = 2 ** index / (2 ** 5 - 1);
    assertAlmostEquals(share(indexes, (each) => each === index), expected, 0.1 * expected);
  }
});

Deno.test("a drawn key position is always within the number of keys", () => {
  const random = new SeededRandom(3);
  for (const count of [1, 2, 60, 5000, 1_000_000]) {
    for (let i = 0; i < 1000; i++) {
      const index = exponentialIndex(random, count);
      assert(Number.isInteger(index) && index >= 0 && index < count, `${index} of ${count}`);
    }
  }
});

Deno.test("writes of a key count up from 1, and a new key replaces it after the last write", () => {
  const [keyCount, maxWritesPerKey] = [4, 16];
  const written = new Map<number, number>();
  let full = 0;
  for (const [f, key, value] of many(20_000, { keyCount, maxLength: 4, maxWritesPerKey }).flat()) {
    assert(key < keyCount + full, `key ${key} is in use with ${full} full`);
    if (f === "r") continue;
    assertEquals(value, (written.get(key) ?? 0) + 1);
    assert(value !== null && value <= maxWritesPerKey);
    written.set(key, value);
    if (value === maxWritesPerKey) full++;
  }
  assert(written.size > 1000);
});

Deno.test("a retired key is not used again", () => {
  const lastUse = new Map<number, number>();
  const firstUse = new Map<number, number>();
  const uses = many(20_000, { keyCount: 3, maxLength: 2, maxWritesPerKey: 4 }).flat();
  for (const [at, [, key]] of uses.entries()) {
    lastUse.set(key, at);
    if (!firstUse.has(key)) firstUse.set(key, at);
  }
  const inUseAtOnce = uses.map(() => 0);
  for (const [key, from] of firstUse) {
    for (let at = from; at <= (lastUse.get(key) ?? from); at++) inUseAtOnce[at] = (inUseAtOnce[at] ?? 0) + 1;
  }
  assertEquals(inUseAtOnce.reduce((max, each) => Math.max(max, each)), 3);
});

Deno.test("the same seed gives the same transactions", () => {
  const shape = { keyCount: 10, maxLength: 4, maxWritesPerKey: 16 };
  assertEquals(many(100, shape), many(100, shape));
});
