import { assertEquals, assertThrows } from "@std/assert";
import { createHash } from "../../../lib/bench/playground/absent.ts";

Deno.test({
  name: "a next tick runs after all promise continuations, in order",
  // The port of the module stays open.
  sanitizeResources: false,
  sanitizeOps: false,
  fn: async () => {
    const { nextTick } = await import("../../../lib/bench/playground/worker/process.ts");
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      nextTick(() => seen.push("first"));
      nextTick(() => resolve(void seen.push("second")));
    });
    Promise.resolve().then(() => {}).then(() => seen.push("promise"));
    await done;
    assertEquals(seen, ["promise", "first", "second"]);
  },
});

Deno.test("a function that a browser lacks says so", () => {
  assertThrows(() => createHash(), Error, "browser");
});
