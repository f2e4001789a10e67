import { assertEquals } from "@std/assert";
import { unionOf, withoutCovered } from "../../../lib/consensus/accord/dependencies.ts";

Deno.test("a union has the highest floors, and no transaction below them", () => {
  const union = unionOf([
    { ids: ["n0.3", "n1.1"], floor: { n0: 1 } },
    { ids: ["n0.3", "n0.5"], floor: { n0: 3, n1: 0 } },
  ]);
  assertEquals(union, { ids: ["n1.1", "n0.5"], floor: { n0: 3 } });
});

Deno.test("a difference lacks what the other set names or has below its floor", () => {
  const known = { ids: ["n0.3"], floor: { n1: 2 } };
  assertEquals(withoutCovered({ ids: ["n0.3", "n0.4", "n1.2"], floor: { n0: 1 } }, known), {
    ids: ["n0.4"],
    floor: { n0: 1 },
  });
});
