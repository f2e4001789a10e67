import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  busiestPart,
  isLeading,
  LISTED_ROOM_MIN,
  listedParts,
  listedText,
  nextChange,
  partNames,
  stateAt,
  stateText,
  tracksByNode,
  withLogLines,
} from "../../../lib/bench/report/browser/states.ts";
import { LOG_LINES_MAX, stateColumns } from "../../../lib/bench/report/data/state_columns.ts";
import { StateLines } from "../../../lib/bench/run/state_journal.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import type { StateColumns } from "../../../lib/bench/report/data/report_data.ts";

const STATES: StateColumns = {
  values: ["1", '"leader"', "2"],
  tracks: [
    { node: 0, name: "role", at: [10], value: [1] },
    { node: 0, name: "term", at: [10, 20, 30, 40], value: [0, 2, -1, 0] },
    { node: 1, name: "term", at: [25], value: [2] },
  ],
  leftOut: { total: 6, notes: [] },
};

Deno.test("the state at a time is the same in whichever direction the time is reached", () => {
  const at = (time: number) =>
    stateAt(STATES, { node: 0, at: time }).map(({ value, previous, since }) => [value, previous, since]);
  const [none, first, second, down, again] = [9, 10, 29.9, 30, 1000].map(at);
  assertEquals(none, [[undefined, undefined, -Infinity], [undefined, undefined, -Infinity]]);
  assertEquals(first, [['"leader"', undefined, 10], ["1", undefined, 10]]);
  assertEquals(second, [['"leader"', undefined, 10], ["2", "1", 20]]);
  assertEquals(down?.[1], [undefined, "2", 30]);
  assertEquals(again?.[1], ["1", undefined, 40]);
  assertEquals([1000, 30, 29.9, 10, 9].map(at), [again, down, second, first, none]);
});

Deno.test("a value is short text, and the part that changes most often stands for its node", () => {
  assertEquals(stateText('"leader"'), "leader");
  assertEquals(stateText("[1,2,3,4,5,6]", 6), "[1,2,…");
  assertEquals([isLeading('"leader"'), isLeading('"follower"')], [true, false]);
  assertEquals(busiestPart(STATES), "term");
  assertEquals([...listedParts(STATES, 1)], ["role"]);
  assertEquals([...listedParts(STATES, 2)], ["role", "term"]);
  assertEquals(partNames(STATES), ["role", "term"]);
  assertEquals(tracksByNode(STATES, 2).map((tracks) => tracks.length), [2, 1]);
});

Deno.test("a listed part fits into its room: first its name is shortened, then its value", () => {
  assertEquals(listedText("last values", "[4,9,8,11,10]", 30), "last values [4,9,8,11,10]");
  assertEquals(listedText("last values", "[4,9,8,11,10]", 20), "last … [4,9,8,11,10]");
  assertEquals(listedText("last values", "[4,9,8,11,10]", 12), "la… [4,9,8,…");
  assertEquals(listedText("role", '"follower"', LISTED_ROOM_MIN), "ro… fo…");
});

Deno.test("the next change is found in both directions, for one node or all", () => {
  assertEquals(nextChange(STATES, { at: 20, direction: "forward" }), 25);
  assertEquals(nextChange(STATES, { at: 20, direction: "forward", node: 0 }), 30);
  assertEquals(nextChange(STATES, { at: 20, direction: "backward" }), 10);
  assertEquals(nextChange(STATES, { at: 10, direction: "backward" }), undefined);
  assertEquals(nextChange(STATES, { at: 40, direction: "forward" }), undefined);
});

/** Records what a node says of itself and returns the lines. */
function recorded(record: (journal: StateLines, at: (timeMs: number) => StateLines) => void): string[] {
  const lines: string[] = [];
  let now = 0;
  const journal = new StateLines(() => now, (line) => lines.push(line));
  record(journal, (timeMs) => {
    now = timeMs;
    return journal;
  });
  return lines;
}

const LONG = JSON.stringify(Array.from({ length: 40 }, (_, i) => i));

