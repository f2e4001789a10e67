import { assert, assertEquals } from "@std/assert";
import {
  checkHistory,
  type History,
  historyToJepsen,
  NEMESIS,
  OPERATIONS,
  pairPositions,
  type Validity,
  type WorkloadName,
  WORKLOADS,
} from "../../lib/checkers/mod.ts";
import { type Draft, historyOf } from "./simulated.ts";

/** A request of each operation. */
const REQUESTS: Readonly<Record<string, unknown>> = {
  echo: "hello",
  generate: null,
  broadcast: 1,
  add: 1,
  read: null,
  send: [["send", "1", 1]],
  poll: [["poll"]],
  assign: ["1"],
};

const ONLY_NEMESIS = historyOf([
  { process: NEMESIS, type: "info", f: "start-partition", value: "one" },
  { process: NEMESIS, type: "info", f: "stop-partition", value: null },
]);

function onlyFailures(workload: WorkloadName): History {
  const drafts = OPERATIONS[workload].filter((f) => f in REQUESTS || workload === "lin-kv").flatMap(
    (f): Draft[] => {
      const value = workload === "lin-kv"
        ? [0, f === "cas" ? [1, 2] : f === "write" ? 1 : null]
        : REQUESTS[f];
      return [
        { process: 0, type: "invoke", f, value },
        { process: 0, type: "fail", f, value, error: ["temporarily-unavailable", "not now"] },
      ];
    },
  );
  return historyOf(drafts);
}

/** Jepsen's verdicts on an empty history, one with only nemesis events, and one with only failures. */
const NOTHING: readonly [workload: WorkloadName, empty: Validity, nemesis: Validity, failures: Validity][] = [
  ["echo", true, true, false],
  ["unique-ids", true, true, true],
  ["broadcast", "unknown", "unknown", "unknown"],
  ["g-set", "unknown", "unknown", "unknown"],
  ["g-counter", true, true, true],
  ["pn-counter", true, true, true],
  // Failures alone leave Elle's dependency graph empty, which Jepsen's kafka checker counts as an error.
  ["kafka", "unknown", "unknown", false],
  ["lin-kv", true, true, true],
];

const WARNINGS = [
  "The history is empty: nothing was checked.",
  "No client performed any operation: nothing was checked.",
  "No operation succeeded: nothing was checked.",
];

for (const [workload, ...expected] of NOTHING) {
  Deno.test(`an empty ${workload} history gets Jepsen's verdict and a warning`, () => {
    const histories = [[], ONLY_NEMESIS, onlyFailures(workload)];
    const results = histories.map((history) => historyToJepsen(checkHistory(workload, history)).workload);
    assertEquals(results.map(({ valid }) => valid), expected);
    assertEquals(results.map(({ warning }) => warning), WARNINGS);
  });
}

/** A history in which one operation of each name succeeds. */
function onlySuccesses(workload: WorkloadName): History {
  return historyOf(
    onlyFailures(workload).map(({ error: _, ...event }): Draft => ({
      ...event,
      ...(event.type === "fail" ? { type: "ok", final: true } : {}),
    })),
  );
}

for (const [workload] of NOTHING) {
  Deno.test(`a ${workload} history with a successful operation has no warning`, () => {
    const result = historyToJepsen(checkHistory(workload, onlySuccesses(workload)));
    for (const part of [result.workload, result.stats, result.availability]) {
      assert(!("warning" in part), String(part["warning"]));
    }
  });
}

Deno.test("availability is 1 with a warning if no operation was invoked", () => {
  for (const history of [[], ONLY_NEMESIS]) {
    const { valid, "ok-fraction": fraction, warning } =
      historyToJepsen(checkHistory("echo", history)).availability;
    assertEquals([valid, fraction, typeof warning], [true, 1, "string"]);
  }
  assert(
    !("warning" in historyToJepsen(checkHistory("echo", onlyFailures("echo"))).availability),
    "what was refused was asked",
  );
});

