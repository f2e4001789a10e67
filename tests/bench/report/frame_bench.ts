/**
 * Measures reports in a browser, for `deno bench`: the time in script for a frame of the space-time diagram with 20,280
 * messages, all of them in view, and until a page can be used. Prints medians; left out where there is no chromium.
 */

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

Deno.bench({
  name: `report: ${FRAMES} frames of 20,280 messages, drawn while panning`,
  ignore: executablePath === undefined,
  n: 1,
  warmup: 0,
  fn: async (bench) => {
    const path = Deno.makeTempFileSync({ suffix: ".html" });
    const browser = await launch(executablePath ?? "");
    try {
      Deno.writeTextFileSync(path, await makeReport(sampleRun({ nodes: 25, values: 780 })));
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await page.goto(`file://${path}`);
      await ready(page);
      const times: number[] = [];
      bench.start();
      for (let frame = 0; frame < FRAMES; frame++) {
        await page.evaluate(`document.getElementById("${frame % 2 === 0 ? "zoom-in" : "zoom-fit"}").click()`);
        times.push((await frameOf(page, "space-time"))["frameMs"] ?? 0);
      }
      bench.end();
      const interactive: unknown = await page.evaluate("Number(document.documentElement.dataset.ready)");
      times.sort((a, b) => a - b);
      const median = times[times.length >> 1] ?? 0;
      const text = `script for a frame: median ${median} ms, longest ${
        times.at(-1)
      } ms; usable after ${interactive} ms\n`;
      Deno.stderr.writeSync(new TextEncoder().encode(text));
    } finally {
      await browser.close();
      Deno.removeSync(path);
    }
  },
});
