import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reportOfWrongNode } from "./explained_run.ts";
import {
  browserTest,
  endBrowser,
  frameOf,
  frames,
  LOOKS,
  ready,
  seriousViolations,
  type Visit,
} from "./browser.ts";

endBrowser();

/** Opens the report of a node with a known bug. */
async function withWrongNode(
  open: (address: string, look?: { width?: number; height?: number; dark?: boolean }) => Promise<Visit>,
  { name, use, look }: {
    readonly name: string;
    readonly use: (visit: Visit) => Promise<void>;
    readonly look?: { width?: number; height?: number; dark?: boolean };
  },
): Promise<void> {
  const path = Deno.makeTempFileSync({ suffix: ".html" });
  try {
    Deno.writeTextFileSync(path, await reportOfWrongNode(name));
    const visit = await open(`file://${path}`, look);
    await ready(visit.page);
    await use(visit);
    assertEquals(visit.complaints, []);
  } finally {
    Deno.removeSync(path);
  }
}

browserTest("a failed run opens at its finding, with the story next to the picture", async (open) => {
  await withWrongNode(open, {
    name: "lost_in_a_partition",
    use: async ({ page }) => {
      const { from = 0, to = 0, cursor = -1 } = await frameOf(page, "space-time");
      assert(to - from < 5e6, "a part of the run is shown");
      assert(from <= cursor && cursor <= to, "the cursor is in it");
      const story = page.locator("#story li");
      assert(await story.count() > 0);
      const onScreen = await page.evaluate(
        `["#cluster", "#story"].every((id) => document.querySelector(id).getBoundingClientRect().top < innerHeight / 2)`,
      );
      assertEquals(onScreen, true, "verdict, picture and story are on the first screen");
      const { time: before } = await frameOf(page, "cluster");
      await page.locator("#story button").nth(1).click();
      const { time: after } = await frameOf(page, "cluster");
      assert(before !== after, "a sentence moves the cursor");
      assertEquals(await page.locator("#story [aria-current=step]").count() > 0, true);
      await page.locator("#story button", { hasText: "the partition cut both" }).click();
      const { lit, crossed } = await frameOf(page, "space-time");
      assertEquals([lit, crossed], [5, 2], "of the sentence's messages, those that were cut end in a cross");
    },
  });
});

browserTest(
  "a selection lights up its causal past, on request its future, and dims the rest",
  async (open) => {
    await withWrongNode(open, {
      name: "lost_in_a_partition",
      use: async ({ page }) => {
        await page.click("#clear");
        assertEquals((await frameOf(page, "space-time"))["lit"], 0);
        for (let i = 0; i < 40; i++) await page.keyboard.press("m");
        const past = (await frameOf(page, "space-time"))["lit"] ?? 0;
        await page.keyboard.press("w");
        const future = (await frameOf(page, "space-time"))["lit"] ?? 0;
        await page.keyboard.press("w");
        assertEquals((await frameOf(page, "space-time"))["lit"], 0);
        assert(past > 1 && future > 1 && past !== future, `${past} and ${future}`);
        assertEquals(await page.locator("#relation").inputValue(), "nothing else");
      },
    });
  },
);

browserTest(
  "on a phone the page does not scroll sideways, and axe finds no serious violation",
  async (open) => {
    for (const look of LOOKS) {
      await withWrongNode(open, {
        name: "lost_in_a_partition",
        look: { width: 380, height: 850, ...look },
        use: async ({ page }) => {
          await frames(page);
          assertEquals(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0);
          await page.keyboard.press("m");
          assertEquals(await seriousViolations(page), []);
          assertStringIncludes(await page.innerText("h1"), "Invalid");
        },
      });
    }
  },
);
