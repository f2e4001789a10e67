import { assert, assertEquals } from "@std/assert";
import { RunModel, timeOf } from "../../../lib/bench/report/browser/run_model.ts";
import { sampleData } from "./sample_data.ts";

Deno.test("a selection moves the cursor, and the window follows it", () => {
  const run = new RunModel(sampleData({ values: 100 }));
  run.window.show(0, 50_000);
  const row = run.data.messages?.sent.findIndex((sent) => sent > 600_000) ?? -1;
  run.selection.chooseMessage(row);
  assertEquals(run.cursor.time, timeOf(run.selection, run.data));
  assert(run.window.from < run.cursor.time && run.cursor.time < run.window.to);
});

Deno.test("a message that is in flight at the cursor can be selected without a move", () => {
  const run = new RunModel(sampleData({ values: 10 }));
  const { flights } = run;
  assert(flights !== undefined);
  run.cursor.moveTo(25_000);
  const row = flights.rows.subarray(0, flights.find(25_000)).at(-1) ?? -1;
  run.selection.chooseMessage(row);
  assertEquals(run.cursor.time, 25_000);
});

Deno.test("a selected operation moves the cursor to its end", () => {
  const run = new RunModel(sampleData({ values: 10 }));
  run.selection.chooseOperation(3);
  assertEquals(run.cursor.time, 32_000);
});

Deno.test("every event of the run has a time to step to", () => {
  const run = new RunModel(sampleData({ values: 2, nodes: 2 }));
  const { messages, operations } = run.data;
  for (const time of [...messages?.sent ?? [], ...messages?.resolved ?? [], ...operations.begin]) {
    assert(run.times.includes(time), `${time}`);
  }
});
