import { assertEquals } from "@std/assert";
import {
  areEqual,
  compareIds,
  coordinatorOf,
  InstanceSet,
  isUpTo,
  numberOf,
  unionOf,
} from "../../../lib/consensus/leaderless/instance_ids.ts";

Deno.test("a name holds the coordinator, whose own name may have a dot, and a number", () => {
  assertEquals([coordinatorOf("a.b.12"), numberOf("a.b.12")], ["a.b", 12]);
  assertEquals(["n1.10", "n0.2", "n1.2"].sort(compareIds), ["n0.2", "n1.2", "n1.10"]);
});

Deno.test("a set closes its gaps", () => {
  const set = new InstanceSet({ n0: 1 });
  set.add("n0.3");
  assertEquals([set.upTo, set.beyond, set.has("n0.2"), set.has("n0.3")], [{ n0: 1 }, ["n0.3"], false, true]);
  set.add("n0.2");
  assertEquals([set.upTo, set.beyond], [{ n0: 3 }, []]);
});

Deno.test("a floor covers numbers up to its own", () => {
  assertEquals(["n0.2", "n0.3", "n1.1"].map((id) => isUpTo({ n0: 2 }, id)), [true, false, false]);
});

Deno.test("a union of floors has the greatest number of each coordinator, and none is zero", () => {
  assertEquals(unionOf([{ n0: 2 }, { n0: 1, n1: 3 }, {}]), { n0: 2, n1: 3 });
  assertEquals([areEqual({ n0: 2, n1: 0 }, { n0: 2 }), areEqual({ n0: 2 }, { n0: 2, n1: 1 })], [true, false]);
});
