/** The playground's page for tests in a browser: made once per file of tests, and opened from disk. */

import type { Page } from "playwright-core";
import { makePlayground } from "../../../lib/bench/playground/bundle.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { jobOfTest, type JobResult } from "../../../lib/bench/worker/job.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { browserTest, type Look, ready, type Visit } from "../report/browser.ts";

let folder: Promise<string> | undefined;

async function write(): Promise<string> {
  const made = await Deno.makeTempDir();
  await Deno.writeTextFile(`${made}/index.html`, await makePlayground());
  return made;
}

/** A test of the page. `open` opens it from disk, with an optional part after `#`. */
export function playgroundTest(
  name: string,
  run: (open: (look?: Look & { readonly hash?: string }) => Promise<Visit>) => Promise<void>,
): void {
  browserTest(name, async (open) => {
    const address = `file://${await (folder ??= write())}/index.html`;
    await run(async (look = {}) => {
      const visit = await open(address + (look.hash ?? ""), look);
      await ready(visit.page);
      return visit;
    });
  });
}

/** Removes the page after the last test of a file. */
export function removePage(): void {
  Deno.test.afterAll(async () => {
    if (folder !== undefined) await Deno.remove(await folder, { recursive: true });
  });
}

/** The values that a test enters into the page. */
export interface Entry {
  readonly workload: string;
  readonly seed: number;
  /** The values of fields, by the options' names. */
  readonly options?: Readonly<Record<string, string>>;
  readonly faults?: readonly string[];
  readonly code?: string;
}

/** Fills the page's fields. */
export async function enter(
  page: Page,
  { workload, seed, options = {}, faults = [], code }: Entry,
): Promise<void> {
  await page.selectOption("#subject", workload);
  await page.fill("#seed", String(seed));
  await page.evaluate("document.getElementById('option-part').open = true");
  await page.evaluate(
    "for (const field of document.querySelectorAll('#options input, #options select')) field.value = '', field.checked = false",
  );
  for (const [name, value] of Object.entries(options)) {
    const field = page.locator(`.option-grid label:has(> span:text-is("${name}"))`).locator("input, select");
    if (await field.evaluate((each) => each.tagName) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
  for (const kind of faults) {
    await page.locator(".faults label", { hasText: new RegExp(`^${kind}$`) }).click();
  }
  if (code !== undefined) await enterCode(page, code);
}

/** Replaces the code in the editor. */
export async function enterCode(page: Page, code: string): Promise<void> {
  await page.locator(".cm-content").fill(code);
}

/** Runs the test and waits for its end. Returns the status line, or the problem. */
export async function run(page: Page): Promise<string> {
  await page.click("#run");
  await page.waitForSelector("#run:not([hidden])");
  const problem = page.locator("#problem");
  return await problem.isVisible() ? await problem.innerText() : await page.innerText("#status");
}

/** Returns what a button downloads. */
export async function downloaded(page: Page, button: string): Promise<string> {
  const waiting = page.waitForEvent("download");
  await page.click(button);
  return await Deno.readTextFile(await (await waiting).path());
}

/** Runs the command line that the page shows, as the bench does. `module` is the file of the page's own code. */
export async function runOnCommandLine(page: Page, module?: string): Promise<JobResult> {
  const command = await page.innerText("#command");
  const args = command.split(" ").slice(2).map((word) => word === "node.ts" ? module ?? word : word);
  const parsed = parseTest(args);
  const worker = new BenchWorker();
  try {
    const seed = parsed.run.seed ?? 0;
    return await worker.run(jobOfTest(parsed, { seed, keepMessages: false, keepHistory: "always" }));
  } finally {
    worker.stop();
  }
}