Deno.test("operations of other workloads do not suppress the warning", () => {
  const history = historyOf([
    { process: 0, type: "invoke", f: "assign", value: ["1"] },
    { process: 0, type: "ok", f: "assign", value: ["1"] },
  ]);
  const { warning } = historyToJepsen(checkHistory("kafka", history)).workload;
  assertEquals(warning, "No client performed any operation: nothing was checked.");
});

Deno.test("a checker that throws makes its part unknown, and other parts remain", () => {
  const trap = {
    get echo(): never {
      throw new RangeError("a trap");
    },
  };
  const result = historyToJepsen(checkHistory(
    "echo",
    historyOf([
      { process: 0, type: "invoke", f: "echo", value: 1 },
      { process: 0, type: "ok", f: "echo", value: trap },
    ]),
  ));
  assertEquals(result.workload, { valid: "unknown", error: "RangeError: a trap" });
  assertEquals([result.valid, result.stats.valid], ["unknown", true]);
});

/** Malformed values that a broken node may return. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1.5,
  "text",
  12345678901234567890n,
  [12345678901234567890n],
  [["poll", { "1": [12345678901234567890n, [12345678901234567890n, 1]] }]],
  [],
  {},
  [[]],
  [null],
  [[null, null]],
  [["r", null]],
  [["poll", 7]],
  [["poll", { "1": 3 }]],
  [["poll", { "1": [[]] }]],
  [["poll", { "1": [["a", "b"]] }]],
  [["send"]],
  [["send", "1", [1, 2, 3]]],
  [["append", 1]],
  { "0": [1] },
  [1, [2]],
  [1, 2, 3],
];

for (const workload of WORKLOADS) {
  Deno.test(`no malformed value makes the ${workload} checker throw`, () => {
    for (const f of OPERATIONS[workload]) {
      for (const value of ODD_VALUES) {
        const history = historyOf([
          { process: 0, type: "invoke", f, value },
          { process: 0, type: "ok", f, value, final: true },
          { process: 1, type: "invoke", f, value },
          { process: 1, type: "info", f, value, final: true },
          { process: 2, type: "invoke", f, value },
        ]);
        const { workload: result, ...others } = historyToJepsen(checkHistory(workload, history));
        for (const part of [result, others.stats, others.availability, others.exceptions]) {
          // An error of a checker would be the `error` of an unknown result, with the name of its class.
          assert(!/Error: /.test(String(part["error"])), `${f} ${String(part["error"])}`);
        }
      }
    }
  });
}

Deno.test("a second completion has no invocation", () => {
  const ok: Draft = { process: 0, type: "ok", f: "read", value: 1 };
  assertEquals([...pairPositions(historyOf([{ ...ok, type: "invoke" }, ok, ok]))], [1, 0, -1]);
});

Deno.test("a malformed value is reported with its operation", () => {
  const read = (f: string, value: unknown): History =>
    historyOf([
      { process: 0, type: "invoke", f, value: f === "poll" ? [["poll"]] : [1, null] },
      { process: 0, type: "ok", f, value },
    ]);
  const kafka = historyToJepsen(checkHistory("kafka", read("poll", [["poll", { "1": 3 }]]))).workload;
  assertEquals(kafka.valid, false);
  assert((kafka["bad-error-types"] as string[]).includes("malformed"));
  const send = historyOf([
    { process: 0, type: "invoke", f: "send", value: [["send", "1", 1]] },
    { process: 0, type: "ok", f: "send", value: [["send", "1", [0, 1, 2]]] },
  ]);
  assert(
    (historyToJepsen(checkHistory("kafka", send)).workload["bad-error-types"] as string[]).includes(
      "malformed",
    ),
  );
  const linKv = historyToJepsen(checkHistory("lin-kv", read("read", "text"))).workload;
  assertEquals(linKv.valid, false);
  assertEquals(linKv["malformed-count"], 1);
  const set = historyToJepsen(checkHistory("g-set", read("read", { not: "a list" }))).workload;
  assertEquals(set.valid, false);
  assertEquals(set["malformed-count"], 1);
});
