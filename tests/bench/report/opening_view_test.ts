import { assert, assertEquals } from "@std/assert";
import { openingView } from "../../../lib/bench/report/data/opening_view.ts";
import type { FaultBand, MessageColumns } from "../../../lib/bench/report/data/report_data.ts";
import { sampleData } from "./sample_data.ts";

const SECOND = 1_000_000;
const NOTHING = {
  story: [],
  mark: undefined,
  messages: null,
  operations: { begin: [], end: [] },
  faults: [],
  beginUs: -100_000,
  endUs: 30 * SECOND,
} as const;

Deno.test("a run without any event opens at its start", () => {
  const { from, to, at } = openingView(NOTHING);
  assertEquals([from, to, at], [0, SECOND, 0]);
});

Deno.test("a valid run opens on the second in which most happens", () => {
  const calls = [1, 2, 12.1, 12.2, 12.3, 20].map((second) => second * SECOND);
  const operations = { begin: calls, end: calls };
  const { from, to } = openingView({ ...NOTHING, operations });
  assertEquals([from, to], [12.1 * SECOND, 13.1 * SECOND]);
  const partition: FaultBand = { kind: "partition", from: 20 * SECOND, to: 25 * SECOND, nodes: [], text: "" };
  assertEquals(openingView({ ...NOTHING, operations, faults: [partition] }).from, 20 * SECOND);
});

Deno.test("a second with too many messages to tell apart is shown in part", () => {
  const { messages, operations, endUs } = sampleData({ nodes: 25, values: 400 });
  assert(messages !== null);
  const view = openingView({ ...NOTHING, messages, operations, endUs });
  const shown = shownIn(messages, view);
  assert(shown > 100 && shown <= 430, `${shown} messages`);
});

function shownIn(
  { sent }: MessageColumns,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  return sent.filter((time) => from <= time && time <= to).length;
}

Deno.test("a failed run opens on the evidence of its story, at the sentence that explains most", () => {
  const view = openingView({
    ...NOTHING,
    operations: { begin: [100_000, 9 * SECOND], end: [101_000, 9 * SECOND + 500] },
    story: [
      { kind: "verdict", text: "lost", at: 9 * SECOND, messages: [], operations: [0, 1] },
      { kind: "operation", text: "given", at: 100_000, messages: [], operations: [0] },
      { kind: "absence", text: "never sent", at: 140_000, messages: [], operations: [] },
      { kind: "fault", text: "cut", at: 20_000, messages: [], operations: [] },
    ],
  });
  assertEquals(view, {
    from: 100_000 - 6000,
    to: 146_000,
    at: 140_000,
    messages: [],
    operations: [0, 1],
  });
});
