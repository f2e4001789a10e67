/** Malformed transactions are reported and never make a check throw. */

import { assert, assertEquals } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import { checkListAppend, checkRwRegister } from "../../../lib/checkers/elle/mod.ts";
import { numbered, oneByOne } from "./notation.ts";
import { examplesOf, typesOf } from "./findings.ts";

function answered(asked: unknown, answer: unknown): Event[] {
  return numbered([
    { process: 0, type: "invoke", f: "txn", value: asked },
    { process: 0, type: "ok", f: "txn", value: answer },
  ]);
}

const READ = [["r", 1, null]];

Deno.test("a transaction that is not a list of micro-operations is malformed", () => {
  const answers: unknown[] = [
    "txn",
    7,
    { txn: [] },
    [7],
    [null],
    [["r"]],
    [["x", 1, null]],
    [["w", 1, 2]],
    [["r", 1, 5]],
    [["r", 1, "abc"]],
    [["r", 1, { a: 1 }]],
  ];
  for (const answer of answers) {
    const history = answered(READ, answer);
    const result = checkListAppend(history);
    assertEquals(result.valid, false, JSON.stringify(answer));
    assert(typesOf(result).includes("malformed"), JSON.stringify(answer));
    const [found] = examplesOf(result, "malformed") as { op: Event; why: string }[];
    assertEquals(found?.op, history[1]);
    assert((found?.why.length ?? 0) > 0);
  }
});

Deno.test("malformed operations are found for any model", () => {
  const history = answered(READ, [["r", 1, 5]]);
  assertEquals(checkListAppend(history, { consistencyModels: ["read-uncommitted"] }).valid, false);
  assertEquals(checkListAppend(history, { consistencyModels: ["PRAM"] }).valid, false);
});

Deno.test("a null transaction is an empty one", () => {
  for (const answer of [null, undefined, []]) {
    assertEquals(checkListAppend(answered(READ, answer)).valid, "unknown");
    assertEquals(typesOf(checkRwRegister(answered(READ, answer))), ["empty-transaction-graph"]);
  }
});

Deno.test("an element that was never appended is a thin-air read", () => {
  const history = oneByOne("list", [0, "ok", "ax1"], [1, "ok", "rx91"]);
  const result = checkListAppend(history, { consistencyModels: ["read-uncommitted"] });
  assertEquals([result.valid, typesOf(result)], [false, ["thin-air-read"]]);
  assertEquals(examplesOf(result, "thin-air-read"), [{
    op: history[3],
    mop: ["r", "x", [9, 1]],
    element: 9,
  }]);
  assertEquals(result.not, ["read-uncommitted"]);
});

Deno.test("a reply that omits an append which was read is malformed", () => {
  const history = [
    ...answered([["append", 1, 1], ["append", 1, 2]], [["append", 1, 1]]),
    ...answered(READ, [["r", 1, [1, 2]]]),
  ].map((event, index) => ({ ...event, index }));
  const result = checkListAppend(history);
  assertEquals(typesOf(result), ["malformed"]);
  const [found] = examplesOf(result, "malformed") as { op: Event; why: string }[];
  assertEquals(found?.op, history[1]);
});

Deno.test("the only append to a key is malformed if its reply omits it, unless the key was read", () => {
  const omitted = answered([["append", 1, 7]], []);
  const result = checkListAppend(omitted);
  assertEquals([result.valid, typesOf(result)], [false, ["empty-transaction-graph", "malformed"]]);
  const [found] = examplesOf(result, "malformed") as { why: string }[];
  assertEquals(found?.why, "its reply leaves out its append of 7 to key 1, the only append to this key");
  for (const [asked, answer] of [[["append", 1, 8], ["append", 1, 8]], [["r", 1, null], ["r", 1, [7]]]]) {
    const history = numbered([...omitted, ...answered([asked], [answer])]);
    assert(!JSON.stringify(checkListAppend(history)).includes("the only append"));
  }
  const twice = numbered([...omitted, ...answered([["append", 1, 8]], [])]);
  assertEquals(typesOf(checkListAppend(twice)), []);
});

Deno.test("a read of a requested intermediate write is G1b even if the reply omits it", () => {
  for (const [check, write, read] of [[checkListAppend, "append", [1]], [checkRwRegister, "w", 1]] as const) {
    const history = [
      ...answered([[write, 1, 1], [write, 1, 2]], [[write, 1, 2]]),
      ...answered(READ, [["r", 1, read]]),
    ].map((event, index) => ({ ...event, index }));
    const [found] = examplesOf(check(history), "G1b") as { op: Event; writer: Event }[];
    assertEquals([found?.op, found?.writer], [history[3], history[0]]);
  }
});

Deno.test("a reply that differs from its request yields a warning and Elle's verdict", () => {
  const history = [
    ...answered([["w", 1, 1], ["w", 2, 1]], []),
    ...answered([["w", 1, 2]], [["w", 1, 2]]),
    ...answered([["r", 1, null]], [["r", 1, 2]]),
    ...answered([["r", 2, null]], [["r", 2, 7]]),
  ].map((event, index) => ({ ...event, index }));
  const result = checkRwRegister(history);
  assertEquals(result.valid, true);
  assertEquals(result.warnings, [
    "1 reply whose micro-operations differ from the request, the first at event 1",
  ]);
  assertEquals(result.newerFindings, [
    {
      kind: "thin-air-read",
      elle: null,
      count: 1,
      examples: [{ kind: "read", op: history[7], mop: ["r", 2, 7] }],
    },
  ]);
});

