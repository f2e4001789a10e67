import { assertEquals } from "@std/assert";
import { NodeClock } from "../../lib/sim/node_clock.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";

function runAll(clock: VirtualClock): void {
  while (clock.step());
}

Deno.test("events fire in order of time, then of creation", () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  for (const [name, at] of [["c", 30], ["a", 10], ["b1", 20], ["b2", 20]] as const) {
    clock.after(at, () => fired.push(`${name}@${clock.now()}`));
  }
  runAll(clock);
  assertEquals(fired, ["a@10", "b1@20", "b2@20", "c@30"]);
});

Deno.test("ten thousand random events fire in order, without the canceled ones", () => {
  const random = new SeededRandom(11);
  const clock = new VirtualClock();
  const fired: number[] = [];
  let kept = 0;
  for (let i = 0; i < 10_000; i++) {
    const cancel = clock.after(random.below(500), () => fired.push(clock.now()));
    if (random.chance(0.3)) cancel();
    else kept++;
  }
  runAll(clock);
  assertEquals([fired.length, clock.fired], [kept, kept]);
  assertEquals(fired, [...fired].sort((a, b) => a - b));
});

Deno.test("an event scheduled for now fires before time advances", () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.after(5, () => {
    fired.push("first");
    clock.after(0, () => fired.push(`then@${clock.now()}`));
  });
  clock.after(5, () => fired.push("second"));
  runAll(clock);
  assertEquals(fired, ["first", "second", "then@5"]);
});

Deno.test("a fast clock fires early, a slow one late, and a jump fires the passed timers", () => {
  const base = new VirtualClock();
  const fired: Array<readonly [string, number]> = [];
  const make = (name: string, change: (clock: NodeClock) => void) => {
    const clock = new NodeClock(base);
    clock.after(100, () => fired.push([name, base.now()]));
    change(clock);
  };
  make("right", () => {});
  make("fast", (clock) => clock.drift(2));
  make("slow", (clock) => clock.drift(0.5));
  make("jumped", (clock) => base.after(30, () => clock.jump(80)));
  make("jumped a little", (clock) => base.after(30, () => clock.jump(20)));
  make("stopped", (clock) => clock.stop());
  runAll(base);
  assertEquals(fired, [["jumped", 30], ["fast", 50], ["jumped a little", 80], ["right", 100], ["slow", 200]]);
});

Deno.test("a clock that jumps back stops at its origin, and its timers fire later by as much", () => {
  const base = new VirtualClock();
  const fired: number[] = [];
  const clock = new NodeClock(base);
  clock.after(100, () => fired.push(base.now()));
  base.after(40, () => {
    clock.jumpBack(-5);
    assertEquals(clock.now(), 40);
    clock.jumpBack(10);
    assertEquals(clock.now(), 30);
    clock.jumpBack(1000);
    assertEquals(clock.now(), 0);
  });
  runAll(base);
  assertEquals(fired, [140]);
});

Deno.test("a node's clock never goes back, for any rate or jump", () => {
  const random = new SeededRandom(2);
  const base = new VirtualClock();
  const clock = new NodeClock(base);
  let before = clock.now();
  for (let i = 0; i < 200; i++) {
    base.after(random.uniform(0, 10), () => {});
    base.step();
    if (random.chance(0.5)) clock.drift(random.uniform(0.5, 2));
    else clock.jump(random.uniform(-50, 50));
    const now = clock.now();
    assertEquals(now >= before, true);
    before = now;
  }
});
