import { assertEquals } from "@std/assert";
import { Incarnations } from "../../../lib/gossip/peer/incarnations.ts";

Deno.test("Incarnations: the first one is current, and another one replaces it", () => {
  const incarnations = new Incarnations();
  assertEquals(incarnations.accept("a", undefined, 0), { kind: "current" });
  assertEquals(incarnations.accept("a", undefined, 1), { kind: "current" });
  assertEquals(incarnations.accept("b", undefined, 2), { kind: "replaced", wasRetired: false });
  assertEquals(incarnations.current, "b");
});

Deno.test("Incarnations: a retired one is stale until it echoes a later timestamp", () => {
  const incarnations = new Incarnations();
  incarnations.accept("a", undefined, 0);
  incarnations.accept("b", undefined, 10);
  assertEquals(incarnations.accept("a", undefined, 11), { kind: "stale" });
  assertEquals(incarnations.accept("a", 10, 12), { kind: "stale" });
  assertEquals(incarnations.accept("a", 11, 13), { kind: "replaced", wasRetired: true });
});

Deno.test("Incarnations: a new one with an older echo than the current one is stale", () => {
  const incarnations = new Incarnations();
  incarnations.accept("b", 50, 60);
  assertEquals(incarnations.accept("a", 40, 70), { kind: "stale" });
  assertEquals(incarnations.current, "b");
});

Deno.test("Incarnations: the oldest of more than 64 previous ones is forgotten", () => {
  const incarnations = new Incarnations();
  for (let i = 0; i <= 65; i++) incarnations.accept(`i${i}`, undefined, i);
  assertEquals(incarnations.accept("i1", undefined, 100), { kind: "stale" });
  assertEquals(incarnations.accept("i0", undefined, 100), { kind: "replaced", wasRetired: false });
});