Deno.test("keys of two types are malformed in registers, and different in lists", () => {
  const history = [
    ...answered([["w", 1, 1], ["r", 2, null]], [["w", 1, 1], ["r", 2, null]]),
    ...answered([["r", 1, null]], [["r", "1", null]]),
  ].map((event, index) => ({ ...event, index }));
  const result = checkRwRegister(history);
  assertEquals([result.valid, typesOf(result).includes("malformed")], [false, true]);
  const lists = [
    ...answered([["append", 1, 1]], [["append", 1, 1]]),
    ...answered([["r", 1, null]], [["r", "1", null]]),
  ].map((event, index) => ({ ...event, index }));
  assertEquals(checkListAppend(lists).valid, true);
});

Deno.test("registers whose replies turn every key into text are malformed", () => {
  const history = [
    ...answered([["w", 1, 1], ["r", 2, null]], [["w", "1", 1], ["r", "2", null]]),
    ...answered([["r", 1, null]], [["r", "1", 1]]),
  ].map((event, index) => ({ ...event, index }));
  const result = checkRwRegister(history);
  assertEquals(result.valid, false);
  const reasons = result.anomalies.flatMap(({ type, examples }) => type === "malformed" ? examples : []);
  assertEquals(reasons.map((example) => "why" in example && example.why), [
    "micro-operation 0 has a key of type string, where keys are of type number",
    "micro-operation 1 has a key of type string, where keys are of type number",
    "micro-operation 0 has a key of type string, where keys are of type number",
  ]);
});

Deno.test("keys and elements of any type are accepted", () => {
  const key = { name: "a", parts: [1, 2] };
  const same = { parts: [1, 2], name: "a" };
  const history = [
    ...answered([["append", key, { id: 1 }]], [["append", key, { id: 1 }]]),
    ...answered([["append", same, [2]]], [["append", same, [2]]]),
    ...answered([["r", key, null]], [["r", key, [{ id: 1 }, [2]]]]),
    ...answered([["r", key, null]], [["r", key, null]]),
  ].map((event, index) => ({ ...event, index }));
  assertEquals(typesOf(checkListAppend(history)), ["G-single-item-realtime"]);
});

Deno.test("a transaction without a completion may have happened", () => {
  const history = numbered([
    { process: 0, type: "invoke", f: "txn", value: [["append", 1, 1]] },
    { process: 1, type: "invoke", f: "txn", value: READ },
    { process: 1, type: "ok", f: "txn", value: [["r", 1, [1]]] },
    { process: 1, type: "invoke", f: "txn", value: READ },
    { process: 1, type: "ok", f: "txn", value: [["r", 1, null]] },
  ]);
  assertEquals(typesOf(checkListAppend(history)), ["G-single-item-realtime"]);
});

Deno.test("a transaction that its process abandoned for another one may have happened", () => {
  for (const seen of [[2], [1, 2]]) {
    const history = numbered([
      { process: 0, type: "invoke", f: "txn", value: [["append", "x", 1]] },
      { process: 0, type: "invoke", f: "txn", value: [["append", "x", 2]] },
      { process: 0, type: "ok", f: "txn", value: [["append", "x", 2]] },
      { process: 1, type: "invoke", f: "txn", value: [["r", "x", null]] },
      { process: 1, type: "ok", f: "txn", value: [["r", "x", seen]] },
    ]);
    const result = checkListAppend(history);
    assertEquals([result.valid, typesOf(result)], [true, []], `${seen}`);
  }
});

Deno.test("random input never makes a check throw", () => {
  const values = [
    null,
    0,
    1,
    -1,
    1.5,
    2 ** 40,
    "",
    "r",
    true,
    [],
    {},
    [[]],
    ["r", 1, null],
    ["append", 1, 1],
    ["w", 1, 1],
  ];
  let seed = 1;
  const pick = <T>(from: readonly T[]): T | undefined => {
    seed = (seed * 48271) % 2147483647;
    return from[seed % from.length];
  };
  const rubbish = (depth: number): unknown =>
    depth === 0 || pick([true, false])
      ? pick(values)
      : [rubbish(depth - 1), rubbish(depth - 1), rubbish(depth - 1)];
  const mop = (): unknown =>
    pick([true, true, false])
      ? [
        pick(["r", "append", "w"]),
        pick([0, 1, "1", null]),
        pick([null, 1, 2, [1], [1, 2], [2, 1], [2, 2], "x"]),
      ]
      : rubbish(2);
  for (let run = 0; run < 300; run++) {
    const events: Omit<Event, "index" | "time">[] = [];
    for (let i = 0; i < 20; i++) {
      events.push({
        process: pick([0, 1, 2, "nemesis"] as const) ?? 0,
        type: pick(["invoke", "ok", "fail", "info"] as const) ?? "ok",
        f: "txn",
        value: pick([true, true, true, false]) ? [mop(), mop(), mop()] : rubbish(3),
      });
    }
    const history = numbered(events);
    for (const check of [checkListAppend, checkRwRegister]) {
      const result = check(history);
      JSON.stringify(result);
      assertEquals(typesOf(result).length > 0, result.valid !== true);
    }
    checkRwRegister(history, { sequentialKeys: true, linearizableKeys: true });
  }
});

Deno.test("a repeated append that only requests contain is reported with its key and element", () => {
  const history = numbered([
    { process: 0, type: "invoke", f: "txn", value: [["r", "y", null], ["append", "x", 1]] },
    { process: 0, type: "ok", f: "txn", value: [["r", "y", null], ["append", "x", 2]] },
    { process: 0, type: "invoke", f: "txn", value: [["append", "x", 1]] },
    { process: 0, type: "ok", f: "txn", value: [["append", "x", 3]] },
  ]);
  assertEquals(examplesOf(checkListAppend(history), "duplicate-writes"), [{ key: "x", value: 1 }]);
});
