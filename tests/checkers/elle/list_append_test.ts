/** Histories of Elle's own list-append tests, and cases that Elle's search does not find in time. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import { checkListAppend, type ListAppendOptions } from "../../../lib/checkers/elle/mod.ts";
import { concurrent, type Line, numbered, oneByOne } from "./notation.ts";
import { examplesOf, typesOf } from "./findings.ts";

/** Validity, anomaly types and weakest models ruled out, in one line. */
function say(history: readonly Event[], options: ListAppendOptions = {}): string {
  const result = checkListAppend(history, options);
  return [result.valid, typesOf(result).join(" "), result.not.join(" ")].join(" | ");
}

const only = (...anomalies: string[]): ListAppendOptions => ({ consistencyModels: [], anomalies });
const models = (...consistencyModels: string[]): ListAppendOptions => ({ consistencyModels });

Deno.test("a pure write cycle is G0, which G1 covers and G2 does not", () => {
  const history = concurrent("list", "ax1 ay1", "ax2 ay2", "rx12 ry21");
  assertEquals(say(history, only("G0")), "false | G0 | read-uncommitted");
  assertEquals(say(history, only("G1")), "false | G0 | read-uncommitted");
  assertEquals(say(history, only("G2")), "true |  | ");
});

Deno.test("an aborted read is G1a and refutes read committed for any expectation", () => {
  const history = concurrent("list", "ax1", "rx1");
  const aborted = history.map((event) =>
    event.process === 0 && event.type === "ok" ? { ...event, type: "fail" as const } : event
  );
  assertEquals(
    say(aborted, models("read-committed")),
    "false | G1a empty-transaction-graph | read-committed",
  );
  assertEquals(
    say(aborted, models("repeatable-read")),
    "false | G1a empty-transaction-graph | read-committed",
  );
  assertEquals(
    say(aborted, models("read-uncommitted")),
    "unknown | empty-transaction-graph | read-committed",
  );
  assertEquals(say(aborted, only("G2")), "unknown | empty-transaction-graph | read-committed");
});

Deno.test("each read element of a failed append is a case of G1a", () => {
  const history = oneByOne("list", [0, "fail", "ax1"], [1, "ok", "rx1 ax2"], [2, "ok", "rx12 ry3"]);
  const found = examplesOf(checkListAppend(history, models("read-committed")), "G1a");
  assert(Array.isArray(found));
  assertEquals(found.map(({ mop, element }) => [mop, element]), [
    [["r", "x", [1]], 1],
    [["r", "x", [1, 2]], 1],
  ]);
});

Deno.test("an intermediate read is G1b and read skew", () => {
  const history = oneByOne("list", [0, "ok", "ax1 ax2"], [0, "ok", "rx1"]);
  assertEquals(say(history, only("G0")), "true |  | ");
  assertEquals(say(history, only("G1")), "false | G1b | read-committed");
  assertEquals(say(history, only("G2")), "false | G-single-item | read-committed");
  assertEquals(say(history), "false | G-single-item G1b | read-committed");
});

Deno.test("a transaction may read its own intermediate append", () => {
  assertEquals(say(oneByOne("list", [0, "ok", "ax1 rx1 ax2"], [1, "ok", "rx12"])), "true |  | ");
});

Deno.test("a cycle not covered by a named anomaly reports its component", () => {
  const history = oneByOne("list", [0, "ok", "ry_ ry1"], [1, "ok", "ay1"]);
  assertEquals(examplesOf(checkListAppend(history), "strong-PL-2-cycle-exists"), [
    { type: "strong-PL-2-cycle-exists", not: "strong-read-committed", "scc-size": 2, scc: [1, 3] },
  ]);
});

Deno.test("circular information flow is G1c", () => {
  const history = concurrent("list", "ax1 ry1", "ax2 ay1", "rx12 ry1");
  assertEquals(say(history, only("G0")), "true |  | ");
  assertEquals(say(history, only("G1")), "false | G1c | read-committed");
  assertEquals(say(history, only("G2")), "true |  | ");
});

Deno.test("one missed write in a cycle is G-single", () => {
  const history = concurrent("list", "ax1 ay1", "ax2 ry_", "rx12");
  assertEquals(say(history, only("G1")), "true |  | ");
  assertEquals(say(history, only("G-single")), "false | G-single-item | consistent-view repeatable-read");
  assertEquals(say(history, only("G2")), "false | G-single-item | consistent-view repeatable-read");
  assertEquals(
    say(history, models("repeatable-read")),
    "false | G-single-item | consistent-view repeatable-read",
  );
});

