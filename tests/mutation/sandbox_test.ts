import { assertEquals } from "@std/assert";
import { firstFailure } from "./sandbox.ts";

Deno.test("the first test that failed is named with its file", () => {
  const tap = [
    "TAP version 14",
    "# ./tests/a_test.ts",
    "ok 1 - all is well",
    "# ./tests/b_test.ts",
    "not ok 2 - a value is known once",
    "not ok 3 - and another thing",
  ].join("\n");
  assertEquals(firstFailure(tap), "tests/b_test.ts: a value is known once");
  assertEquals(firstFailure("TAP version 14\n# ./tests/a_test.ts\nok 1 - all is well\n1..1\n"), undefined);
});
