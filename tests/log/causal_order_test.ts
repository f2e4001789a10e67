import { assert, assertEquals, assertThrows } from "@std/assert";
import { CausalOrder, type EntryPosition } from "../../lib/log/causal/causal_order.ts";
import { InvariantError } from "../../lib/protocol/errors.ts";
import type { Json } from "../../lib/protocol/schema.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { forSeeds } from "../seeds.ts";

/** A causal order at node `a`, and a readable record of its deliveries. */
function recorded(
  own = "a",
): { order: CausalOrder; told: string[]; give(origin: string, ...entries: Json[]): void } {
  const told: string[] = [];
  const order = new CausalOrder(own, {
    deliver: (entry, { origin, index }) => told.push(`${origin}${index}: ${entry}`),
    acknowledged: (by, { origin, upTo }) => told.push(`${by} has ${origin} up to ${upTo}`),
  });
  const given = new Map<string, number>();
  const give = (origin: string, ...entries: Json[]) => {
    for (const entry of entries) {
      const index = (given.get(origin) ?? 0) + 1;
      given.set(origin, index);
      order.receive(entry, { origin, index });
    }
  };
  return { order, told, give };
}

Deno.test("an entry after an acknowledgement waits for the entries that the acknowledgement names", () => {
  const { order, told, give } = recorded();
  give("b", ["first"], { c: 2 }, ["after c2"]);
  assertEquals([told, order.bufferedCount], [["b1: first"], 2]);
  give("c", ["x"]);
  assertEquals(order.bufferedCount, 2);
  give("c", ["y"]);
  assertEquals(told, ["b1: first", "c1: x", "c2: y", "b has c up to 2", "b3: after c2"]);
  assertEquals(order.bufferedCount, 0);
});

Deno.test("a chain of buffered entries is delivered together", () => {
  const { told, give } = recorded();
  give("d", { c: 2 }, ["d"]);
  give("c", { b: 1 }, ["c"]);
  assertEquals(told, []);
  give("b", ["b"]);
  assertEquals(told, ["b1: b", "c has b up to 1", "c2: c", "d has c up to 2", "d2: d"]);
});

Deno.test("an acknowledgement is due for entries, not for acknowledgements, and covers both", () => {
  const { order, give } = recorded();
  assertEquals([order.ackDue, order.ackEntry()], [false, undefined]);
  give("b", { a: 0 });
  assertEquals(order.ackDue, false);
  give("c", ["x"]);
  assertEquals([order.ackDue, order.ackEntry()], [true, { b: 1, c: 1 }]);
  give("a", { b: 1, c: 1 });
  assertEquals([order.ackDue, order.ackEntry()], [false, undefined]);
  give("c", ["y"]);
  assertEquals(order.ackEntry(), { c: 2 });
});

Deno.test("a node does not acknowledge its own entries", () => {
  const { order, told, give } = recorded();
  give("a", ["mine"]);
  assertEquals([order.ackDue, order.ackEntry(), told], [false, undefined, ["a1: mine"]]);
});

Deno.test("a value that is neither entry nor acknowledgement advances the index and is not delivered", () => {
  const { order, told, give } = recorded();
  give("b", 7, null, "x", { c: "no" }, ["after"]);
  assertEquals([told, order.delivered("b")], [["b5: after"], 5]);
});

/** Returns the logs of nodes that write and read each other's logs at random, with acknowledgements. */
function history(random: SeededRandom, nodes: number): Map<string, Json[]> {
  const names = Array.from({ length: nodes }, (_, i) => `n${i}`);
  const logs = new Map(names.map((name): [string, Json[]] => [name, []]));
  const views = names.map((name) => {
    const seen = new Map<string, number>();
    const order = new CausalOrder(name, { deliver: () => {}, acknowledged: () => {} });
    return { name, seen, order };
  });
  for (let step = 0; step < 100; step++) {
    const { name, seen, order } = random.pick(views);
    const write = (entry: Json) => {
      const index = logs.get(name)?.push(entry) ?? 0;
      order.receive(entry, { origin: name, index });
    };
    const ack = order.ackDue ? order.ackEntry() : undefined;
    if (ack !== undefined) write(ack);
    if (random.chance(0.4)) write([`${name}-${step}`]);
    else {
      const origin = random.pick(names.filter((other) => other !== name));
      const log = logs.get(origin) ?? [];
      const from = seen.get(origin) ?? 0;
      const to = Math.min(log.length, from + 1 + random.below(5));
      for (let i = from; i < to; i++) order.receive(log[i] ?? null, { origin, index: i + 1 });
      seen.set(origin, to);
    }
  }
  return logs;
}

Deno.test("in any order of arrival, each entry is delivered once, after all that its author knew", async () => {
  await forSeeds({ slice: 50, full: 5000 }, (random) => {
    const logs = history(random, 2 + random.below(4));
    const delivered = new Map<string, number>();
    const order = new CausalOrder("reader", {
      deliver: (entry, { origin, index }: EntryPosition) => {
        assertEquals(entry, logs.get(origin)?.[index - 1]);
        for (const before of logs.get(origin)?.slice(0, index - 1) ?? []) {
          if (Array.isArray(before) || typeof before !== "object" || before === null) continue;
          for (const [other, count] of Object.entries(before)) {
            assert(Number(count) <= order.delivered(other), `${origin} knew ${other} up to ${count}`);
          }
        }
        assert(index > (delivered.get(origin) ?? 0));
        delivered.set(origin, index);
      },
      acknowledged: () => {},
    });
    const next = new Map<string, number>();
    const left = () => [...logs].filter(([origin, log]) => (next.get(origin) ?? 0) < log.length);
    for (let open = left(); open.length > 0; open = left()) {
      const [origin, log] = random.pick(open);
      const at = next.get(origin) ?? 0;
      order.receive(log[at] ?? null, { origin, index: at + 1 });
      next.set(origin, at + 1);
    }
    assertEquals(order.bufferedCount, 0);
    for (const [origin, log] of logs) assertEquals(order.delivered(origin), log.length);
  });
});

Deno.test("an entry that is not the next one of its origin breaks an invariant", () => {
  const { order, give } = recorded();
  give("b", ["first"]);
  for (const index of [1, 3]) {
    assertThrows(() => order.receive(["x"], { origin: "b", index }), InvariantError, "in place of 2");
  }
});