Deno.test("two writes missed by each other are write skew, G2-item", () => {
  const history = concurrent("list", "ax1 ry_", "ay1 rx_");
  assertEquals(say(history, only("G1")), "true |  | ");
  assertEquals(say(history, models("read-committed")), "true |  | ");
  assertEquals(say(history, models("snapshot-isolation")), "true |  | ");
  assertEquals(say(history, models("serializable")), "false | G2-item | repeatable-read");
  assertEquals(say(history, models("repeatable-read")), "false | G2-item | repeatable-read");
});

Deno.test("missed writes that are not adjacent are a long fork, G-nonadjacent", () => {
  const history = oneByOne("list", [0, "ok", "ax1"], [0, "ok", "rx1 ry_"], [0, "ok", "ay1"], [
    0,
    "ok",
    "ry1 rx_",
  ]);
  assertEquals(say(history), "false | G-nonadjacent-item | repeatable-read snapshot-isolation");
  const items = oneByOne("list", [0, "ok", "ax1 at1"], [0, "ok", "rx1 ry_"], [0, "ok", "ay1 az2"], [
    0,
    "ok",
    "rz2 rt_",
  ]);
  assertEquals(
    say(items, models("repeatable-read")),
    "false | G-nonadjacent-item | repeatable-read snapshot-isolation",
  );
});

Deno.test("two adjacent missed writes do not refute snapshot isolation", () => {
  const history = oneByOne(
    "list",
    [0, "ok", "rx5 ay1"],
    [0, "ok", "ry_ az2"],
    [0, "ok", "rz_ at3"],
    [0, "ok", "rt3 au4"],
    [0, "ok", "ru_ ax5"],
  );
  assertEquals(say(history, models("snapshot-isolation")), "true |  | ");
});

const STALE: Line[] = [[0, "ok", "ax1"], [1, "ok", "ax2"], [2, "ok", "rx1"], [3, "ok", "rx12"]];

Deno.test("a stale read is an anomaly in real time only", () => {
  const history = oneByOne("list", ...STALE);
  assertEquals(say(history, only("G2")), "true |  | ");
  assertEquals(say(history, models("serializable")), "true |  | ");
  assertEquals(say(history), "false | G-single-item-realtime | strong-snapshot-isolation");
});

Deno.test("a session that misses its own write is an anomaly in process order", () => {
  const history = oneByOne("list", [0, "ok", "ax1"], [1, "ok", "ax2"], [1, "ok", "rx1"], [2, "ok", "rx12"]);
  assertEquals(say(history, models("serializable")), "true |  | ");
  assertEquals(
    say(history, models("strong-session-snapshot-isolation")),
    "false | G-single-item-process | strong-session-snapshot-isolation",
  );
});

Deno.test("a long fork is found through process order", () => {
  const history = oneByOne("list", [0, "ok", "rx_ rz1"], [1, "ok", "ax1"], [1, "ok", "rz_"], [
    2,
    "ok",
    "az1",
  ]);
  assertEquals(say(history, models("serializable")), "true |  | ");
  assertEquals(
    say(history, models("strong-session-snapshot-isolation")),
    "false | G-nonadjacent-item-process | strong-session-snapshot-isolation",
  );
});

Deno.test("circular information flow is found through process order", () => {
  const history = oneByOne("list", [1, "ok", "rx1 ay1"], [2, "ok", "ry1"], [2, "ok", "ax1"]);
  assertEquals(
    say(history, models("strong-session-snapshot-isolation")),
    "false | G1c-process | strong-session-read-committed",
  );
});

Deno.test("reads that no order of appends explains are an incompatible order", () => {
  const history = concurrent("list", "ax1 ry1", "ax2", "ax3 ay1", "rx13", "rx123");
  assertEquals(say(history, only("G1")), "false | G1c incompatible-order | read-committed");
  assertEquals(examplesOf(checkListAppend(history, only("G1")), "incompatible-order"), [
    { key: "x", values: [[1, 3], [1, 2, 3]] },
  ]);
});

Deno.test("an append after a failed transaction's append is a dirty update", () => {
  assertEquals(
    say(oneByOne("list", [0, "fail", "ax1"]), only("dirty-update")),
    "unknown | empty-transaction-graph | ",
  );
  const direct = oneByOne("list", [0, "fail", "ax1"], [1, "ok", "ax2"], [2, "ok", "rx12"]);
  assertEquals(say(direct, only("dirty-update")), "false | dirty-update | read-committed");
  const indirect = oneByOne("list", [0, "fail", "ax1"], [1, "info", "ax2"], [2, "ok", "ax3"], [
    3,
    "ok",
    "rx123",
  ]);
  const [found] = examplesOf(checkListAppend(indirect, only("dirty-update")), "dirty-update") as {
    values: unknown;
    txns: unknown;
  }[];
  assertEquals(found?.values, [1, 2, 3]);
  assertEquals(found?.txns, [indirect[1], "...", indirect[5]]);
});

