/** Histories of Elle's own register tests. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import { checkRwRegister, type RwRegisterOptions } from "../../../lib/checkers/elle/mod.ts";
import { concurrent, type Line, numbered, oneByOne } from "./notation.ts";
import { examplesOf, typesOf } from "./findings.ts";

/** Validity, anomaly types and weakest models ruled out, in one line. */
function say(history: readonly Event[], options: RwRegisterOptions = {}): string {
  const result = checkRwRegister(history, { wfrKeys: false, ...options });
  return [result.valid, typesOf(result).join(" "), result.not.join(" ")].join(" | ");
}

const only = (...anomalies: string[]): RwRegisterOptions => ({ consistencyModels: [], anomalies });
const models = (...consistencyModels: string[]): RwRegisterOptions => ({ consistencyModels });

Deno.test("a history without dependencies is invalid, as in Maelstrom, with a warning", () => {
  for (const history of [[], oneByOne("register", [0, "fail", "wx1"])]) {
    const result = checkRwRegister(history);
    assertEquals([result.valid, typesOf(result)], [false, ["empty-transaction-graph"]]);
    assertEquals(result.warnings?.length, 1);
  }
});

Deno.test("a transaction that reads and writes one key depends on itself", () => {
  assertEquals(say(concurrent("register", "rx_ wx1")), "true |  | ");
});

Deno.test("a read must agree with the transaction's own reads and writes", () => {
  for (const text of ["ry2 wx2 rx2 wx1 rx1", "rx_ rx2"]) {
    assert(!typesOf(checkRwRegister(concurrent("register", text))).includes("internal"), text);
  }
  for (const [text, expected] of [["rx1 wx2 rx1", 2], ["rx1 rx2", 1], ["wx1 rx_", 1]] as const) {
    const found = examplesOf(checkRwRegister(concurrent("register", text), only("internal")), "internal");
    assert(Array.isArray(found), text);
    assertEquals(found.map((one) => one.expected), [expected], text);
  }
});

Deno.test("a read of a failed write is G1a", () => {
  const history = oneByOne("register", [0, "fail", "wx2"], [1, "ok", "rx2"]);
  assertEquals(say(history, only("G1")), "false | G1a empty-transaction-graph | read-committed");
  assertEquals(examplesOf(checkRwRegister(history), "G1a"), [
    { op: history[3], mop: ["r", "x", 2], writer: history[1] },
  ]);
});

Deno.test("a read of what its writer overwrote is G1b", () => {
  const history = oneByOne("register", [0, "ok", "wx2 wx1"], [1, "ok", "rx2"]);
  assertEquals(say(history, only("G1")), "false | G1b empty-transaction-graph | read-committed");
  assertEquals(
    say(history, models("repeatable-read")),
    "false | G1b empty-transaction-graph | read-committed",
  );
  assertEquals(say(oneByOne("register", [0, "ok", "wx2 rx2 wx1"], [1, "ok", "rx1"])), "true |  | ");
});

Deno.test("circular information flow is G1c, on one register or two", () => {
  for (const texts of [["wx1 ry1", "wy1 rx1"], ["rx0 wx1", "rx1 wx0"], ["rx0 wy1", "ry1 wx0"]]) {
    const history = concurrent("register", ...texts);
    assertEquals(say(history, only("G0")), "true |  | ");
    assertEquals(say(history, models("read-uncommitted")), "true |  | ");
    assertEquals(say(history, models("read-committed")), "false | G1c | read-committed");
    assertEquals(say(history, only("G2")), "true |  | ");
    assertEquals(say(history, models("serializable")), "false | G1c | read-committed");
  }
});

Deno.test("a read of null comes before every write", () => {
  const history = concurrent("register", "rx_ ry1", "wy1 wx2");
  assertEquals(
    say(history, models("serializable")),
    "false | G-single-item | consistent-view repeatable-read",
  );
});

Deno.test("writes that follow reads in a transaction reveal read skew", () => {
  const history = concurrent("register", "ry1 wx1 wy2", "rx1 ry1");
  assertEquals(say(history, models("serializable")), "true |  | ");
  assertEquals(
    say(history, { ...models("serializable"), wfrKeys: true }),
    "false | G-single-item | consistent-view repeatable-read",
  );
  assertEquals(checkRwRegister(history).valid, false);
});

Deno.test("process order determines version order if keys are sequential", () => {
  const history = oneByOne("register", [0, "ok", "wx1 wy2"], [1, "ok", "wx2 wy1"], [0, "ok", "rx2"], [
    1,
    "ok",
    "ry2",
  ]);
  const overlapping = numbered([0, 2, 1, 3, 4, 5, 6, 7].flatMap((i) => history[i] ?? []));
  assertEquals(
    say(overlapping, { ...only("G0"), sequentialKeys: true }),
    "false | G0 | read-uncommitted",
  );
  assertEquals(say(overlapping, only("G0")), "true |  | ");
});

Deno.test("versions that precede each other are cyclic", () => {
  const back: Line[] = [[0, "ok", "wx1"], [0, "ok", "wx2"], [0, "ok", "rx1"]];
  const history = oneByOne("register", ...back);
  assertEquals(say(history, { sequentialKeys: true }), "false | cyclic-versions | read-uncommitted");
  const found = examplesOf(
    checkRwRegister(history, { wfrKeys: false, sequentialKeys: true }),
    "cyclic-versions",
  );
  assertEquals(found, [{ key: "x", scc: [1, 2], sources: ["initial-state", "sequential-keys"] }]);
  const others = oneByOne("register", [0, "ok", "wx1"], [1, "ok", "rx2"], [2, "ok", "rx1"]);
  assertEquals(say(others, { linearizableKeys: true }), "false | cyclic-versions | read-uncommitted");
});

