import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { classFigures } from "../../../lib/bench/grade/outputs/class_figures.ts";
import {
  gradescopeResults,
  gradesCsv,
  gradesJunit,
  gradesMarkdown,
} from "../../../lib/bench/grade/outputs/files.ts";
import { SAMPLE_CLASS } from "./sample_class.ts";

Deno.test("the figures of a class count passes and failures, with medians of those that passed", () => {
  const [first, second] = classFigures(SAMPLE_CLASS);
  assertEquals([first?.passed, first?.tried, second?.passed, second?.tried], [2, 3, 1, 3]);
  assertEquals([second?.messagesPerOperation, first?.longestMs], [8, 500]);
  assertEquals(second?.failures, [["Lost elements", 2]]);
});

Deno.test("a CSV has a line per student, and no cell that a spreadsheet computes", () => {
  const lines = gradesCsv(SAMPLE_CLASS).split("\r\n");
  assertEquals(lines.slice(0, 3), [
    "student,points,max,1,3d,seconds,problem",
    "al,4,4,2,2,61,",
    `"'=1+1,x",2.5,4,2,0.5,61,`,
  ]);
});

Deno.test("JUnit's XML has a suite per student, escaped", () => {
  const xml = gradesJunit(SAMPLE_CLASS);
  const counts = [/<testsuite /g, /<testcase /g, /<failure /g, /<error /g].map((tag) =>
    xml.match(tag)?.length
  );
  assertEquals(counts, [4, 7, 3, 1]);
  assertStringIncludes(xml, 'name="&lt;b&gt;dora"');
});

Deno.test("Markdown has a table, and the challenges that failed most", () => {
  const text = gradesMarkdown(SAMPLE_CLASS);
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  assertEquals(rows.length, 6);
  assertStringIncludes(rows[3] ?? "", "✗ 0.5");
  assertStringIncludes(rows[4] ?? "", "\\<b\\>dora");
});

Deno.test("a challenge without a title of its own is named once", () => {
  const untitled = SAMPLE_CLASS.map((student) => ({
    ...student,
    challenges: student.challenges.map((each) => ({ ...each, id: "kill", title: "kill" })),
  }));
  assertEquals(gradesMarkdown(untitled).includes("kill kill"), false);
  assertMatch(gradesMarkdown(untitled), /^- kill: /m);
  assertStringIncludes(gradesJunit(untitled), 'name="kill"');
});

Deno.test("Gradescope's results.json has a test per challenge, and says why nothing was graded", () => {
  const [, bob, , eve] = SAMPLE_CLASS.map((each) => JSON.parse(gradescopeResults(each)));
  assertEquals([bob.score, bob.tests.length, bob.tests[1].status, bob.tests[1].max_score], [
    2.5,
    2,
    "failed",
    2,
  ]);
  assertEquals([eve.score, eve.tests], [0, []]);
  assertStringIncludes(eve.output, "main.go: no");
});
