import { assertEquals } from "@std/assert";
import { plural, times } from "../../lib/bench/format.ts";

Deno.test("a noun is plural unless there is exactly one", () => {
  assertEquals([0, 1, 2].map((count) => plural(count, "seed")), ["0 seeds", "1 seed", "2 seeds"]);
  assertEquals(plural(1000, "message", (count) => count.toExponential()), "1e+3 messages");
});

Deno.test("one time is once", () => {
  assertEquals([1, 2].map(times), ["once", "2 times"]);
});