Deno.test("a repeated element is reported with its number of occurrences", () => {
  const history = concurrent("list", "ax1 ry1", "ax2 ay1", "rx121");
  assertEquals(say(history, models("read-committed")), "false | G1c duplicate-elements | read-uncommitted");
  assertEquals(examplesOf(checkListAppend(history), "duplicate-elements"), [
    { op: history[5], mop: ["r", "x", [1, 2, 1]], duplicates: { "1": 2 } },
  ]);
});

Deno.test("a read must agree with the transaction's own reads and appends", () => {
  const expectations: [string, unknown][] = [
    ["rx12 ax3 rx12", [1, 2, 3]],
    ["rx12 ax3 rx023", [1, 2, 3]],
    ["rx12 ax3 rx1234", [1, 2, 3]],
    ["rx12 ax3 rx1", [1, 2, 3]],
    ["ax3 rx1234", ["...", 3]],
    ["ax3 rx", ["...", 3]],
    ["ax3 rx_", ["...", 3]],
    ["rx_ ax3 rx13", [3]],
    ["rx1 rx12", [1]],
  ];
  for (const [text, expected] of expectations) {
    const found = examplesOf(
      checkListAppend(concurrent("list", text, "ax1 ax2 ax4 ax0"), only("internal")),
      "internal",
    );
    assert(Array.isArray(found), text);
    assertEquals(found.map((one) => one.expected), [expected], text);
  }
  for (const text of ["ry56 ax3 rx123 ax4 rx1234", "ax3 rx123", "rx_ rx12", "rx_ ax3 rx3"]) {
    const history = concurrent("list", text, "ax1 ax2 ay5 ay6");
    assert(!typesOf(checkListAppend(history, only("internal"))).includes("internal"), text);
  }
});

Deno.test("the first read that a release of Elle takes for internal is the evidence", () => {
  const history = concurrent("list", "rx_ rx1 rx_", "ax1");
  for (const [elle, read, expected] of [["0.2.2", null, [1]], ["0.2.7", [1], null]] as const) {
    const found = examplesOf(checkListAppend(history, { ...only("internal"), elle }), "internal");
    assertEquals(found, [{ op: history[2], mop: ["r", "x", read], expected }], elle);
  }
});

Deno.test("a read of an element that is appended later is a future-read", () => {
  const external = concurrent("list", "rx1 ax1");
  assertEquals(
    say(external, models("read-committed")),
    "false | empty-transaction-graph future-read | read-committed",
  );
  const internal = concurrent("list", "ax1 rx01 ax0 ax3");
  assertEquals(examplesOf(checkListAppend(internal, only("future-read")), "future-read"), [
    { op: internal[1], mop: ["r", "x", [0, 1]], element: 0 },
  ]);
});

Deno.test("unread appends come after those that were read", () => {
  // x puts the first before the second, y the second before the first, which its only read lacks.
  const history = concurrent("list", "ax1 ay1", "ax2 ay2", "ax3 ay3", "rx12", "ry2");
  assertEquals(say(history, models("serializable")), "false | G-single-item G0 | read-uncommitted");
});

Deno.test("two transactions that read one version and append to it lost an update", () => {
  const history = oneByOne("list", [0, "ok", "ax0"], [0, "ok", "rx0 ax1"], [0, "ok", "rx0 ax2"]);
  assertEquals(say(history), "false | G2-item lost-update | cursor-stability update-atomic");
  const [lost] = examplesOf(checkListAppend(history), "lost-update") as { value: unknown; txns: unknown }[];
  assertEquals(lost, { key: "x", value: [0], txns: [history[3], history[5]] } as typeof lost);
  assertEquals(say(oneByOne("list", [0, "ok", "rx_ ax1 ax2"], [0, "ok", "rx12"])), "true |  | ");
});

Deno.test("reads of an indeterminate transaction do not count", () => {
  const line: Line[] = [[0, "info", "ax2 ry_"], [1, "ok", "ax1 ay1"], [2, "ok", "rx12 ry1"]];
  assertEquals(say(oneByOne("list", ...line), models("serializable")), "true |  | ");
  const known: Line[] = [[0, "ok", "ax2 ry_"], ...line.slice(1)];
  assertEquals(say(oneByOne("list", ...known), models("serializable")).slice(0, 5), "false");
});

