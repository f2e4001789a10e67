/**
 * A real browser for tests: chromium from the system, or one unpacked under .toolchain/. Nothing is downloaded here. Tests are
 * left out, and counted, where there is none.
 */

import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { isInSlice, soaking } from "../../seeds.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
/** The browsers' names. The first one has no window, so it needs a third less CPU time. */
const NAMES = [
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
];

const permitted = (["run", "read", "write", "env", "net", "sys"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

/** The browser's executable: `CHARYBDIS_CHROMIUM`, one on PATH, or .toolchain/chromium/chromium. */
export function findBrowser(): string | undefined {
  if (!permitted) return undefined;
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const paths = [
    Deno.env.get("CHARYBDIS_CHROMIUM") ?? "",
    ...NAMES.flatMap((name) => folders.map((folder) => `${folder}/${name}`)),
    `${ROOT}.toolchain/chromium/chromium`,
  ];
  return paths.find((path) => {
    try {
      return path !== "" && Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

const executablePath = findBrowser();
let skipped = 0;

addEventListener("unload", () => {
  if (skipped === 0) return;
  const text =
    `${skipped} tests in a browser were skipped: there is no chromium (apt-get install chromium)\n`;
  if (permitted) Deno.stderr.writeSync(new TextEncoder().encode(text));
});

/** A page under test, with its errors and requests. */
export interface Visit {
  readonly page: Page;
  /** Errors in the console, and requests to other addresses. */
  readonly complaints: readonly string[];
}

/** The window and color scheme in which a page is shown. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** The looks in which each page is checked. Without CHARYBDIS_SOAK, one look is dark and narrow at once. */
export const LOOKS: readonly Look[] = soaking
  ? [{}, { dark: true }, { width: 380 }]
  : [{ dark: true, width: 380 }];

/** The time after which a page counts as one that never gets there, in ms. No test judges how long a page takes. */
const NEVER_MS = 120_000;

/** The number of slices of the files. All tests of a file run at the same commits, because they share a browser. */
const SLICES = 4;

let browser: Promise<Browser> | undefined;

/** A test in a browser. One browser serves all tests of a file; each visit has a context of its own. */
export function browserTest(
  name: string,
  run: (open: (address: string, look?: Look) => Promise<Visit>) => Promise<void>,
): void {
  if (executablePath === undefined) skipped++;
  Deno.test({
    name: `in a browser: ${name}`,
    ignore: executablePath === undefined || !isInSlice(0, SLICES),
    // The browser, with its process and pipes, outlives a test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const started = await (browser ??= launch(executablePath ?? ""));
      try {
        await run((address, look) => visit(started, { address, look: look ?? {} }));
      } finally {
        await Promise.all(started.contexts().map((context) => context.close()));
      }
    },
  });
}

/** Playwright is loaded only where it is used: loading it needs permissions. */
export async function launch(executablePath: string): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  // A browser from npm has its libraries in the same folder, and has no zygote.
  const libraries = `${executablePath.replace(/\/[^/]*$/, "")}/lib`;
  return await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--no-zygote"],
    timeout: NEVER_MS,
    env: { ...Deno.env.toObject(), LD_LIBRARY_PATH: libraries },
  });
}

/** Returns the serious accessibility violations that axe finds, one per line. */
export async function seriousViolations(page: Page): Promise<string[]> {
  const { default: axe } = await import("axe-core");
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate("axe.run()") as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}

/** Ends the browser. Call it at the end of a file of tests. */
export function endBrowser(): void {
  Deno.test.afterAll(async () => {
    await (await browser)?.close();
  });
}

async function visit(
  started: Browser,
  { address, look }: { readonly address: string; readonly look: Look },
): Promise<Visit> {
  const page = await started.newPage({
    viewport: { width: look.width ?? 1280, height: look.height ?? 900 },
    locale: "en-GB",
    colorScheme: look.dark === true ? "dark" : "light",
    reducedMotion: "reduce",
  });
  page.setDefaultTimeout(NEVER_MS);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  const { origin, protocol } = new URL(address);
  page.on("request", (request) => {
    const url = new URL(request.url());
    const own = protocol === "file:"
      ? url.href.split("#")[0] === address.split("#")[0]
      : url.origin === origin;
    if (!own && url.protocol !== "data:" && url.protocol !== "blob:") {
      complaints.push(`asked for ${url.href.slice(0, 200)}`);
    }
  });
  await page.goto(address);
  return { page, complaints };
}

/** Waits until a report's script has started. */
export async function ready(page: Page): Promise<void> {
  await page.waitForSelector("html[data-ready]", { state: "attached" });
  await frames(page);
}

/** Waits for two frames, so that the requested state is drawn. */
export async function frames(page: Page): Promise<void> {
  await page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go(0))))");
}

/** Returns a canvas's data about its last frame: `drawn`, `total`, `from`, `to` and others. */
export async function frameOf(page: Page, id: string): Promise<Readonly<Record<string, number>>> {
  await frames(page);
  const data: unknown = await page.evaluate(
    `({ ...document.getElementById(${JSON.stringify(id)}).dataset })`,
  );
  if (typeof data !== "object" || data === null) return {};
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Number(value)]));
}