Deno.test("recorded states come back exactly, with times since the history began", () => {
  const changed = LONG.replace("20", '"a😀"');
  const lines = recorded((_, at) => {
    at(1).changed("n0", new Map([["role", '"follower"'], ["list", LONG]]));
    at(2).logged("n1", "starts");
    at(5).began();
    at(7).changed("n0", new Map([["list", changed]]));
    at(8).changed("n0", new Map([["role", ""]]));
    at(9).ended("n0");
    at(11).changed("n0", new Map([["list", LONG]]));
  });
  assertStringIncludes(lines[3] ?? "", '"splice":{"list":[');
  const { states, logs, ends } = stateColumns(lines, { nodes: ["n0", "n1"] });
  assertEquals([...ends], [[0, 4000]]);
  assertEquals(logs, { at: [-3000], node: [1], text: ["starts"], leftOut: { total: 1, notes: [] } });
  assert(states !== null);
  const at = (ms: number) => stateAt(states, { node: 0, at: ms * 1000 }).map(({ value }) => value);
  assertEquals(at(-5), [undefined, undefined]);
  assertEquals(at(-4), ['"follower"', LONG]);
  assertEquals(at(2), ['"follower"', changed]);
  assertEquals(at(3), [undefined, changed]);
  assertEquals(at(4), [undefined, undefined]);
  assertEquals(at(6), [undefined, LONG]);
});

Deno.test("a splice of any two texts gives the second one", () => {
  const random = new SeededRandom(1);
  let before = "";
  const texts: string[] = [];
  for (let i = 0; i < 200; i++) {
    const at = random.below(before.length + 1);
    const drop = random.below(before.length - at + 1);
    before = before.slice(0, at) + "ab".repeat(random.below(20)) + before.slice(at + drop);
    texts.push(before);
  }
  const lines = recorded((_, at) =>
    texts.forEach((text, i) => at(i).changed("n0", new Map([["text", JSON.stringify(text)]])))
  );
  const { states } = stateColumns(lines, { nodes: ["n0"] });
  assert(states !== null);
  texts.forEach((text, i) =>
    assertEquals(stateAt(states, { node: 0, at: i * 1000 })[0]?.value, JSON.stringify(text))
  );
});

Deno.test("a full journal says so, and a report of too many lines shows both ends", () => {
  const lines: string[] = [];
  const journal = new StateLines(() => 2000, (line) => lines.push(line), 500);
  for (let i = 0; i < 100; i++) journal.logged("n0", `line ${i}`);
  assert(lines.length < 20);
  assertEquals(JSON.parse(lines.at(-1) ?? "").event, "left-out");
  const many = Array.from(
    { length: LOG_LINES_MAX + 7 },
    (_, i) => `{"time":${i * 1000},"node":"n0","log":"${i}"}`,
  );
  const { logs } = stateColumns(many, { nodes: ["n0"] });
  assertEquals(logs.text.length, LOG_LINES_MAX);
  assertEquals(logs.text.at(-1), `${LOG_LINES_MAX + 6}`);
  assertEquals(logs.leftOut.notes.length, 1);
  assertStringIncludes(
    logs.leftOut.notes[0] ?? "",
    "7 log lines between the first and the last are not shown",
  );
});

Deno.test("withLogLines adds the last line of each node's log as a part", () => {
  const leftOut = { total: 0, notes: [] };
  const logs = { at: [10, 20, 30], node: [1, 0, 1], text: ["starts", 'says "x"', "ends"], leftOut };
  const alone = withLogLines(null, logs);
  assert(alone !== null);
  const line = (states: StateColumns, node: number, at: number) =>
    stateAt(states, { node, at }).find(({ name }) => name === "log")?.value;
  assertEquals([line(alone, 1, 5), line(alone, 1, 29), line(alone, 1, 30)], [
    undefined,
    '"starts"',
    '"ends"',
  ]);
  assertEquals(line(alone, 0, 25), JSON.stringify('says "x"'));
  const states = { values: ["1"], tracks: [{ node: 0, name: "count", at: [0], value: [0] }], leftOut };
  const both = withLogLines(states, logs);
  assertEquals(both?.tracks.map(({ node, name }) => [node, name]), [[0, "count"], [1, "log"], [0, "log"]]);
  assertEquals(withLogLines(states, null), states);
  assertEquals(withLogLines(null, null), null);
});
