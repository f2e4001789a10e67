import { assert, assertEquals } from "@std/assert";
import { messageColumns } from "../../../lib/bench/report/data/message_columns.ts";
import { reportData } from "../../../lib/bench/report/run_page.ts";
import { recordedRun } from "./explained_run.ts";
import {
  callOf,
  carrier,
  carrierIn,
  followable,
  spreadOf,
} from "../../../lib/bench/report/browser/follow.ts";
import { sampleRun } from "./sample_run.ts";

Deno.test("a number is carried as an element or data, not as an id, a count or part of a number", () => {
  const carries = carrier("17");
  for (
    const body of [
      '{"message":17}',
      '{"a":[17]}',
      '{"a":[1,17,2]}',
      '{"a":{"b":[17,3]}}',
      '{"value":17,"x":1}',
    ]
  ) {
    assert(carries(body), body);
  }
  for (
    const body of [
      '{"msg_id":17}',
      '{"in_reply_to":17,"round":17}',
      '{"message":170}',
      '{"a":[117]}',
      '{"a":[17.5]}',
      '{"17":[1]}',
      '{"type":"gossip","items":{"n1":[17,4]}}',
    ]
  ) assert(!carries(body), body);
});

Deno.test("any other value is carried by a message that contains its text", () => {
  assert(carrier('["append", 3, 17]')('{"txn":[["append",3,17]]}'));
  assert(!carrier('["append",3,17]')('{"txn":[["append",3,18]]}'));
  assert(carrier("(.*")("a (.* b"));
  assert(!carrier(" ")("anything"));
});

Deno.test("a value is followed from its client to every node that received it", () => {
  const { messages = [] } = sampleRun({ nodes: 4, values: 6, lost: new Set([5]) });
  const { columns } = messageColumns(messages, { nodes: ["n0", "n1", "n2", "n3"], windows: [] });
  const names = (value: string) =>
    spreadOf(columns, carrier(value)).steps.map(({ actor, at }) => `${columns.actors[actor]} ${at}`);
  assertEquals(names("2"), ["c2 20000", "n2 20000", "n0 41000", "n1 41000", "n3 41000"]);
  assertEquals(names("5"), ["c1 50000", "n1 50000"]);
  assertEquals(names("99"), []);
});

Deno.test("a call consists of its request and its reply", () => {
  const { messages = [] } = sampleRun({ nodes: 2, values: 3 });
  const { columns } = messageColumns(messages, { nodes: ["n0", "n1"], windows: [] });
  const request = columns.body.findIndex((body) => body.includes('"msg_id":2'));
  const types = callOf(columns, request).map((row) => columns.types[columns.type[row] ?? 0]);
  assertEquals(types, ["broadcast", "broadcast_ok"]);
  const forward = columns.type.findIndex((type) => columns.types[type] === "forward");
  assertEquals(callOf(columns, forward), [forward]);
});

Deno.test("values and writes are offered to be followed", () => {
  assertEquals(followable('{"type":"broadcast","message":17,"msg_id":3}'), ["17"]);
  assertEquals(followable('[["r",1,null],["append",3,17]]'), ['["append",3,17]']);
  assertEquals(followable('[["send","4",[2,3]]]'), ["3"]);
  assertEquals(followable("17"), ["17"]);
  assertEquals(followable('{"cut short'), []);
});

Deno.test("an entry of a replicated log is followed by its position", () => {
  const body = '{"type":"raft_append","prevIndex":4,"entries":[[1,"a"],[1,"b"]],"term":1}';
  assert(carrier("entry 5")(body) && carrier("entry 6")(body));
  assert(!carrier("entry 4")(body) && !carrier("entry 7")(body));
  assert(carrier("entry 1")('{"prev_log_index":0,"entries":[{}]}'));
  assertEquals(followable(body), ["entry 5", "entry 6"]);
});

for (
  const [workload, commandLine] of [
    ["broadcast", "-w broadcast --node-count 5 --rate 50 --time-limit 6 --latency 100 --faults partition"],
    ["g-set", "-w g-set --node-count 3 --rate 100 --time-limit 5 --latency 30"],
    ["kafka", "-w kafka --node-count 3 --rate 60 --time-limit 4 --latency 20"],
  ] as const
) {
  Deno.test(`${workload}: no node has a value before a client gave it, and most have it in the end`, async () => {
    const { data } = reportData(await recordedRun(commandLine, { seed: 3 }));
    const { messages, carried, nodes } = data;
    assert(messages !== null && carried !== null && carried.values.length > 10);
    let complete = 0;
    for (const [i, wanted] of carried.values.entries()) {
      const carries = carrierIn(messages, { wanted, carried, nodes: nodes.length });
      const steps = spreadOf(messages, carries).steps.filter(({ actor }) => actor < nodes.length);
      for (const { actor, at } of steps) {
        assert(
          at >= (carried.given[i] ?? 0),
          `${messages.actors[actor]} has ${wanted} before a client gave it`,
        );
      }
      if (steps.length === nodes.length) complete++;
    }
    assert(complete > carried.values.length * 0.9, `${complete} of ${carried.values.length} values spread`);
  });
}

Deno.test("a number that no client gave is in no message between nodes", async () => {
  const { data } = reportData(
    await recordedRun("-w broadcast --node-count 3 --rate 20 --time-limit 3", { seed: 1 }),
  );
  const { messages, carried, nodes } = data;
  assert(messages !== null);
  const age = messages.body.flatMap((body) => /"ack":\["[^"]*",[\d.]+,(\d+)\]/.exec(body)?.[1] ?? [])
    .find((each) => carried?.values.includes(each) === false);
  assert(age !== undefined, "metadata has a whole number");
  const carries = carrierIn(messages, { wanted: age, carried, nodes: nodes.length });
  assert(messages.body.some((body) => carrier(age)(body)), "the form of the number alone does not tell");
  assertEquals(spreadOf(messages, carries).carriers, []);
});
