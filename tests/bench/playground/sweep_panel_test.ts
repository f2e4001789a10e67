import { assertEquals, assertMatch } from "@std/assert";
import { endBrowser } from "../report/browser.ts";
import { downloaded, playgroundTest, removePage } from "./opened_page.ts";

endBrowser();
removePage();

playgroundTest("a sweep shows its speed, shrinks the first failing run, and shows it", async (open) => {
  const { page } = await open();
  await page.selectOption("#subject", "g-set");
  await page.click("#tries li:nth-child(3) button");
  await page.waitForSelector("#run:not([hidden])");
  await page.click("#sweep");
  await page.waitForSelector("#sweep-result pre", { timeout: 60_000 });
  await page.waitForSelector("#run:not([hidden])", { timeout: 60_000 });
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
  await page.waitForSelector("#run:not([hidden])", { timeout: 60_000 });
  assertMatch(await page.innerText("#sweep-result"), /^200 of 200 seeds, .* Each of them is valid\.$/);
  await page.selectOption("#subject", "lin-kv");
  await page.click("#sweep");
  await page.click("#stop");
  await page.waitForSelector("#run:not([hidden])");
  assertMatch(await page.innerText("#sweep-result"), /Stopped\.$/);
});