Deno.test("a source that makes the version order cyclic is left out", () => {
  const history = oneByOne("register", [0, "ok", "rx1"], [0, "ok", "rx_"], [0, "ok", "rx4 wx3"], [
    0,
    "ok",
    "wx4",
  ]);
  const options = { ...models("strong-serializable"), wfrKeys: true, linearizableKeys: true };
  assertEquals(say(history, options), "false | G1c-realtime cyclic-versions | read-uncommitted");
  const sources = ["initial-state", "wfr-keys", "linearizable-keys"];
  const found = examplesOf(checkRwRegister(history, options), "cyclic-versions");
  assert(Array.isArray(found));
  assertEquals(found.map(({ scc }) => scc), [[null, 1], [4, 3]]);
  assertEquals(found.map((one) => one.sources), [sources, sources]);
});

Deno.test("transactions without accesses do not change the version order", () => {
  // Elle up to 0.2.6 found a cycle here: sets of transactions were changed that others still used.
  const txns: [number, number, unknown[], unknown[]][] = [
    [0, 1, [], []],
    [2, 5, [["r", 1, null]], [["r", 1, null]]],
    [3, 6, [["w", 1, 4]], [["w", 1, 4]]],
    [4, 7, [], []],
    [8, 9, [], []],
    [10, 11, [["r", 1, null]], [["r", 1, 4]]],
  ];
  const events: Omit<Event, "index" | "time">[] = [];
  for (const [process, [invoked, completed, asked, done]] of txns.entries()) {
    events[invoked] = { process, type: "invoke", f: "txn", value: asked };
    events[completed] = { process, type: "ok", f: "txn", value: done };
  }
  assertEquals(say(numbered(events), { ...models("serializable"), linearizableKeys: true }), "true |  | ");
});

Deno.test("transactions that read one version and write the key lose updates", () => {
  const history = oneByOne("register", [0, "ok", "rx0 wx1"], [1, "ok", "rx0 wx2"], [2, "ok", "rx0 wx3"]);
  assertEquals(say(history), "false | lost-update | cursor-stability update-atomic");
  assertEquals(examplesOf(checkRwRegister(history, { wfrKeys: false }), "lost-update"), [
    { key: "x", value: 0, txns: [history[1], history[3], history[5]] },
  ]);
});

Deno.test("a stale read is an anomaly in real time only", () => {
  const history = oneByOne("register", [0, "ok", "wx1"], [1, "ok", "rx_"]);
  assertEquals(say(history, models("serializable")), "true |  | ");
  assertEquals(say(history), "false | G-single-item-realtime | strong-snapshot-isolation");
  const [{ steps = [] } = {}] = examplesOf(
    checkRwRegister(history, { wfrKeys: false }),
    "G-single-item-realtime",
  ) as { steps?: { type: string; why: string }[] }[];
  const because = steps.find(({ type }) => type === "rw")?.why;
  assertMatch(because ?? "", /since a key is null until it is first written$/);
  const { why } = steps.find(({ type }) => type === "realtime") ?? {};
  assertMatch(why ?? "", /had completed \(event 1\) before T1 was invoked \(event 2, 1\.000 ms later\)$/);
});

Deno.test("an order of two values names the transaction that read one and wrote the other", () => {
  const history = concurrent("register", "wx1", "rx1 wx2 wy1", "rx1 ry1");
  const [{ steps = [] } = {}] = examplesOf(checkRwRegister(history), "G-single-item") as {
    steps?: { type: string; why: string }[];
  }[];
  assertEquals(
    steps.find(({ type }) => type === "rw")?.why,
    'T1 read 1 from key "x", and T2 set it to 2, which came after 1, since ' +
      "the transaction at event 4 read the first and then wrote the second",
  );
});

Deno.test("a value that is written twice and read prevents the check of dependencies", () => {
  const result = checkRwRegister(oneByOne("register", [0, "ok", "wx1"], [1, "ok", "wx1"], [2, "ok", "rx1"]));
  assertEquals([result.valid, typesOf(result)], ["unknown", ["duplicate-writes"]]);
});

Deno.test("with linearizableKeys, versions follow each other also through transactions of other keys", () => {
  const history = oneByOne("register", [0, "ok", "wx1"], [1, "ok", "wy1"], [2, "ok", "wx2"], [
    3,
    "ok",
    "rx1",
  ]);
  const options = { ...models("serializable"), linearizableKeys: true };
  assertEquals(say(history, options), "false | cyclic-versions | read-uncommitted");
});

Deno.test("a value that is read after a null is internal in newer releases of Elle", () => {
  const kinds = (text: string) =>
    checkRwRegister(concurrent("register", text)).newerFindings.map(({ kind }) => kind);
  assertEquals(kinds("rx_ rx1"), ["thin-air-read", "internal"]);
  assertEquals(kinds("rx_ wx1 rx1"), []);
});

Deno.test("the first read that a release of Elle takes for internal is the evidence", () => {
  const history = concurrent("register", "rx_ rx1 rx_", "wx1");
  for (const [elle, read, expected] of [["0.2.2", null, 1], ["0.2.7", 1, null]] as const) {
    const found = examplesOf(checkRwRegister(history, { ...only("internal"), elle }), "internal");
    assertEquals(found, [{ op: history[2], mop: ["r", "x", read], expected }], elle);
  }
});

Deno.test("the first read of a key in a transaction is never internal", () => {
  for (let before = 0; before < 5; before++) {
    const writes = Array.from({ length: before }, (_, i) => `wx${i + 1}`);
    assertEquals(say(concurrent("register", ...writes, "ry7", "wy7")), "true |  | ", `${before} before`);
  }
});
