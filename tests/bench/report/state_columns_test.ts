import { assert, assertEquals } from "@std/assert";
import { stateColumns } from "../../../lib/bench/report/data/state_columns.ts";
import { StateJournal } from "../../../lib/bench/run/state_journal.ts";

Deno.test("stateColumns lists the changes of each part since the start of the history", () => {
  const journal = new StateJournal();
  journal.record(5, "n0", new Map([["role", '"leaf"'], ["values", "0"]]));
  journal.began(10);
  journal.record(30, "n0", new Map([["values", "1"]]));
  journal.record(40, "n0", undefined);
  journal.record(50, "n0", new Map([["role", '"hub"']]));
  journal.end();
  assertEquals(stateColumns(journal.lines, ["n0", "n1"]), {
    values: ['"leaf"', "0", "1", '"hub"'],
    tracks: [
      { node: 0, name: "role", at: [-5000, 30_000, 40_000], value: [0, -1, 3] },
      { node: 0, name: "values", at: [-5000, 20_000, 30_000], value: [1, 2, -1] },
    ],
    leftOut: { total: 0, notes: [] },
  });
});

Deno.test("stateColumns returns null without states, and ignores malformed lines", () => {
  assertEquals(stateColumns(undefined, ["n0"]), null);
  const lines = ["{", "7", '{"time":1}', '{"time":1,"node":"n0","values":3}', '{"omitted":4}'];
  assertEquals(stateColumns(lines, ["n0"]), null);
  const states = stateColumns([...lines, '{"time":1000,"node":"n0","values":{"x":"1"}}'], ["n0"]);
  assertEquals(states?.leftOut.total, 4);
});

Deno.test("StateJournal shortens long values", () => {
  const journal = new StateJournal();
  journal.record(1, "n0", new Map([["list", `[${"1,".repeat(10_000)}1]`]]));
  assert((journal.lines[0]?.length ?? 0) < 500);
});
