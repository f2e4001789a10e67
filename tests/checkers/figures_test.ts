import { assertEquals } from "@std/assert";
import {
  checkAvailability,
  checkCounter,
  checkEcho,
  checkHistory,
  checkNet,
  checkSetFull,
  checkStats,
  checkUnhandledErrors,
  checkUniqueIds,
  type Event,
  historyToJepsen,
  mergeValidity,
  NEMESIS,
  quantilesOf,
  toJepsen,
} from "../../lib/checkers/mod.ts";
import { type Draft, historyOf, randomOf } from "./simulated.ts";

function operation(
  f: string,
  type: "ok" | "fail" | "info",
  invoked: unknown,
  completed: unknown = invoked,
): Draft[] {
  return [
    { process: 0, type: "invoke", f, value: invoked },
    { process: 0, type, f, value: completed },
  ];
}

function add(element: unknown): Draft[] {
  return operation("add", "ok", element);
}

function read(...elements: unknown[]): Draft[] {
  return operation("read", "ok", null, elements);
}

Deno.test("stats are valid if each operation succeeded once", () => {
  const history = historyOf([
    ...operation("read", "ok", 1),
    ...operation("read", "fail", 1),
    ...operation("write", "info", 1),
    { process: NEMESIS, type: "info", f: "kill", value: null },
  ]);
  const counts = { count: 3, "ok-count": 1, "fail-count": 1, "info-count": 1 };
  assertEquals<unknown>(toJepsen(checkStats(history)), {
    ...counts,
    valid: false,
    "by-f": {
      read: { valid: true, count: 2, "ok-count": 1, "fail-count": 1, "info-count": 0 },
      write: { valid: false, count: 1, "ok-count": 0, "fail-count": 0, "info-count": 1 },
    },
  });
});

Deno.test("crashes of clients do not make the stats invalid", () => {
  const stats = checkStats(historyOf([...operation("poll", "ok", []), ...operation("crash", "info", null)]));
  assertEquals([stats.valid, stats.byFunction["crash"]?.valid], [true, false]);
});

Deno.test("availability is a single-precision fraction", () => {
  const nine = historyOf(
    Array.from({ length: 10 }, (_, i) => operation("f", i < 9 ? "ok" : "fail", null)).flat(),
  );
  const valid = (availability: "total" | number): unknown =>
    toJepsen(checkAvailability(nine, { availability })).valid;
  assertEquals(toJepsen(checkAvailability(nine)), { valid: true, "ok-fraction": 0.9 });
  assertEquals([valid("total"), valid(0.89), valid(0.91)], [false, true, false]);
  assertEquals(
    valid(0.9),
    false,
    "0.9 as a single is less than 0.9 as a double, and Maelstrom compares these",
  );
  const third = historyOf([
    ...operation("f", "ok", 1),
    ...operation("f", "fail", 1),
    ...operation("f", "info", 1),
  ]);
  assertEquals(toJepsen(checkAvailability(third))["ok-fraction"], 0.33333334);
  const nineDigits = Array.from({ length: 33 }, (_, i) => operation("f", i < 4 ? "ok" : "fail", null));
  assertEquals(toJepsen(checkAvailability(historyOf(nineDigits.flat())))["ok-fraction"], 0.121212125);
});

Deno.test("exceptions are grouped by class, the most frequent first", () => {
  const failed = (name: string): Draft[] => {
    const [invoke, info] = operation("read", "info", null);
    return invoke === undefined || info === undefined
      ? []
      : [invoke, { ...info, ...{ exception: { class: name } } }];
  };
  const { valid, exceptions } = toJepsen(checkUnhandledErrors(
    historyOf([...failed("A"), ...failed("B"), ...failed("B")]),
  ));
  const summary = (exceptions as { class: string; count: number; example: Event }[]).map(
    (entry) => [entry.class, entry.count, entry.example.index],
  );
  assertEquals([valid, summary], [true, [["B", 2, 3], ["A", 1, 1]]]);
});

