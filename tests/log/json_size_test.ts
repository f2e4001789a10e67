import { assert, assertEquals } from "@std/assert";
import { estimateJsonBytes } from "../../lib/log/json_size.ts";

Deno.test("the estimate is between the length of the JSON and a few times that length", () => {
  for (
    const value of [
      "",
      "text",
      [],
      {},
      ["a", "b"],
      { key: "value", other: ["x"] },
      [1, 2, 3],
      [[[]]],
      null,
      true,
    ]
  ) {
    const [size, estimate] = [JSON.stringify(value).length, estimateJsonBytes(value)];
    assert(estimate >= size, JSON.stringify(value));
    assert(estimate <= 6 * size + 8, JSON.stringify(value));
  }
});

Deno.test("a longer value has a higher estimate", () => {
  const sizes = [1, 10, 100].map((length) => estimateJsonBytes(Array.from({ length }, () => "x")));
  assertEquals(sizes, sizes.toSorted((a, b) => a - b));
});
