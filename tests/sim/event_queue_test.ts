import { assert, assertEquals } from "@std/assert";
import { EventQueue } from "../../lib/sim/event_queue.ts";
import { forSeeds } from "../seeds.ts";

Deno.test("events leave by time, and by their making where times are equal", async () => {
  await forSeeds({ slice: 50, full: 1000 }, (random) => {
    const queue = new EventQueue();
    const added: { at: number; order: number }[] = [];
    for (let i = 0; i < 100; i++) {
      const { at, order } = queue.push(random.below(20), () => {});
      added.push({ at, order });
    }
    const taken = added.map(() => queue.pop()).map((event) => ({
      at: event?.at ?? -1,
      order: event?.order ?? -1,
    }));
    assertEquals(taken, added.toSorted((a, b) => a.at - b.at || a.order - b.order));
    assertEquals([queue.size, queue.pop()], [0, undefined]);
  });
});

Deno.test("canceled events never leave, and are at most half of a long queue", async () => {
  await forSeeds({ slice: 20, full: 200 }, (random) => {
    const queue = new EventQueue();
    let pending: { at: number; order: number }[] = [];
    for (let i = 0; i < 1000; i++) {
      const event = queue.push(random.below(1000), () => {});
      if (random.chance(0.9)) queue.cancel(event);
      else pending.push(event);
      assert(queue.size <= 2 * pending.length + 129, `${queue.size} for ${pending.length}`);
    }
    pending = pending.toSorted((a, b) => a.at - b.at || a.order - b.order);
    for (const event of pending) {
      assertEquals(queue.peek(), event);
      queue.pop();
    }
    assertEquals([queue.peek(), queue.size], [undefined, 0]);
  });
});

Deno.test("peek passes over events that are canceled", () => {
  const queue = new EventQueue();
  const first = queue.push(1, () => {});
  const second = queue.push(2, () => {});
  queue.cancel(first);
  assertEquals(queue.peek(), second);
  assertEquals(queue.size, 1);
  queue.cancel(second);
  assertEquals(queue.peek(), undefined);
});
