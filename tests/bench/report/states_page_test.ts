import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { makeReport } from "../../../lib/bench/report/report.ts";
import { recordedRun } from "./explained_run.ts";
import { browserTest, endBrowser, frameOf, frames, ready } from "./browser.ts";

endBrowser();

/** Returns the table of states as text by node and part. */
async function states(page: Page): Promise<Record<string, Record<string, string>>> {
  await frames(page);
  const heads = await page.locator("#states thead th").allInnerTexts();
  const rows = await page.locator("#states tbody tr").all();
  const table: Record<string, Record<string, string>> = {};
  for (const row of rows) {
    const [node = "", ...values] = await row.locator("th, td").allInnerTexts();
    table[node] = Object.fromEntries(values.map((value, i) => [heads[i + 1] ?? "", value]));
  }
  return table;
}

browserTest("the states at the cursor are exact, also backwards, and changes are marked", async (open) => {
  const path = Deno.makeTempFileSync({ suffix: ".html" });
  try {
    const run = await recordedRun("-w echo --node-count 2 --rate 10 --time-limit 2 --latency 1", {
      seed: 1,
      program: (node) => {
        let count = 0;
        node.watch("count", () => count);
        node.on("echo", ({ echo }) => {
          count++;
          return { echo: echo === undefined ? null : String(echo) };
        });
      },
    });
    Deno.writeTextFileSync(path, await makeReport(run));
    const { page, complaints } = await open(`file://${path}`);
    await ready(page);
    await page.locator("#scrub").fill("0");
    await page.click("#states tbody tr:first-child button");
    const seen: { readonly time: number; readonly count: string }[] = [];
    const note = async () => {
      const { time = NaN } = await frameOf(page, "cluster");
      const count = (await states(page))["n0"]?.["count"] ?? "?";
      seen.push({ time, count });
      return count;
    };
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press("j");
      await note();
    }
    const counts = seen.map(({ count }) => Number(count));
    assert((counts.at(-1) ?? 0) >= 4, `${counts}`);
    assertEquals(counts.toSorted((a, b) => a - b), counts, "the count only grows");
    for (const { time, count } of seen.slice(0, -1).reverse()) {
      await page.keyboard.press("k");
      assertEquals(await note(), count, `at ${time}`);
      assertEquals(seen.at(-1)?.time, time);
    }
    assertEquals(await page.locator("#states td.new").count() > 0, true);
    assertEquals(complaints, []);
  } finally {
    Deno.removeSync(path);
  }
});