Deno.test("the class of an exception is read from any of its fields", () => {
  const classOf = (exception: unknown): unknown => {
    const [{ class: name } = { class: undefined }] = toJepsen(checkUnhandledErrors(historyOf([
      { process: 0, type: "info", f: "read", value: null, ...{ exception } },
    ])))["exceptions"] as { class: string }[];
    return name;
  };
  assertEquals(classOf({ via: [{ type: "outer" }, { type: "cause" }], type: "other" }), "outer");
  assertEquals(classOf({ via: [], type: ["cut", "off"] }), "cut");
  assertEquals([classOf("plain"), classOf({ name: "named" })], ["plain", "named"]);
  assertEquals([classOf(7), classOf({}), classOf({ via: [null] })], ["unknown", "unknown", "unknown"]);
});

Deno.test("echo: wrong replies and failures are errors, indeterminate operations are not", () => {
  const history = historyOf([
    ...operation("echo", "ok", "a", { type: "echo_ok", echo: "a" }),
    ...operation("echo", "ok", "b", { type: "echo_ok", echo: "c" }),
    ...operation("echo", "fail", "d"),
    ...operation("echo", "info", "e"),
  ]);
  const { valid, errors } = toJepsen(checkEcho(history));
  assertEquals(valid, false);
  assertEquals((errors as unknown[][]).map(([, sent]) => sent), ["b", "d"]);
});

Deno.test("duplicated ids are named by their text, and null as nil", () => {
  const ids = ["a", "a", null, null, [1], [1]].flatMap((id) => operation("generate", "ok", null, id));
  assertEquals(toJepsen(checkUniqueIds(historyOf(ids)))["duplicated"], { "a": 2, "nil": 2, "[1]": 2 });
});

Deno.test("the range of unique ids does not contain null", () => {
  const range = (...ids: unknown[]) =>
    checkUniqueIds(historyOf(ids.flatMap((id) => operation("generate", "ok", null, id)))).range;
  assertEquals([range(null, "1", "3"), range("2", null)], [["1", "3"], ["2", "2"]]);
  assertEquals(range(null), [null, null]);
});

Deno.test("unique ids of any type and size are distinguished", () => {
  const ids = [1, "1", [1], { a: 1 }, null, 9007199254740992n, 9007199254740993n];
  const generate = (id: unknown): Draft[] => operation("generate", "ok", null, id);
  assertEquals(toJepsen(checkUniqueIds(historyOf(ids.flatMap(generate)))).valid, true);
  const again = toJepsen(checkUniqueIds(historyOf([...ids, { a: 1 }, null, null].flatMap(generate))));
  assertEquals(again.valid, false);
  assertEquals(again["duplicated"], { nil: 3, '{"a":1}': 2 });
  assertEquals([again["attempted-count"], again["acknowledged-count"], again["duplicated-count"]], [
    10,
    10,
    2,
  ]);
});

Deno.test("the order of fields does not distinguish objects", () => {
  const echo = (sent: unknown, back: unknown) =>
    toJepsen(checkEcho(historyOf(operation("echo", "ok", sent, { echo: back }))));
  const fields = [["a", 1], ["b", { c: 2, d: 3 }], ["e", 4]] as const;
  const reversed = [["e", 4], ["b", { d: 3, c: 2 }], ["a", 1]] as const;
  for (const [one, other] of [[fields, reversed], [reversed, fields]] as const) {
    assertEquals(echo(Object.fromEntries(one), Object.fromEntries(other)).valid, true);
  }
  assertEquals(echo({ a: 1, b: 2 }, { a: 2, b: 1 }).valid, false);
});

Deno.test("a lost element is found among thousands", () => {
  const elements = Array.from({ length: 5000 }, (_, i) => i);
  const history = historyOf([
    ...elements.flatMap(add),
    ...read(...elements.filter((element) => element !== 4321)),
  ]);
  const { valid, lost, "stable-count": stable } = toJepsen(checkSetFull(history));
  assertEquals([valid, lost, stable], [false, [4321], 4999]);
});

