import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { historyCrc, jobOf, readCase } from "../../../lib/bench/replay/case.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { endBrowser, frames, seriousViolations } from "../report/browser.ts";
import { downloaded, enter, playgroundTest, removePage, run } from "./opened_page.ts";

endBrowser();
removePage();

const ENTRY = {
  workload: "lin-kv",
  seed: 4,
  options: { "time-limit": "6", "rate": "20", "latency": "20" },
} as const;

/** Clicks in the picture, at parts of its width and height. */
async function clickPicture(page: Page, part: readonly [number, number]): Promise<void> {
  await frames(page);
  const canvas = page.frameLocator("#report").locator("#cluster");
  const { width, height } = await canvas.boundingBox() ?? { width: 0, height: 0 };
  await canvas.click({ position: { x: width * part[0], y: height * part[1] } });
}

/** Moves the report's cursor with its slider. */
async function moveCursor(page: Page, value: number): Promise<void> {
  const scrub = page.frameLocator("#report").locator("#scrub");
  await scrub.fill(String(value));
  await frames(page);
}

/** Chooses an action of the open menu, by its id, and waits for the report of the run with it. */
async function choose(page: Page, id: string): Promise<void> {
  const report = page.frameLocator("#report");
  // The report before is in the frame until the next one replaces it, which is after the end of the run.
  await report.locator("html").evaluate((html) => html.setAttribute("data-before", ""));
  await page.click(`#hand-menu [data-action=${id}]`);
  await page.waitForSelector("#run:not([hidden])");
  await report.locator("html[data-ready]:not([data-before])").waitFor({ state: "attached" });
  await frames(page);
}

playgroundTest("a click on a node interferes at the cursor, and the run goes on from there", async (open) => {
  const { page } = await open({ width: 1500, height: 1000 });
  await enter(page, ENTRY);
  await run(page);
  await page.frameLocator("#report").locator("html[data-ready]").waitFor({ state: "attached" });
  const before = (await downloaded(page, "#save-history")).split("\n");
  await moveCursor(page, 4000);
  const clock = await page.innerText("#hands b");
  // The first of five nodes is at the top.
  await clickPicture(page, [0.5, 0.13]);
  assertStringIncludes(await page.innerText("#hand-menu"), "n1");
  assertEquals(await seriousViolations(page), []);
  await choose(page, "kill");
  assertEquals(await page.innerText("#hands b"), clock);
  assertMatch(await page.innerText("#hands ol"), /^\d+\.\d{3} s: kill n1/);
  const after = (await downloaded(page, "#save-history")).split("\n");
  const atNs = parseFloat(clock) * 1e9;
  const until = (lines: readonly string[]) =>
    lines.filter((line) => line !== "" && JSON.parse(line).time < atNs - 1e6);
  assertEquals(until(after), until(before));
  assertMatch(after.join("\n"), /"f":"kill"/);
  // A node that is down offers to be started; the form offers the same as the menu.
  await clickPicture(page, [0.5, 0.13]);
  await choose(page, "start");
  await page.selectOption("#hands select >> nth=0", { label: "n2" });
  await page.selectOption("#hands select >> nth=1", "clock-slow");
  await page.click("#hand-act");
  await page.waitForSelector("#run:not([hidden])");
  const { interventions } = JSON.parse(await downloaded(page, "#save-case"));
  assertEquals(interventions.map(({ kind, rate }: { kind: string; rate?: number }) => [kind, rate]), [
    ["kill", undefined],
    ["start", undefined],
    ["skew", 0.5],
  ]);
  await page.locator("#hands li button").first().click();
  await page.waitForSelector("#run:not([hidden])");
  assertEquals(await page.locator("#hands li").count(), 2);
});

playgroundTest("a click on a message drops it, and a click on a link cuts it", async (open) => {
  const { page } = await open({ width: 1500, height: 1000 });
  await enter(page, { ...ENTRY, options: { ...ENTRY.options, "latency": "100", "node-count": "2" } });
  await run(page);
  const report = page.frameLocator("#report");
  await report.locator("html[data-ready]").waitFor({ state: "attached" });
  // Two nodes are above each other. A message between them is near the line that joins them.
  await report.locator("#unit").selectOption("message");
  const offered = async (word: string) => {
    for (let part = 0.25; part < 0.85; part += 0.01) {
      await clickPicture(page, [0.5, part]);
      if ((await page.innerText("#hand-menu")).includes(word)) return true;
    }
    return false;
  };
  for (let step = 0; !await offered("Drop"); step++) {
    assert(step < 40, "no message can be clicked");
    await page.keyboard.press("Escape");
    await report.locator("#step-on").click();
  }
  const id = Number(/message (\d+)/.exec(await page.innerText("#hand-menu"))?.[1]);
  await choose(page, "drop");
  const recorded = JSON.parse(await downloaded(page, "#save-case"));
  assertEquals(recorded.interventions[0].message, id);
  const worker = new BenchWorker();
  const { messages = [] } = await worker.run({ ...jobOf(recorded), keepMessages: true });
  worker.stop();
  const events = messages.map((line) => JSON.parse(line)).filter((each) => each.id === id);
  assertEquals(events.map(({ event }) => event), ["sent", "lost"]);
  assertMatch(events[0].message.src, /^n\d$/);
  assert(await offered("n0 – n1"), "no link can be clicked");
  await choose(page, "cut");
  assertStringIncludes(await page.innerText("#hands ol"), "cut n0 – n1");
});

playgroundTest("interventions are shared by the address, and replayed to the byte", async (open) => {
  const { page } = await open({ width: 1500, height: 1000 });
  const source = await page.evaluate(
    "JSON.parse(document.getElementById('play-data').textContent).sources['lin-kv']",
  );
  const code = String(source).replace("/** Stores values by key. */", "/** A copy of one's own. */");
  await enter(page, { ...ENTRY, code });
  await run(page);
  await page.frameLocator("#report").locator("html[data-ready]").waitFor({ state: "attached" });
  await moveCursor(page, 3000);
  await clickPicture(page, [0.5, 0.13]);
  await choose(page, "isolate");
  const history = await downloaded(page, "#save-history");
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/case.json`, await downloaded(page, "#save-case"));
    const recorded = readCase(`${folder}/case.json`);
    assertEquals(recorded.interventions?.length, 1);
    assertStringIncludes(recorded.code ?? "", "A copy of one's own.");
    const worker = new BenchWorker();
    const ran = await worker.run(jobOf(recorded));
    worker.stop();
    assertEquals((ran.history ?? []).map((line) => `${line}\n`).join(""), history);
    assertEquals(historyCrc(ran.history ?? []), recorded.historyCrc);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const before = await page.innerText("#status");
  await page.click("#share");
  await page.locator("#status", { hasNotText: before }).waitFor();
  const hash = new URL(page.url()).hash;
  assert(hash.length < 8000, `the address has ${hash.length} characters`);

  const { page: other } = await open({ hash });
  assertMatch(await other.innerText("#status"), /A shared run is here\. Read it, then press Run\./);
  assertEquals(await other.locator("#report").isVisible(), false);
  assertMatch(await run(other), /operations/);
  assertEquals(await downloaded(other, "#save-history"), history);
});

playgroundTest("an address that is cut is refused with a word, and runs nothing", async (open) => {
  const { page, complaints } = await open({ hash: "#1.H4sIAAAAAAAAA6tW" });
  assertMatch(await page.innerText("#problem"), /cut or changed/);
  assertEquals(await page.locator("#report").isVisible(), false);
  assertEquals(complaints, []);
});
