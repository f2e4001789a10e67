import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testsOf } from "../../../lib/bench/playground/browser/lesson.ts";
import {
  optionsOf,
  subjectNames,
  subjectOf,
  valueOf,
} from "../../../lib/bench/playground/browser/subject.ts";
import { ASSIGNMENTS } from "../../../lib/bench/learn/lessons/mod.ts";
import { endBrowser } from "../report/browser.ts";
import { enterCode, playgroundTest, removePage } from "./opened_page.ts";

endBrowser();
removePage();

Deno.test("each exercise is a subject with its options and its tests", () => {
  const names = subjectNames().lessons;
  const builtIn = ASSIGNMENTS.filter(({ lesson }) => lesson.workloadFile === undefined);
  assertEquals(names.length, builtIn.length);
  for (const [value] of names) {
    const subject = subjectOf(value, {});
    assert(subject?.assignment !== undefined, value);
    const tests = testsOf(subject.assignment, subject.source);
    assertEquals(tests.length, subject.assignment.challenge.lines.length);
    for (const { job, plan } of tests) {
      assertEquals(job.code, subject.source);
      assertEquals(plan.seeds.length, 9);
      assertEquals(plan.job(2).seed, 2);
      assertEquals(plan.job(2).test.bounds, undefined);
    }
  }
  assertEquals(
    testsOf(ASSIGNMENTS.find(({ exercise: { id } }) => id === "3d") ?? fail(), "")[0]?.job.test.bounds,
    {
      msgsPerOp: 30,
      medianMs: 400,
      maxMs: 600,
    },
  );
  assertEquals(optionsOf(["-w", "echo", "--node-count", "1"]), ["--node-count", "1"]);
  assertEquals(subjectOf(valueOf("99"), {}), undefined);
});

function fail(): never {
  throw new Error("there is no such exercise");
}

playgroundTest(
  "an exercise is explained, fails with its story, and passes when it is solved",
  async (open) => {
    const { page } = await open();
    await page.selectOption("#subject", "lesson 1");
    assertStringIncludes(await page.innerText("#tries"), "every echo request");
    assertEquals(
      await page.locator("#tries details").first().evaluate((each) => (each as HTMLDetailsElement).open),
      false,
    );
    await page.click("#check");
    await page.waitForSelector("#run:not([hidden])");
    assertMatch(await page.innerText("#status"), /^Invalid/);
    await enterCode(
      page,
      'import { type Node } from "@charybdis/charybdis";\nexport function echo(node: Node): void {\n  node.on("echo", ({ echo }) => ({ echo }));\n}\n',
    );
    await page.click("#check");
    await page.waitForSelector("#run:not([hidden])");
    assertMatch(await page.innerText("#status"), /^Passed: 1 Echo/);
    assertMatch(await page.innerText("#sweep-result"), /9 of 9 seeds.*Each of them is valid/);
    // The code of a lesson is not that of the project's node.
    await page.selectOption("#subject", "echo");
    assertStringIncludes(await page.innerText("#code-state"), "built-in echo node");
    await page.selectOption("#subject", "lesson 1");
    assertStringIncludes(await page.innerText(".cm-content"), "({ echo }) => ({ echo })");
  },
);

playgroundTest("a node that refuses each request does not pass a sweep", async (open) => {
  const { page } = await open();
  await page.selectOption("#subject", "echo");
  await enterCode(page, 'export function echo(node) {\n  node.on("other", () => ({}));\n}\n');
  await page.click("#sweep");
  await page.waitForSelector("#run:not([hidden])");
  assertMatch(await page.innerText("#sweep-result"), /first failing run|nothing is proved/);
});
