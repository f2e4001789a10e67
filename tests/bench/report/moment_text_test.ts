import { assertEquals } from "@std/assert";
import { momentText } from "../../../lib/bench/report/browser/moment_text.ts";
import { sampleData } from "./sample_data.ts";

Deno.test("a moment names its calls, returns, sends, arrivals, losses and faults", () => {
  const data = sampleData({ values: 2, nodes: 2, lost: new Set([1]), partition: [5, 50] });
  assertEquals(momentText(data, 1000), "n0 sent forward to n1");
  assertEquals(momentText(data, 21_000), "n1 received forward from n0");
  assertEquals(momentText(data, 31_000), "forward from n1 to n0: lost");
  assertEquals(momentText(data, 5000), "start of partition");
  assertEquals(momentText(data, 2000), "broadcast of process 0: ok · n0 sent broadcast_ok to c0");
  assertEquals(momentText(data, 1234), "");
  assertEquals(momentText({ ...data, ends: { n1: 777 } }, 777), "n1 exited");
});

Deno.test("of many events at one time, some are named and the others are counted", () => {
  const data = sampleData({ values: 1, nodes: 9 });
  assertEquals(
    momentText(data, 1000),
    "n0 sent forward to n1 · n0 sent forward to n2 · n0 sent forward to n3 · 5 more",
  );
});