Deno.test("a single append to a key comes after reads of null", () => {
  assertEquals(say(concurrent("list", "rx_", "ax1"), models("serializable")), "true |  | ");
  const history = oneByOne("list", [0, "ok", "ax1"], [0, "ok", "rx_"]);
  assertEquals(say(history), "false | G-single-item-realtime | strong-snapshot-isolation");
  const two = oneByOne("list", [0, "ok", "ax1"], [0, "ok", "ax2"], [0, "ok", "rx_"]);
  assertEquals(say(two), "false | G-single-item-realtime | strong-snapshot-isolation");
});

Deno.test("a history without dependencies is unknown, with a warning", () => {
  const nemesis = numbered([{ process: "nemesis", type: "info", f: "start-partition", value: null }]);
  const failed = oneByOne("list", [0, "fail", "ax1"], [1, "fail", "rx_"]);
  for (const history of [[], nemesis, failed]) {
    const result = checkListAppend(history);
    assertEquals(result.valid, "unknown");
    assertEquals(typesOf(result), ["empty-transaction-graph"]);
    assertEquals(result.warnings?.length, 1);
  }
});

Deno.test("an element appended twice prevents the check of dependencies", () => {
  const history = oneByOne("list", [0, "ok", "ax1 ry_"], [1, "ok", "ay2 ax1"]);
  const result = checkListAppend(history);
  assertEquals([result.valid, typesOf(result)], ["unknown", ["duplicate-writes"]]);
  assertEquals(examplesOf(result, "duplicate-writes"), [{ key: "x", value: 1 }]);
});

Deno.test("a lone read skew among thousands of write skews is found", () => {
  // Elle's search takes exponential time here and says only that some cycle exists.
  const length = 1000;
  const noise = 30;
  const txns: unknown[][] = [];
  for (let i = 0; i < length; i++) {
    const second = i === 0
      ? ["append", "anti", "first"]
      : i === length - 1
      ? ["r", "anti", null]
      : ["append", i, 0];
    txns.push([["append", "ring", i], second]);
  }
  txns.push([["r", "ring", Array.from({ length }, (_, i) => i)]]);
  for (let i = 1; i < length - 1; i++) {
    for (let j = 1; j < noise - 2; j++) txns.push([["append", i, j]]);
    txns.push([["r", i, Array.from({ length: noise - 2 }, (_, j) => j)], ["r", `anti ${i}`, null]]);
    txns.push([["append", `anti ${i}`, 0], ["r", "ring", null]]);
  }
  const history = numbered(txns.map((value, process) => ({ process, type: "ok", f: "txn", value })));
  const result = checkListAppend(history, models("snapshot-isolation"));
  assertEquals(typesOf(result), ["G-single-item"]);
  const [found] = examplesOf(result, "G-single-item") as { steps: unknown[] }[];
  assertEquals(found?.steps.length, length);
});

Deno.test("an unknown model is rejected with the names of the known ones", () => {
  assertThrows(
    () => checkListAppend([], models("stricct-snappshot-isolation")),
    RangeError,
    "snapshot-isolation",
  );
});

Deno.test("a stopped check is unknown, with a warning", () => {
  const history = oneByOne("list", ...STALE);
  const result = checkListAppend(history, { control: { stopped: () => true } });
  assertEquals(result.valid, "unknown");
  assertEquals(result.warnings, ["the check was stopped before its end"]);
  const parts: number[] = [];
  checkListAppend(history, { control: { progress: (part) => parts.push(part) } });
  assertEquals(parts, [...parts].sort((a, b) => a - b));
  assertEquals(parts.at(-1), 1);
});

Deno.test("an append that a read lacks came next if another read has it, and later otherwise", () => {
  const whyIn = (...texts: readonly string[]) => {
    const [{ steps = [] } = {}] = examplesOf(
      checkListAppend(concurrent("list", ...texts)),
      "G-single-item",
    ) as {
      steps?: { type: string; why: string }[];
    }[];
    return steps.find(({ type }) => type === "rw")?.why;
  };
  const lacks = 'T1 read key "x" as ending in 1, so without T2\'s append of 2, which';
  assertEquals(whyIn("ax1", "ax2 ay1", "rx1 ry1", "rx12"), `${lacks} came next`);
  assertEquals(whyIn("ax1", "ax2 ay1", "rx1 ry1"), `${lacks} came later`);
});
