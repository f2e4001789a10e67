/**
 * Measures reports in a browser, for `deno bench`: the time in script for a frame of the space-time diagram and of the player,
 * with 25 nodes and 20,280 messages, and until a page can be used. Prints medians; left out where there is no chromium.
 */

import type { Page } from "playwright-core";
import { makeReport } from "../../../lib/bench/report/report.ts";
import { findBrowser, frameOf, launch, ready } from "./browser.ts";
import { sampleRun } from "./sample_run.ts";

const FRAMES = 120;

const executablePath = findBrowser();

Deno.bench({
  name: "report: a page with 20,280 messages is made",
  fn: async () => {
    await makeReport(sampleRun({ nodes: 25, values: 780 }));
  },
});

/** Opens the report of 20,280 messages, and prints the frame times that `measure` collects. */
async function benchPage(
  bench: Deno.BenchContext,
  measure: (page: Page) => Promise<{ readonly name: string; readonly times: number[] }>,
): Promise<void> {
  const path = Deno.makeTempFileSync({ suffix: ".html" });
  const browser = await launch(executablePath ?? "");
  try {
    Deno.writeTextFileSync(path, await makeReport(sampleRun({ nodes: 25, values: 780 })));
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(`file://${path}`);
    await ready(page);
    bench.start();
    const { name, times } = await measure(page);
    bench.end();
    const interactive: unknown = await page.evaluate("Number(document.documentElement.dataset.ready)");
    times.sort((a, b) => a - b);
    const at = (part: number) => times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0;
    const text =
      `${name}: script for a frame: median ${at(0.5).toFixed(1)} ms, 99 % ${
        at(0.99).toFixed(1)
      } ms, longest ${at(1).toFixed(1)} ms; ` +
      `usable after ${interactive} ms\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } finally {
    await browser.close();
    Deno.removeSync(path);
  }
}

Deno.bench({
  name: `report: ${FRAMES} frames of 20,280 messages, drawn while panning`,
  ignore: executablePath === undefined,
  n: 1,
  warmup: 0,
  fn: async (bench) =>
    await benchPage(bench, async (page) => {
      const times: number[] = [];
      for (let frame = 0; frame < FRAMES; frame++) {
        await page.evaluate(`document.getElementById("${frame % 2 === 0 ? "zoom-in" : "zoom-fit"}").click()`);
        times.push((await frameOf(page, "space-time"))["frameMs"] ?? 0);
      }
      return { name: "space-time", times };
    }),
});

Deno.bench({
  name: `report: ${4 * FRAMES} frames of the player with 25 nodes and 20,280 messages`,
  ignore: executablePath === undefined,
  n: 1,
  warmup: 0,
  fn: async (bench) =>
    await benchPage(bench, async (page) => {
      // The whole frame counts: the cluster, the cursors in the other diagrams, and the controls.
      const times: unknown = await page.evaluate(`new Promise((done) => {
        const times = [];
        const request = requestAnimationFrame;
        let spent = 0;
        window.requestAnimationFrame = (draw) => request((now) => {
          const began = performance.now();
          draw(now);
          spent += performance.now() - began;
        });
        const frame = () => {
          if (spent > 0) times.push(spent);
          spent = 0;
          if (times.length < ${4 * FRAMES}) request(frame);
          else done(times);
        };
        document.getElementById("play").click();
        request(frame);
      })`);
      return { name: "player", times: Array.isArray(times) ? times.map(Number) : [] };
    }),
});
