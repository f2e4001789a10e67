import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import { faultBands } from "../../../lib/bench/report/data/fault_intervals.ts";
import { messageColumns, MESSAGES_MAX } from "../../../lib/bench/report/data/message_columns.ts";
import { Delivery } from "../../../lib/sim/message_router.ts";
import { limitedMessages } from "../../../lib/bench/run/message_limit.ts";
import { operationColumns, OPERATIONS_MAX } from "../../../lib/bench/report/data/operation_columns.ts";
import { DELIVERY_STATUSES } from "../../../lib/bench/report/data/report_data.ts";
import { sampleRun } from "./sample_run.ts";

const nowhere = { windows: [] };

Deno.test("messages use the history's clock and have a delivery status", () => {
  const { messages = [] } = sampleRun({ nodes: 3, values: 2, lost: new Set([1]) });
  const { columns } = messageColumns(messages, { nodes: ["n0", "n1", "n2"], ...nowhere });
  assertEquals(columns.sent.slice(0, 3), [0, 1000, 1000]);
  assertEquals(columns.resolved.slice(0, 3), [0, 21_000, 21_000]);
  assertEquals(columns.actors, ["n0", "n1", "n2", "c0", "c1"]);
  const describeDeliveries = columns.deliveryStatus.map((deliveryStatus) =>
    DELIVERY_STATUSES[deliveryStatus]
  );
  assertEquals(describeDeliveries.filter((deliveryStatus) => deliveryStatus === "lost").length, 2);
  assertEquals(columns.leftOut, { total: 8, notes: [] });
});

Deno.test("a duplicated message has a row per copy, and a message in flight has no end", () => {
  const message = '"message":{"src":"n0","dest":"n1","body":{"type":"x"}}';
  const { columns } = messageColumns([
    `{"time":1000,"id":0,"event":"sent",${message}}`,
    '{"time":1000,"id":0,"event":"duplicated"}',
    '{"time":5000,"id":0,"event":"received"}',
    '{"time":9000,"id":0,"event":"cut"}',
    `{"time":9000,"id":1,"event":"sent",${message}}`,
    '{"time":9000,"id":7,"event":"rece', // what an ended run leaves
  ], { nodes: ["n0", "n1"], ...nowhere });
  assertEquals(columns.copy, [0, 1, 0]);
  assertEquals(columns.resolved, [5, 9, -1]);
  assertEquals(columns.deliveryStatus.map((deliveryStatus) => DELIVERY_STATUSES[deliveryStatus]), [
    "received",
    "cut",
    "in-flight",
  ]);
});

Deno.test("above the limit, messages are sampled and the omission stated; the plot counts all", () => {
  function* many(): Generator<string> {
    for (let id = 0; id < MESSAGES_MAX + 500; id++) {
      const client = id % 2 === 0;
      const src = client ? "c1" : "n1";
      yield `{"time":${
        id * 1000
      },"id":${id},"event":"sent","message":{"src":"${src}","dest":"n0","body":{"type":"x"}}}`;
    }
  }
  const near = MESSAGES_MAX + 400;
  const { columns, traffic } = messageColumns(many(), { nodes: ["n0", "n1"], windows: [[near, near]] });
  assertEquals(columns.sent.length, MESSAGES_MAX);
  assert(columns.sent.includes(near), "what lies near a finding is kept");
  assertStringIncludes(columns.leftOut.notes.join(), "messages are kept");
  const counted = [...traffic.clients, ...traffic.servers].reduce((a, b) => a + b, 0);
  assertEquals(counted, MESSAGES_MAX + 500);
});

Deno.test("long bodies are cut, and their number is stated", () => {
  const long = JSON.stringify("x".repeat(10_000));
  const { columns } = messageColumns([
    `{"time":0,"id":0,"event":"sent","message":{"src":"n0","dest":"n1","body":{"type":"x","a":${long}}}}`,
  ], { nodes: ["n0", "n1"], ...nowhere });
  assert((columns.body[0]?.length ?? 0) < 7000);
  assertStringIncludes(columns.leftOut.notes.join(), "1 body cut after");
});

Deno.test("messages above the journal's limit are counted, and the report states it", () => {
  const lines: string[] = [];
  const { sink, end } = limitedMessages((line) => lines.push(line), 300, 6);
  const message = { src: "n0", dest: "n1", body: { type: "x" } };
  sink.began?.(5);
  for (let id = 0; id < 10; id++) sink.sent(1000 + id, new Delivery(id, message, false));
  for (let id = 0; id < 10; id++) sink.resolved(2000 + id, id, "received", message);
  end();
  const { columns } = messageColumns(lines, { nodes: ["n0", "n1"], ...nowhere });
  const kept = columns.sent.length;
  assert(kept > 0 && kept < 10);
  assert(
    columns.deliveryStatus.every((deliveryStatus) => deliveryStatus === 0),
    "kept messages have their delivery status",
  );
  assertStringIncludes(columns.leftOut.notes.join(), `${10 - kept} messages are missing`);
});

