import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { folderTest } from "../../folder.ts";
import { CHALLENGES } from "../../../lib/bench/grade/challenges.ts";
import {
  describeGrading,
  GradingError,
  parseGrading,
  plainGrading,
  readGrading,
} from "../../../lib/bench/grade/grading_file.ts";
import { parseWithLines } from "../../../lib/bench/grade/json_lines.ts";

const GRADING = `{
  "secret": "spring",
  "challenges": {
    "1": {},
    "3d": {
      "points": 20,
      "bounds": { "maxMs": 700 },
      "partial": { "overBound": 10, "withoutPartitions": 5 },
      "lines": ["-w broadcast --node-count 7 --time-limit 5 --faults kill"],
      "repeat": 3
    },
    "sets": { "title": "Sets", "lines": ["-w g-set --node-count 3"], "points": 2.5 }
  }
}`;

Deno.test("a grading file gives points, bounds, lines and repetitions", () => {
  const { secret, challenges } = parseGrading(GRADING, { repeat: 2 });
  assertEquals(secret, "spring");
  assertEquals(challenges.map(({ id, points, repeat }) => [id, points, repeat]), [
    ["1", 1, 2],
    ["3d", 20, 3],
    ["sets", 2.5, 2],
  ]);
  const [, third, own] = challenges;
  assertEquals(third?.bounds, { msgsPerOp: 30, medianMs: 400, maxMs: 700 });
  assertEquals(third?.partial, { overBound: 10, withoutPartitions: 5 });
  assertEquals(third?.lines.map(({ options }) => options.nemesis), [undefined, ["partition"], ["kill"]]);
  assertEquals([own?.workload, own?.title, own?.lines[0]?.providesMetrics], ["g-set", "Sets", true]);
});

Deno.test("a problem of a grading file has its line and its place", () => {
  const problems: readonly (readonly [from: string, to: string, line: number, text: string])[] = [
    ['"points": 20', '"points": "20"', 6, "challenges.3d.points: expected a number"],
    ['"maxMs"', '"maxms"', 7, "challenges.3d.bounds.maxms: unknown; did you mean maxMs?"],
    ["--faults kill", "--faults kil", 9, "challenges.3d.lines.0: unknown fault kil"],
    ["-w g-set", "-w gset", 12, "challenges.sets.lines.0: unknown workload gset"],
    ['"1": {}', '"1f": {}', 4, "challenges.1f: did you mean"],
    ['"secret": "spring",', '"secret": "spring"', 3, "not JSON: expected ,"],
    ['"repeat": 3', '"repeat": three', 10, "not JSON: expected a value, but found three"],
  ];
  for (const [from, to, line, text] of problems) {
    const error = assertThrows(() => parseGrading(GRADING.replace(from, to), { repeat: 1 }), GradingError);
    assertEquals(error.line, line, text);
    assertStringIncludes(error.message, text);
  }
});

folderTest("a line may name a workload file, and a file that is missing has its line", async (folder) => {
  const path = `${folder}/grading.json`;
  const bank = new URL("../../examples/workloads/bank.ts", import.meta.url).pathname;
  const write = (file: string) =>
    Deno.writeTextFileSync(path, `{"challenges": {\n"x": {"lines": ["-w ${file} --node-count 1"]}}}`);
  write(bank);
  const { challenges: [own] } = await readGrading(path, { repeat: 1 });
  assertEquals([own?.id, own?.workload], ["x", "bank"]);
  write(`${folder}/none.ts`);
  const error = await assertRejects(() => readGrading(path, { repeat: 1 }), ArgumentError);
  assertStringIncludes(error.message, "line 2");
});

Deno.test("JSON is parsed as by JSON.parse, with the lines of keys and items", () => {
  const text = '{"a": [1,\n {"b": "x\\"y{"}],\n "c": null, "d": {}, "e": [true, -1.5e3]}';
  const { value, lineOf } = parseWithLines(text);
  assertEquals(value, JSON.parse(text));
  assertEquals([lineOf(["a", 0]), lineOf(["a", 1, "b"]), lineOf(["c"]), lineOf(["c", "x"])], [1, 2, 3, 3]);
});

Deno.test("without a file each challenge has a point, and the help names each field of the file", () => {
  const plain = plainGrading(CHALLENGES, { repeat: 1 });
  assertEquals(plain.challenges.map(({ points }) => points), CHALLENGES.map(() => 1));
  for (const field of [".points", ".bounds.maxMs", ".partial.overBound"]) {
    assertStringIncludes(describeGrading(), field);
  }
});
