import { assertEquals } from "@std/assert";
import { Origins } from "../../lib/gossip/origins.ts";
import { VersionVector } from "../../lib/gossip/version_vector.ts";

function counts(vector: VersionVector): number[] {
  return [0, 1, 2, 3].map((origin) => vector.get(origin));
}

Deno.test("VersionVector: an origin that is not listed has count 0", () => {
  assertEquals(counts(new VersionVector([2])), [2, 0, 0, 0]);
});

Deno.test("VersionVector: advance raises a count and reports it, and never lowers one", () => {
  const vector = new VersionVector();
  assertEquals([vector.advance(2, 5), vector.advance(2, 5), vector.advance(2, 3)], [true, false, false]);
  assertEquals(counts(vector), [0, 0, 5, 0]);
});

Deno.test("VersionVector: advanceAll is the maximum per origin", () => {
  const vector = new VersionVector([1, 5]);
  vector.advanceAll(new VersionVector([3, 2, 1]));
  assertEquals(counts(vector), [3, 5, 1, 0]);
});

Deno.test("VersionVector: one dominates another if no count is lower", () => {
  const vector = new VersionVector([1, 2]);
  const others = [[], [1], [1, 2], [1, 2, 0], [1, 2, 1], [2]].map((given) => new VersionVector(given));
  assertEquals(others.map((other) => vector.dominates(other)), [true, true, true, true, false, false]);
});

Deno.test("VersionVector: a copy is independent", () => {
  const vector = new VersionVector([1]);
  const copy = vector.copy();
  vector.advance(0, 9);
  assertEquals(counts(copy), [1, 0, 0, 0]);
});

Deno.test("Origins: a name keeps the number of its first call", () => {
  const origins = new Origins();
  assertEquals(["x", "y", "x"].map((name) => origins.numberOf(name)), [0, 1, 0]);
  assertEquals(origins.names, ["x", "y"]);
});
