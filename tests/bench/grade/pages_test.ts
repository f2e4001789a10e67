import { assertEquals, assertStringIncludes } from "@std/assert";
import { classFigures } from "../../../lib/bench/grade/outputs/class_figures.ts";
import { feedbackPage } from "../../../lib/bench/grade/outputs/feedback_page.ts";
import { teacherPage } from "../../../lib/bench/grade/outputs/teacher_page.ts";
import { browserTest, endBrowser, seriousViolations } from "../report/browser.ts";
import { SAMPLE_CLASS } from "./sample_class.ts";

endBrowser();

/** Returns the feedback page of a student of the sample class. */
function feedbackOf(index: number): string {
  const result = SAMPLE_CLASS[index];
  if (result === undefined) throw new Error(`there is no student ${index}`);
  return feedbackPage(result, { figures: classFigures(SAMPLE_CLASS), pictureOf: () => "<svg></svg>" });
}

Deno.test("a student's page has the cause, the picture and the class's figures, and no script", () => {
  const page = feedbackOf(2);
  for (const text of ["n1 did not send 17 &lt;again", "<svg></svg>", "(class 8)", "1 of 3 passed"]) {
    assertStringIncludes(page, text);
  }
  assertEquals(page.includes("<script"), false);
  assertStringIncludes(feedbackOf(3), "main.go: no");
});

browserTest("the teacher's table sorts by each column, and both pages are accessible", async (open) => {
  const path = Deno.makeTempFileSync({ suffix: ".html" });
  try {
    for (const text of [feedbackOf(1), teacherPage(SAMPLE_CLASS, ["zoe"])]) {
      Deno.writeTextFileSync(path, text);
      const { page, complaints } = await open(`file://${path}`);
      assertEquals([await seriousViolations(page), complaints], [[], []]);
    }
    const { page } = await open(`file://${path}`);
    const points = async () =>
      (await page.locator("tbody tr td:nth-child(2)").allInnerTexts()).map((text) => parseFloat(text));
    await page.click("thead th:nth-child(2) button");
    assertEquals(await points(), [4, 2.5, 1, 0]);
    await page.click("thead th:nth-child(2) button");
    assertEquals(await points(), [0, 1, 2.5, 4]);
    await page.click("thead th:nth-child(1) button");
    await page.click("thead th:nth-child(1) button");
    assertEquals((await page.locator("tbody th").allInnerTexts()).at(-1), "eve");
  } finally {
    Deno.removeSync(path);
  }
});
