import { assertEquals } from "@std/assert";
import { openingView } from "../../../lib/bench/report/data/opening_view.ts";

Deno.test("a run without findings opens on the whole", () => {
  const view = openingView({ marks: [], beginUs: 0, endUs: 1000 });
  assertEquals([view.from, view.to], [0, 1000]);
});
