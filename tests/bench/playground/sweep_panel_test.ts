import { assertEquals, assertMatch } from "@std/assert";
import { endBrowser } from "../report/browser.ts";
import { downloaded, enter, playgroundTest, removePage } from "./opened_page.ts";

endBrowser();
removePage();

playgroundTest("a sweep shows its speed, shrinks the first failing run, and shows it", async (open) => {
  const { page } = await open();
  await page.selectOption("#subject", "g-set");
  await page.click("#tries li:nth-child(3) button");
  await page.waitForSelector("#run:not([hidden])");
  await page.click("#sweep");
  await page.waitForSelector("#sweep-result pre");
  await page.waitForSelector("#run:not([hidden])");
  const text = await page.innerText("#sweep-result");
  assertMatch(text, /seeds\/s\. The first failing run: seed \d+, shrunk in \d+ attempts: \d operations?/);
  assertMatch(await page.innerText("#status"), /^Invalid: \d operations?/);
  const recorded = JSON.parse(await downloaded(page, "#save-case"));
  assertEquals(recorded.failure, ["lost"]);
});

playgroundTest("a sweep of a correct node is valid, and can be stopped", async (open) => {
  const { page } = await open();
  await page.selectOption("#subject", "echo");
  await page.click("#sweep");
  await page.waitForSelector("#run:not([hidden])");
  assertMatch(await page.innerText("#sweep-result"), /^200 of 200 seeds, .* Each of them is valid\.$/);
  // Long runs, so that the sweep cannot end before it is stopped.
  await enter(page, { workload: "lin-kv", seed: 1, options: { "time-limit": "3600" } });
  await page.click("#sweep");
  await page.click("#stop");
  await page.waitForSelector("#run:not([hidden])");
  assertMatch(await page.innerText("#sweep-result"), /Stopped\.$/);
});
