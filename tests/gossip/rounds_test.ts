import { assert, assertEquals } from "@std/assert";
import { Machines, transcript } from "./support/machines.ts";

/** Machines that have exchanged their first messages, and know their round trips. */
function started(nodes: readonly string[] | number, options: { latencyMsMax?: number } = {}): Machines {
  const machines = new Machines({ nodes, ...options });
  machines.run(1000);
  return machines;
}

Deno.test("transcript: a round is a gather and a scatter, and acks travel alone in a quiet cluster", () => {
  const machines = new Machines({ nodes: ["a", "b", "c"] });
  machines.run(1000);
  machines.add("b", "x");
  machines.run(50);
  machines.add("c", "y");
  machines.add("a", "z");
  machines.run(60_000);
  assertEquals(transcript(machines.sent), [
    // Every node asks the hub for its state, and the hub asks the next node. There is none, so the answers take their time.
    "0 a→b ask",
    "0 b→a ask",
    "0 c→a ask",
    "300 b→a tell",
    "300 a→b tell",
    "300 a→c tell",
    // The cluster was quiet: changes leave at once, and the scatter sets the rhythm.
    '1000 b→a gather(0) deltas b.1:[0,"x"]',
    '1050 c→a gather(0) deltas c.1:[0,"y"]',
    '1050 a→b scatter(725) deltas a.1:[0,"z"]',
    '1050 a→c scatter(725) deltas a.1:[0,"z"]',
    // One round later. The gathers were on their way when a scattered, so they do not answer it, and a waits for others.
    // z is not acknowledged yet, so it travels again, at no cost.
    '1775 a→b scatter(725) deltas a.1:[0,"z"] c.1:[0,"y"]',
    '1775 a→c scatter(725) deltas a.1:[0,"z"] b.1:[0,"x"]',
    "2650 b→a tell version b.1:1",
    "2650 c→a tell version c.1:1",
  ]);
});

Deno.test("a quiet cluster sends no message", () => {
  for (const nodes of [1, 2, 3, 25]) {
    const machines = started(nodes);
    assertEquals(machines.watch(() => machines.run(3_600_000)).length, 0, "before the first value");
    for (const id of machines.ids) machines.add(id, id);
    machines.run(20_000);
    assertEquals(machines.agreed(), nodes);
    assertEquals(machines.watch(() => machines.run(3_600_000)).length, 0, "after the last value");
  }
});

Deno.test("a round costs at most 2n - 2 messages at any rate of values", () => {
  const machines = started(25);
  const messagesAt = (rate: number) => {
    const sent = machines.watch(() => {
      for (let ms = 0; ms < 20_000; ms += 1000 / rate) {
        machines.add(machines.ids[Math.floor(ms * 7) % 25] ?? "", `${rate}/${ms}`);
        machines.run(1000 / rate);
      }
    });
    machines.run(10_000);
    return sent.length;
  };
  const rounds = 20_000 / (1000 - 80 - 200 - 3 * 25); // the hub does not wait for the lead time once all have gathered
  const most = 48 * (1.1 * rounds + 1); // one scatter in ten may be early
  assert(messagesAt(50) <= most, "at 50 values per second");
  assert(messagesAt(500) <= most, "at 500 values per second");
});

Deno.test("a leaf that has no change in one round acknowledges with its next gather", () => {
  const machines = started(["a", "b", "c"], { latencyMsMax: 1900 });
  const sent = machines.watch(() => {
    for (let ms = 0; ms < 30_000; ms += 100) {
      machines.add("b", `b${ms}`);
      if (ms % 3000 === 0) machines.add("c", `c${ms}`); // less than every other round
      machines.run(100);
    }
  });
  const { length } = sent.filter(({ from, message }) => from === "c" && message.oldestAgeMs === undefined);
  assertEquals(length, 0, "messages of c that only acknowledge");
});

// At a high rate, every leaf has a gather on its way whenever a scatter leaves.
for (const [rate, everyMs, forMs] of [["low", 97, 10_000], ["high", 5, 3000]] as const) {
  Deno.test(`every value reaches all nodes within the latency limit from the start, at a ${rate} rate`, () => {
    for (const latencyMsMax of [590, 1900]) {
      for (const latencyMs of [0, 10, 100]) {
        const machines = new Machines({ nodes: 7, latencyMs, latencyMsMax }); // no time to measure round trips
        const waiting = new Map<string, number>();
        let oldest = 0;
        let added = 0;
        for (let ms = 0; ms < forMs || waiting.size > 0; ms++) {
          if (ms < forMs && (ms * 2654435761) % everyMs === 0) {
            machines.add(machines.ids[ms % 7] ?? "", `v${ms}`);
            waiting.set(`v${ms}`, ms);
            added++;
          }
          machines.run(1);
          for (const [value, since] of waiting) {
            if (!machines.ids.every((id) => machines.has(id, value))) continue;
            oldest = Math.max(oldest, machines.now - since);
            waiting.delete(value);
          }
          assert(ms < forMs + 10_000, `${waiting.size} values have not reached all nodes`);
        }
        assertEquals(machines.agreed(), added);
        assert(oldest <= latencyMsMax, `${oldest} ms at a latency of ${latencyMs}, ${latencyMsMax} allowed`);
      }
    }
  });
}

Deno.test("a higher latency limit needs fewer messages", () => {
  const sent = [400, 800, 1600].map((latencyMsMax) => {
    const machines = started(10, { latencyMsMax });
    return machines.watch(() => {
      for (let i = 0; i < 1000; i++) {
        machines.add(machines.ids[i % 10] ?? "", i);
        machines.run(20);
      }
    }).length;
  });
  const [often = 0, seldom = 0, rarely = 0] = sent;
  assert(often > 1.5 * seldom && seldom > 1.5 * rarely, `${sent}`);
});

Deno.test("a single value costs 2n - 2 messages: a gather, a scatter, and acknowledgements", () => {
  const machines = started(25);
  const sent = machines.watch(() => {
    machines.add("n07", "x");
    assertEquals(machines.runUntil(() => machines.agreed() === 1, 1000), 200); // two hops without waiting for a round
    machines.run(60_000);
  });
  assertEquals(sent.length, 1 + 24 + 23);
});
