import { assert, assertEquals } from "@std/assert";
import { Causality } from "../../../lib/bench/report/browser/causality.ts";
import { messageColumns } from "../../../lib/bench/report/data/message_columns.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { sampleData } from "./sample_data.ts";

type Flight = readonly [src: string, dest: string, sent: number, ended: number, event?: string];

const NODES = ["n0", "n1", "n2", "n3"];

/** Returns the messages of these flights, with times in ms. */
function columns(flights: readonly Flight[]) {
  const lines: { readonly time: number; readonly line: string }[] = [];
  for (const [id, [src, dest, sent, ended, event = "received"]] of flights.entries()) {
    const message = { src, dest, body: { type: "m", id } };
    lines.push({ time: sent, line: JSON.stringify({ time: sent * 1e6, id, event: "sent", message }) });
    lines.push({ time: ended, line: JSON.stringify({ time: ended * 1e6, id, event }) });
  }
  lines.sort((a, b) => a.time - b.time);
  return messageColumns(lines.map(({ line }) => line), { nodes: NODES, windows: [] }).columns;
}

Deno.test("the past has the messages with a path to the event, and no others", () => {
  const causality = new Causality(
    columns([
      ["n0", "n1", 1, 5],
      ["n2", "n1", 2, 9], // arrives after n1 has sent
      ["n3", "n0", 3, 4], // arrives after n0 has sent
      ["n1", "n2", 6, 10],
      ["n0", "n2", 7, 8, "lost"],
    ]),
    4,
  );
  assertEquals(causality.past([{ actor: 2, time: 10_000 }]), [3, 0]);
  assertEquals(causality.past([{ actor: 2, time: 9_000 }]), []);
  assertEquals(causality.future([{ actor: 0, time: 0 }]), [0, 3, 4]);
  assertEquals(causality.future([{ actor: 0, time: 2_000 }]), [4]);
});

Deno.test("past and future agree with a search over all paths", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new SeededRandom(`causality ${seed}`);
    const flights = Array.from({ length: 40 }, (_, i): Flight => {
      const src = random.below(4);
      return [`n${src}`, `n${(src + 1 + random.below(3)) % 4}`, 2 * i, 2 * i + 1 + 2 * random.below(12)];
    });
    const messages = columns(flights);
    const causality = new Causality(messages, 4);
    const { src, dest, sent, resolved } = messages;
    const precedes = (a: number, b: number) => dest[a] === src[b] && (resolved[a] ?? 0) <= (sent[b] ?? 0);
    const reach = (row: number, next: (a: number, b: number) => boolean) => {
      const seen = new Set<number>();
      const queue = [row];
      for (const at of queue) {
        for (const other of sent.keys()) {
          if (seen.has(other) || !next(at, other)) continue;
          seen.add(other);
          queue.push(other);
        }
      }
      return [...seen].sort((a, b) => a - b);
    };
    const { first, last } = causality.endsOf(20);
    assertEquals(causality.past([first]).sort((a, b) => a - b), reach(20, (a, b) => precedes(b, a)));
    assertEquals(causality.future([last]).sort((a, b) => a - b), reach(20, precedes));
  }
});

Deno.test("an operation's request is the message that its client sent at its start", () => {
  const { messages, operations } = sampleData({ values: 10 });
  assert(messages !== null);
  const causality = new Causality(messages, 5);
  for (let row = 0; row < 10; row++) {
    const request = causality.requestOf(operations, row);
    assertEquals(messages.body[request], `{"type":"broadcast","message":${row},"msg_id":${row + 1}}`);
  }
  assertEquals(causality.requestOf(operations, 12), -1, "a read of this run has no message");
});

Deno.test("a large past is cut to the messages nearest in time", () => {
  const { messages } = sampleData({ values: 100 });
  assert(messages !== null);
  const events = [{ actor: 0, time: 2_000_000 }];
  const all = new Causality(messages, 5).past(events, 10_000);
  assertEquals(new Causality(messages, 5).past(events, 50), all.slice(0, 50));
});