Deno.test("a set element is stable, lost, or never read", () => {
  const history = historyOf([...add(1), ...add(2), ...read(1, 2), ...read(1), ...add(3)]);
  const result = toJepsen(checkSetFull(history));
  assertEquals(result.valid, false);
  assertEquals([result["stable-count"], result["lost"], result["never-read"]], [1, [2], [3]]);
  assertEquals([result["attempt-count"], result["lost-latencies"]], [3, quantilesOf([1])]);
});

Deno.test("a read of null is a read of no elements", () => {
  const nothing = operation("read", "ok", null, null);
  const lost = toJepsen(checkSetFull(historyOf([...add(1), ...nothing])));
  assertEquals([lost.valid, lost["lost"], lost["malformed"]], [false, [1], undefined]);
  const stale = toJepsen(checkSetFull(historyOf([...add(1), ...nothing, ...read(1)])));
  assertEquals([stale.valid, stale["stale"]], [true, [1]]);
});

Deno.test("an element that a later read missed is stale until the last such read", () => {
  // Known at 1 ms; missed by the read that began at 4 ms; so stable just after that.
  const result = toJepsen(checkSetFull(historyOf([...add(1), ...read(1), ...read(), ...read(1)])));
  assertEquals([result.valid, result["stale"], result["stable-latencies"]], [true, [1], quantilesOf([3])]);
  assertEquals(
    toJepsen(checkSetFull(historyOf([...add(1), ...read(), ...read(1)]), { linearizable: true })).valid,
    false,
  );
});

Deno.test("an indeterminate element is known once a read contains it", () => {
  assertEquals(toJepsen(checkSetFull(historyOf([...operation("add", "info", 1), ...read()])))["never-read"], [
    1,
  ]);
  assertEquals(
    toJepsen(checkSetFull(historyOf(
      [...operation("add", "info", 1)].concat(read(1).map((d) => ({ ...d, process: 1 })))
        .concat(read().map((d) => ({ ...d, process: 1 }))),
    )))["lost"],
    [1],
  );
});

Deno.test("duplicated and unexpected elements are reported and change no verdict", () => {
  const result = toJepsen(checkSetFull(historyOf([...add("a"), ...read("a", "a", "a", 7, 8, 7)])));
  assertEquals([result.valid, result["duplicated"], result["unexpected"]], [true, { a: 3 }, [7, 8]]);
});

Deno.test("elements may be numbers of any sign and size", () => {
  const elements = [-1, 0.5, 2 ** 40];
  const result = checkSetFull(
    historyOf([...elements.flatMap((element) => add(element)), ...read(...elements)]),
  );
  assertEquals([result.stableCount, result.unexpected], [3, []]);
});

Deno.test("an element that is read before its addition is attempted is not unexpected", () => {
  const result = toJepsen(checkSetFull(historyOf([...read(8, 9), ...add(8)])));
  assertEquals(result["unexpected"], [9]);
});

Deno.test("a broadcast is a set whose elements are added by broadcasts", () => {
  const history = historyOf([...operation("broadcast", "ok", 5), ...read(5)]);
  assertEquals(historyToJepsen(checkHistory("broadcast", history)).workload["stable-count"], 1);
});

Deno.test("quantiles are elements at floor(n × q)", () => {
  assertEquals(quantilesOf([4, 1, 3, 2]), { "0": 1, "0.5": 3, "0.95": 4, "0.99": 4, "1": 4 });
  assertEquals(quantilesOf([]), null);
});

function finalRead(value: unknown): Draft[] {
  return operation("read", "ok", null, value).map((draft) => ({ ...draft, final: true }));
}

Deno.test("a final read of a counter is valid if indeterminate additions allow it", () => {
  const adds = [
    ...operation("add", "ok", 10),
    ...operation("add", "info", 3),
    ...operation("add", "info", -20),
  ]
    .map((draft, i) => ({ ...draft, process: i >> 1 }));
  const check = (value: unknown): unknown =>
    toJepsen(checkCounter(historyOf([...adds, ...finalRead(value)]))).valid;
  assertEquals(toJepsen(checkCounter(historyOf(adds)))["acceptable"], [[-10, -10], [-7, -7], [10, 10], [
    13,
    13,
  ]]);
  assertEquals([check(10), check(13), check(-10), check(-7)], [true, true, true, true]);
  assertEquals([check(11), check(0), check(10.5), check("10"), check(null)], [
    false,
    false,
    false,
    false,
    false,
  ]);
  assertEquals(
    toJepsen(checkCounter(historyOf([...operation("add", "fail", 5), ...finalRead(0)]))).valid,
    true,
  );
});

