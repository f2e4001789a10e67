import { assertEquals } from "@std/assert";
import { Flights } from "../../../lib/bench/report/browser/flights.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";

Deno.test("the messages in flight at a time are those of a full search", () => {
  const random = new SeededRandom("flights");
  const sent = Array.from({ length: 3000 }, () => random.below(100_000)).sort((a, b) => a - b);
  const resolved = sent.map((at) =>
    random.chance(0.02) ? -1 : at + random.below(random.chance(0.05) ? 50_000 : 300)
  );
  const flights = new Flights({ sent, resolved }, 100_000);
  for (let time = -100; time < 110_000; time += 997) {
    for (const linger of [0, 500]) {
      const found = [...flights.rows.subarray(0, flights.find(time, linger))];
      const expected = sent.flatMap((at, row) => {
        const end = (resolved[row] ?? -1) < at ? Math.max(at, 100_000) : resolved[row] ?? 0;
        return at <= time && end >= time - linger ? [row] : [];
      });
      assertEquals(found, expected, `at ${time}`);
    }
  }
});

Deno.test("progress goes from the sender to the receiver", () => {
  const flights = new Flights({ sent: [0, 10], resolved: [100, 10] }, 1000);
  assertEquals([-5, 0, 25, 100, 500].map((time) => flights.progress(0, time)), [0, 0, 0.25, 1, 1]);
  assertEquals(flights.progress(1, 10), 1);
});
