import { assertEquals, assertThrows } from "@std/assert";
import { valueAt } from "../../lib/checkers/columns.ts";

Deno.test("valueAt throws if the index is outside of the column", () => {
  const column = Int32Array.of(5, 7);
  assertEquals([valueAt(column, 0), valueAt(column, 1)], [5, 7]);
  for (const index of [-1, 2, 0.5, NaN]) assertThrows(() => valueAt(column, index), RangeError);
});