Deno.test("the possible sums equal those of trying all subsets", () => {
  const random = randomOf(1);
  for (let round = 0; round < 300; round++) {
    const doubtful = Array.from({ length: 1 + round % 7 }, () => Math.floor(random() * 9) - 3);
    const sums = doubtful.reduce(
      (all, delta) => new Set([...all, ...[...all].map((sum) => sum + delta)]),
      new Set([0]),
    );
    const drafts = doubtful.flatMap((delta, process) =>
      operation("add", "info", delta).map((draft) => ({ ...draft, process }))
    );
    const ranges = toJepsen(checkCounter(historyOf(drafts)))["acceptable"] as [number, number][];
    const inside = ranges.flatMap(([lower, upper]) =>
      Array.from({ length: upper - lower + 1 }, (_, i) => lower + i)
    );
    assertEquals(inside, [...sums].sort((a, b) => a - b), `additions in doubt: ${doubtful}`);
  }
});

Deno.test("sums beyond 2^53 are exact", () => {
  const adds = [...operation("add", "ok", 9007199254740991), ...operation("add", "ok", 2)];
  assertEquals(toJepsen(checkCounter(historyOf([...adds, ...finalRead(9007199254740993n)]))).valid, true);
  assertEquals(toJepsen(checkCounter(historyOf([...adds, ...finalRead(9007199254740992)]))).valid, false);
});

Deno.test("too many possible sums become one range, and a read in it is unknown", () => {
  const adds = Array.from({ length: 40 }, (_, i) => operation("add", "info", 3 ** (i % 33) * 2 ** i))
    .flatMap((pair, i) => pair.map((draft) => ({ ...draft, process: i })));
  const result = toJepsen(checkCounter(
    historyOf([...adds, ...finalRead(1).map((draft) => ({ ...draft, process: 99 }))]),
  ));
  assertEquals([result.valid, (result["acceptable"] as unknown[]).length < 20_000], ["unknown", true]);
  const total = adds.reduce(
    (sum, { type, value }) => type === "info" ? sum + BigInt(Number(value)) : sum,
    0n,
  );
  const bounds = (result["acceptable"] as unknown[][]).flat();
  assertEquals([bounds.at(0), bounds.at(-1)].map(String), ["0", `${total}`]);
});

Deno.test("messages are counted per invoked operation", () => {
  const some = { sent: 4, received: 4, distinct: 4 };
  const counts = { all: some, clients: some, servers: some };
  const history = historyOf([
    ...operation("f", "ok", 1),
    ...operation("f", "ok", 1),
    ...operation("f", "ok", 1),
  ]);
  const net = checkNet(history, { counts });
  const asked = historyOf([...operation("f", "ok", 1), ...operation("f", "ok", 1).slice(0, 1)]);
  assertEquals(checkNet(asked, { counts }).servers, { ...some, perOperation: 2 });
  assertEquals(net.servers, { ...some, perOperation: 1.3333334 });
  assertEquals(toJepsen(net)["servers"], {
    "send-count": 4,
    "recv-count": 4,
    "msg-count": 4,
    "msgs-per-op": 1.3333334,
  });
  assertEquals([net.valid, net.clients], [true, some]);
  assertEquals(checkNet([], { counts }).all, { ...some, perOperation: null });
});

Deno.test("one invalid part makes the result invalid, and one unknown part unknown", () => {
  assertEquals(mergeValidity([true, "unknown", false]), false);
  assertEquals(mergeValidity([true, "unknown"]), "unknown");
  assertEquals(mergeValidity([]), true);
});
