import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { murmur3, SeededRandom } from "../../lib/sim/random.ts";

// Made with the authors' own C code (https://prng.di.unimi.it/xoshiro128starstar.c) from the state 1, 2, 3, 4.
const XOSHIRO_1234 = [
  11520,
  0,
  5927040,
  70819200,
  2031721883,
  1637235492,
  1287239034,
  3734860849,
  3729100597,
  4258142804,
];

Deno.test("the generator gives the published numbers", () => {
  const random = SeededRandom.fromState([1, 2, 3, 4]);
  assertEquals(XOSHIRO_1234.map(() => random.bits()), XOSHIRO_1234);
});

Deno.test("the hash gives the published values", () => {
  // Reference values of MurmurHash3_x86_32, over bytes; a UTF-16 unit is two of them.
  assertEquals(murmur3("", 0), 0);
  assertEquals(murmur3("", 1), 0x514e28b7);
  assertEquals(murmur3("", 0xffffffff), 0x81f16f39);
  assertEquals(murmur3("\u0000\u0000", 0), 0x2362f9de); // four zero bytes
  assertEquals(murmur3("\u4321\u8765", 0), 0xf55b516b); // the bytes 21 43 65 87
  assertEquals(murmur3("\u4321", 0), 0xa0f7b07a); // the bytes 21 43
});

Deno.test("a stream depends on its path alone, not on what was drawn before", () => {
  const root = new SeededRandom(7);
  const before = root.split("latency").split("n1>n2").bits();
  for (let i = 0; i < 100; i++) root.bits();
  assertEquals(root.split("latency").split("n1>n2").bits(), before);
  assertEquals(new SeededRandom("7/latency/n1>n2").bits(), before);
  assertNotEquals(root.split("latency").split("n2>n1").bits(), before);
  assertNotEquals(new SeededRandom(8).split("latency").split("n1>n2").bits(), before);
});

Deno.test("distributions have their means and ranges", () => {
  const random = new SeededRandom(1);
  const count = 20_000;
  const mean = (draw: () => number) => Array.from({ length: count }, draw).reduce((a, b) => a + b) / count;
  assert(Math.abs(mean(() => random.next()) - 0.5) < 0.02);
  assert(Math.abs(mean(() => random.exponential(100)) - 100) < 4);
  assert(Math.abs(mean(() => random.uniform(10, 30)) - 20) < 0.3);
  assert(Math.abs(mean(() => random.chance(0.2) ? 1 : 0) - 0.2) < 0.02);
  const seen = new Set(Array.from({ length: count }, () => random.below(7)));
  assertEquals([...seen].sort(), [0, 1, 2, 3, 4, 5, 6]);
});

Deno.test("a shuffle keeps all values and reaches every order", () => {
  const random = new SeededRandom(3);
  const orders = new Set(Array.from({ length: 400 }, () => random.shuffle([1, 2, 3]).join("")));
  assertEquals([...orders].sort(), ["123", "132", "213", "231", "312", "321"]);
});

Deno.test("ids are 128 bits and do not repeat", () => {
  const random = new SeededRandom(5);
  const ids = Array.from({ length: 1000 }, () => random.id());
  assert(ids.every((id) => /^[0-9a-f]{32}$/.test(id)));
  assertEquals(new Set(ids).size, ids.length);
});
