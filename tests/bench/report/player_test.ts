import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { makeReport } from "../../../lib/bench/report/report.ts";
import { browserTest, endBrowser, frameOf, frames, ready } from "./browser.ts";
import { type SampleOptions, sampleRun } from "./sample_run.ts";

endBrowser();

/** Opens the report of a sample run and passes its page. */
async function withPlayer(
  open: (
    address: string,
    look?: { width?: number },
  ) => Promise<{ page: Page; complaints: readonly string[] }>,
  options: SampleOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const path = Deno.makeTempFileSync({ suffix: ".html" });
  try {
    Deno.writeTextFileSync(path, await makeReport(sampleRun(options)));
    const { page, complaints } = await open(`file://${path}`);
    await ready(page);
    await use(page);
    assertEquals(complaints, []);
  } finally {
    Deno.removeSync(path);
  }
}

/** Returns the cursor's time in all views. */
async function cursors(page: Page): Promise<number[]> {
  const { time = NaN } = await frameOf(page, "cluster");
  const others = await Promise.all(["timeline", "space-time"].map((id) => frameOf(page, id)));
  return [time, ...others.map(({ cursor = NaN }) => cursor)];
}

browserTest("the player, the operations and the messages share one cursor", async (open) => {
  await withPlayer(open, { values: 30 }, async (page) => {
    await page.locator("#scrub").fill("5000");
    const scrubbed = await cursors(page);
    assert(scrubbed.every((time) => time === scrubbed[0]) && (scrubbed[0] ?? 0) > 100_000, `${scrubbed}`);
    await page.focus("#timeline");
    await page.keyboard.press("n");
    const chosen = await cursors(page);
    assert(chosen.every((time) => time === chosen[0]) && chosen[0] !== scrubbed[0], `${chosen}`);
  });
});

browserTest("steps go by event, by message and by node, forwards and backwards", async (open) => {
  await withPlayer(open, { values: 3, nodes: 2 }, async (page) => {
    const at = async () => (await cursors(page))[0];
    assertEquals(await at(), 0);
    await page.click("#step-on");
    assertEquals(await at(), 1000);
    assertEquals(await page.innerText("#moment"), "n0 sent forward to n1");
    await page.click("#step-on");
    assertEquals(await at(), 2000);
    await page.click("#step-back");
    assertEquals(await at(), 1000);
    await page.selectOption("#unit", "message");
    await page.click("#step-on");
    assertStringIncludes(await page.innerText("#details h3"), "forward: n0 → n1");
    assertEquals(await at(), 11_000);
    await page.click("#step-back");
    assertStringIncludes(await page.innerText("#details h3"), "broadcast: c0 → n0");
    await page.click("#step-on");
    await page.selectOption("#unit", "node");
    await page.click("#step-on");
    assertEquals(await at(), 20_000, "n0 receives the third value");
  });
});

browserTest("the run plays by the clock of the page, and the keys control it", async (open) => {
  await withPlayer(open, { values: 30 }, async (page) => {
    await page.evaluate("window.fakeMs = 1000; performance.now = () => window.fakeMs;");
    const advance = async (ms: number) => {
      await page.evaluate(`window.fakeMs += ${ms}`);
      await frames(page);
      return (await cursors(page))[0] ?? 0;
    };
    await page.keyboard.press("Space");
    await frames(page);
    assertStringIncludes(await page.innerText("#play"), "Pause");
    const start = await advance(0);
    const slow = await advance(90) - start;
    assert(slow > 0);
    await page.keyboard.press("]");
    const fast = await advance(90) - start - slow;
    assert(fast > 1.5 * slow && fast < 3 * slow, `${slow} and ${fast} µs`);
    await page.keyboard.press(".");
    const stopped = await advance(90);
    assertEquals(await advance(90), stopped, "a step pauses the player");
    assertStringIncludes(await page.innerText("#play"), "Play");
    await page.fill("#filter", "a.m");
    assertEquals(await advance(0), stopped, "typing does not move the cursor");
  });
});

browserTest("a message on its way is drawn, and a click selects it", async (open) => {
  await withPlayer(open, { values: 1, nodes: 2 }, async (page) => {
    await page.keyboard.press("m");
    await page.keyboard.press("m");
    const { time, drawn } = await frameOf(page, "cluster");
    assertEquals([time, drawn], [11_000, 1]);
    await page.click("#clear");
    const box = await page.locator("#cluster").boundingBox();
    assert(box !== null);
    // Two nodes are at the top and at the bottom, so the message is in the middle.
    await page.click("#cluster", { position: { x: box.width / 2, y: box.height / 2 } });
    assertStringIncludes(await page.innerText("#details h3"), "forward: n0 → n1");
  });
});

browserTest(
  "idle time is folded in the diagrams and in the player, and + zooms on the selection",
  async (open) => {
    await withPlayer(open, { values: 1, nodes: 2 }, async (page) => {
      // The messages take 21 ms, and the reads begin 89 ms after them.
      assertEquals((await frameOf(page, "space-time"))["folds"], 1);
      await page.locator("#scrub").fill("5000");
      const [middle = 0] = await cursors(page);
      assert(middle < 30_000, `half of the bar is ${middle} µs: the messages take most of it`);
      await page.keyboard.press("m");
      await page.focus("#space-time");
      for (let i = 0; i < 5; i++) await page.keyboard.press("+");
      const { folds, from = 0, to = 0 } = await frameOf(page, "space-time");
      const [selected = 0] = await cursors(page);
      assertEquals(folds, 0);
      assert(from < selected && selected < to, `${selected} is between ${from} and ${to}`);
    });
  },
);