Deno.test("long messages above the journal's limit take bounded memory", () => {
  const lines: string[] = [];
  const { sink, end } = limitedMessages((line) => lines.push(line), 300);
  const body = { type: "x", text: "x".repeat(3_000_000) };
  for (let id = 0; id < 10; id++) {
    sink.sent(1000 + id, new Delivery(id, { src: "n0", dest: "n1", body }, false));
  }
  end();
  const { columns } = messageColumns(lines, { nodes: ["n0", "n1"], ...nowhere });
  assertEquals(columns.sent.length, 2); // those that fit into the tail
  assertStringIncludes(columns.leftOut.notes.join(), "8 messages are missing");
});

Deno.test("the last messages are kept above the journal's limit", () => {
  const lines: string[] = [];
  const { sink, end } = limitedMessages((line) => lines.push(line), 300, 4);
  const message = { src: "n0", dest: "n1", body: { type: "x" } };
  for (let id = 0; id < 100; id++) {
    sink.sent(1000 + id, new Delivery(id, message, false));
    sink.resolved(1000 + id, id, "received", message);
  }
  end();
  const ids = lines.filter((line) => line.includes('"event":"sent"')).map((line) => JSON.parse(line).id);
  assertEquals(ids.slice(-2), [98, 99]);
  const missing = lines.map((line) => JSON.parse(line)).find(({ event }) => event === "left-out");
  assertEquals(missing?.messages, 100 - ids.length);
});

Deno.test("operations have one lane per thread, not per process", () => {
  const history: Event[] = [
    { index: 0, time: 1000, process: 0, type: "invoke", f: "read", value: null },
    { index: 1, time: 2000, process: 1, type: "invoke", f: "write", value: 3 },
    { index: 2, time: 3000, process: 0, type: "info", f: "read", value: null, error: "timeout" },
    { index: 3, time: 4000, process: 2, type: "invoke", f: "read", value: null },
    { index: 4, time: 5000, process: 2, type: "ok", f: "read", value: 3 },
  ];
  for (const threads of [2, undefined]) {
    const { columns, rowOf } = operationColumns(history, { threads, evidence: new Set() });
    assertEquals(columns.lane, [0, 1, 0]);
    assertEquals(columns.lanes, 2);
    assertEquals(columns.end, [3, -1, 5]);
    assertEquals(columns.got, ["", "", "3"]);
    assertEquals(columns.error, ['"timeout"', "", ""]);
    assertEquals(rowOf.get(4), 2);
  }
});

Deno.test("above the limit, operations that are evidence or did not succeed are kept", () => {
  const history: Event[] = [];
  for (let i = 0; i < OPERATIONS_MAX + 10; i++) {
    const type = i === 777 ? "fail" as const : "ok" as const;
    history.push({ index: 2 * i, time: i, process: 0, type: "invoke", f: "read", value: i });
    history.push({ index: 2 * i + 1, time: i, process: 0, type, f: "read", value: i });
  }
  const { columns, rowOf } = operationColumns(history, { threads: 1, evidence: new Set([2 * 555 + 1]) });
  assert(columns.begin.length <= OPERATIONS_MAX);
  assertEquals(columns.begin.length + columns.leftOut, OPERATIONS_MAX + 10);
  assert(rowOf.has(2 * 555) && rowOf.has(2 * 777));
});

Deno.test("a fault band has its nodes, and lasts to the end if no event ends it", () => {
  const at = (time: number, f: string, value: unknown): Event => ({
    index: 0,
    time: time * 1000,
    process: "nemesis",
    type: "info",
    f,
    value,
  });
  const bands = faultBands([
    at(1, "kill", "one"),
    at(1, "kill", { n2: "killed" }),
    at(5, "start", "all"),
    at(6, "start-partition", "majority"),
    at(6, "start-partition", ["isolated", { n0: ["n2"], n1: ["n2"], n2: ["n0", "n1"] }]),
  ], 50);
  assertEquals(bands, [
    { kind: "kill", from: 1, to: 5, nodes: ["n2"], isDown: true, text: 'one: {"n2":"killed"}' },
    {
      kind: "partition",
      from: 6,
      to: 50,
      nodes: [],
      cuts: { n0: ["n2"], n1: ["n2"], n2: ["n0", "n1"] },
      text: "majority: n0 n1 hear nothing from n2; n2 hear nothing from n0 n1",
    },
  ]);
});
