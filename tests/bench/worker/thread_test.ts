import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { startThread, takeThread } from "../../../lib/bench/worker/thread.ts";

Deno.test("a thread that was started ahead is taken once, and later ones are new", () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, "Worker");
  const started: object[] = [];
  class FakeWorker {
    constructor() {
      started.push(this);
    }
  }
  Object.defineProperty(globalThis, "Worker", { ...original, value: FakeWorker });
  try {
    startThread();
    startThread();
    assertEquals(started.length, 1);
    assertStrictEquals<object | undefined>(takeThread(), started[0]);
    assert(takeThread() !== takeThread());
    assertEquals(started.length, 3);
  } finally {
    Object.defineProperty(globalThis, "Worker", { ...original });
  }
});
