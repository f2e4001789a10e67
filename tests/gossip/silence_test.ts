/** Silence: no messages in a quiet cluster, and few to a peer that does not respond. */

import { assert, assertEquals } from "@std/assert";
import type { Dissemination } from "../../lib/gossip/mod.ts";
import { addValues, bytesToRepair, Machines, partition } from "./support/machines.ts";

const LATENCY_MS_MAX = 1000;
const STRATEGIES: readonly Dissemination[] = ["hub", "direct", "topology"];
const SQUARE = { a: ["b", "d"], b: ["a", "c"], c: ["b", "d"], d: ["c", "a"] };

/** Four nodes, whose topology is a square. */
function square(dissemination: Dissemination): Machines {
  const machines = new Machines({ nodes: Object.keys(SQUARE), latencyMsMax: LATENCY_MS_MAX, dissemination });
  for (const [id, neighbors] of Object.entries(SQUARE)) machines.connect(id, neighbors);
  machines.run(5000);
  return machines;
}

for (const strategy of STRATEGIES) {
  Deno.test(`a cluster without updates sends no message, also after a partition (${strategy})`, () => {
    const machines = square(strategy);
    const hour = () => machines.watch(() => machines.run(3_600_000)).length;
    assertEquals(hour(), 0, "before the first value");
    for (let i = 0; i < 5; i++) {
      machines.add("abcd"[i % 4] ?? "", i);
      machines.run(10_000);
      assertEquals(machines.agreed(), i + 1);
      assertEquals(hour(), 0, `after value ${i}`);
    }
    machines.isCut = partition(["a"], ["b", "c", "d"]);
    addValues(machines, ["a", "c"], 5000);
    machines.isCut = () => false;
    machines.run(60_000);
    assertEquals(machines.agreed(), 105);
    assertEquals(hour(), 0, "after a partition");
  });
}

/** The node that fails, and the number of messages that it gets at most per latency limit, at any rate of values. */
const SILENT: readonly (readonly [strategy: Dissemination, id: string, perLimitMax: number])[] = [
  ["hub", "a", 2], // the next hub probes two unreachable nodes per round, and its round differs from the others'
  ["hub", "c", 2],
  ["direct", "a", 2], // nodes that are not responsible for c send to it directly and expect no reply
  ["topology", "a", 6], // both neighbors probe it, every two batches
  ["topology", "c", 6],
];

for (const [strategy, id, perLimitMax] of SILENT) {
  Deno.test(`a dead node ${id} gets few messages, and no values (${strategy})`, () => {
    const machines = square(strategy);
    addValues(machines, Object.keys(SQUARE), 3000);
    const others = Object.keys(SQUARE).filter((other) => other !== id);
    machines.kill(id);
    addValues(machines, others, 10_000);
    const sent = machines.watch(() => addValues(machines, others, 100_000)).filter(({ to }) => to === id);
    const perLimit = sent.length / (100_000 / LATENCY_MS_MAX);
    assert(perLimit <= perLimitMax, `${perLimit} messages to it per latency limit`);
    assert(sent.length > 10, `probed ${sent.length} times in 100 s: a recovery would not be noticed`);
    const most = Math.max(...sent.map(({ message }) => JSON.stringify(message).length));
    assert(most < 300, `${most} bytes to a node that does not respond`);
    assert(sent.every(({ message }) => message.deltas === undefined), "it was sent values");
  });
}

Deno.test("the cost of a dead peer does not depend on the number of values that it missed", () => {
  const bytesAfter = (missed: number) => {
    const machines = new Machines({ nodes: ["a", "b", "c"], latencyMsMax: LATENCY_MS_MAX });
    machines.run(1000);
    addValues(machines, machines.ids, 1000);
    machines.kill("c");
    for (let i = 0; i < missed; i++) machines.add("a", `missed ${i}`);
    machines.run(20_000);
    return machines.watch(() => machines.run(100_000)).filter(({ to }) => to === "c")
      .reduce((bytes, { message }) => bytes + JSON.stringify(message).length, 0);
  };
  const [few, many] = [bytesAfter(1), bytesAfter(5000)];
  assert(Math.abs(few - many) < few / 10, `${few} bytes for one value, ${many} for 5000`);
});

Deno.test("after a long partition, only the difference is sent, even after hundreds of incarnations", () => {
  const bytesAfter = (incarnations: number, difference: number) => {
    const machines = new Machines({ nodes: ["a", "b", "c", "d"], latencyMsMax: LATENCY_MS_MAX });
    for (let i = 0; i < incarnations; i++) { // each adds an origin forever
      machines.add("d", i);
      machines.run(2500);
      machines.restart("d");
    }
    machines.run(10_000);
    assertEquals(machines.agreed(), incarnations);
    return bytesToRepair(machines, { difference, withinMs: 3 * LATENCY_MS_MAX });
  };
  const [short, long] = [bytesAfter(4, 10), bytesAfter(400, 10)];
  assert(long < short + 12_000, `${long} bytes after 400 incarnations, ${short} after 4`);
  const much = bytesAfter(4, 1000);
  assert(much > 2 * short && much < 1000 * 100 + 12_000, `${much} bytes for a difference of 1000`);
});
