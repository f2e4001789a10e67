import { STORE_FORMAT } from "../../../lib/bench/store/format.ts";
import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { makeReport } from "../../../lib/bench/report/report.ts";
import type { RunRecord } from "../../../lib/bench/store/run_record.ts";
import { storeHandler } from "../../../lib/bench/report/serve/router.ts";
import { browserTest, endBrowser, frameOf, frames, LOOKS, ready, seriousViolations } from "./browser.ts";
import { sampleRun } from "./sample_run.ts";
import { writeRun } from "./written_run.ts";

const INVALID = { values: 30, lost: new Set([12]), partition: [50, 300] } as const;

endBrowser();

/** Writes a run's report to a file, passes its address, and removes it afterwards. */
async function withReport(run: RunRecord, use: (address: string) => Promise<void>): Promise<void> {
  const path = Deno.makeTempFileSync({ suffix: ".html" });
  try {
    Deno.writeTextFileSync(path, await makeReport(run));
    await use(`file://${path}`);
  } finally {
    Deno.removeSync(path);
  }
}

browserTest(
  "a report opens from disk with its verdict, without errors or requests",
  async (open) => {
    await withReport(sampleRun(INVALID), async (address) => {
      for (const look of LOOKS) {
        const { page, complaints } = await open(address, look);
        await ready(page);
        assertStringIncludes(await page.innerText("h1"), "Invalid: lost elements");
        await page.click("#zoom-fit");
        assertEquals((await frameOf(page, "timeline"))["total"], 35);
        assertEquals((await frameOf(page, "space-time"))["total"], 30 * 6);
        assertEquals(await page.locator(".plot canvas").count(), 4);
        assertEquals(complaints, []);
      }
    });
    await withReport(sampleRun(), async (address) => {
      const { page, complaints } = await open(address);
      await ready(page);
      assertStringIncludes(await page.innerText("h1"), "Valid: no anomaly");
      assertEquals(complaints, []);
    });
  },
);

browserTest("a click on a finding scrolls the diagrams to it and marks its operations", async (open) => {
  await withReport(sampleRun({ values: 300, lost: new Set([200]) }), async (address) => {
    const { page } = await open(address);
    await ready(page);
    await page.click("#zoom-fit");
    const before = await frameOf(page, "space-time");
    await page.click("[data-finding]");
    const [after, timeline] = [await frameOf(page, "space-time"), await frameOf(page, "timeline")];
    // The value was broadcast at 2 s, and the last read that lacks it is at the end.
    assert((after["from"] ?? 0) > (before["from"] ?? 0) + 1_000_000 && (after["from"] ?? 0) < 2_000_000);
    assertEquals(timeline["from"], after["from"]);
  });
});

browserTest("Follow shows the path of a value, and filters hide all other messages", async (open) => {
  await withReport(sampleRun({ values: 40 }), async (address) => {
    const { page } = await open(address);
    await ready(page);
    await page.fill("#follow", "17");
    await page.click("#follow-form button");
    assertStringIncludes(await page.innerText("#status"), "5 messages carry 17; 5 of 5 nodes have it.");
    assertEquals(await page.locator(".spread li").count(), 6); // the client, and five nodes
    const frame = await frameOf(page, "space-time");
    assert((frame["from"] ?? 0) < 170_000 && (frame["to"] ?? 0) > 191_000 && (frame["to"] ?? 0) < 260_000);

    await page.keyboard.press("Escape");
    await page.click("#zoom-fit");
    await page.fill("#filter", '"message":17');
    assertEquals(await page.innerText("#shown"), "5 messages");
    assertEquals((await frameOf(page, "space-time"))["total"], 5);
    await page.fill("#filter", "");
    await page.selectOption("#actor", { label: "n0" });
    assertEquals(await page.innerText("#shown"), `${40 / 5 * 6 + 32} messages`);
    await page.selectOption("#actor", { label: "all" });
    await page.getByLabel("forward").uncheck();
    assertEquals(await page.innerText("#shown"), "80 messages");
  });
});

browserTest(
  "a click or a key shows a message's body, and its request can be followed",
  async (open) => {
    await withReport(sampleRun({ nodes: 2, values: 1 }), async (address) => {
      const { page } = await open(address);
      await ready(page);
      await page.focus("#space-time");
      await page.keyboard.press("n");
      assertStringIncludes(await page.innerText("#details h3"), "broadcast: c0 → n0");
      assertStringIncludes(await page.innerText("#details pre"), '"msg_id": 1');
      await page.keyboard.press("n");
      assertStringIncludes(await page.innerText("#details h3"), "forward: n0 → n1");
      await page.keyboard.press("p");
      await page.locator("#details button").first().click();
      assertEquals(await page.innerText("#status"), "2 messages of one call.");

      await page.click("#clear");
      await page.keyboard.press("m");
      await page.keyboard.press("m");
      await page.focus("#space-time");
      for (let i = 0; i < 4; i++) await page.keyboard.press("+");
      await page.click("#clear");
      const { from = 0, to = 0, columns = 0 } = await frameOf(page, "space-time");
      // In the middle of its flight: from n0 at 1 ms to n1 at 21 ms. 78 px of names, 22 px of axis, 44 px a line.
      await page.click("#space-time", {
        position: { x: 78 + (11_000 - from) / (to - from) * columns, y: 22 + 44 },
      });
      assertStringIncludes(await page.innerText("#details h3"), "forward: n0 → n1");

      await page.click("#zoom-fit");
      const before = await frameOf(page, "timeline");
      await page.focus("#timeline");
      await page.keyboard.press("+");
      const zoomed = await frameOf(page, "timeline");
      assert((zoomed["to"] ?? 0) - (zoomed["from"] ?? 0) < (before["to"] ?? 0) - (before["from"] ?? 0));
      await page.keyboard.press("0");
      assertEquals((await frameOf(page, "timeline"))["from"], before["from"]);
    });
  },
);

browserTest("markup from a hostile node remains text", async (open) => {
  const hostile =
    `</script><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>` +
    `\u0000\u0007\u202e\u2066${"x".repeat(1_000_000)}`;
  await withReport(sampleRun({ hostile, values: 5 }), async (address) => {
    const { page, complaints } = await open(address);
    await ready(page);
    await page.focus("#space-time");
    for (let i = 0; i < 3; i++) await page.keyboard.press("n");
    const shown = await page.innerText("#details pre");
    assertStringIncludes(shown, "</script><img src=x");
    assertStringIncludes(shown, "more characters");
    assertLess(shown.length, 20_000);
    await page.fill("#follow", "</script><b>");
    await page.click("#follow-form button");
    assertStringIncludes(await page.innerText("#status"), "No message carries </script><b>");
    assertEquals(await page.locator("img").count(), 0);
    assert(!(await page.title()).includes("owned"));
    assertEquals(complaints, []);
  });
});

browserTest("with 20,000 messages, a frame draws a bounded number of shapes at every zoom", async (open) => {
  await withReport(sampleRun({ nodes: 25, values: 780 }), async (address) => {
    const { page } = await open(address);
    await ready(page);
    await page.click("#zoom-fit");
    for (let zoom = 0; zoom < 14; zoom++) {
      const { drawn = 0, total = 0, columns = 0 } = await frameOf(page, "space-time");
      if (zoom === 0) assertEquals(total, 780 * 26);
      assert(drawn > 0 && drawn <= 4 * columns, `${drawn} things in ${columns} columns at zoom ${zoom}`);
      await page.click("#zoom-in");
    }
    const { drawn = 0, total = 0 } = await frameOf(page, "space-time");
    assertEquals(drawn, total, "close enough, all are drawn");
  });
});

browserTest(
  "axe finds no serious violation in each look",
  async (open) => {
    const serious: string[] = [];
    await withReport(sampleRun(INVALID), async (address) => {
      for (const look of LOOKS) {
        const { page } = await open(address, look);
        await ready(page);
        await page.keyboard.press("Tab");
        await page.focus("#space-time");
        await page.keyboard.press("n");
        serious.push(...await seriousViolations(page));
        const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        assertEquals(overflow, 0, "the page is no wider than the screen");
      }
    });
    assertEquals(serious, []);
  },
);

browserTest(
  "the store's pages show the list, a filter, reports, a comparison and a live run",
  async (open) => {
    const directory = Deno.makeTempDirSync();
    const running = `${directory}/broadcast/20261125T120000.000`;
    writeRun(`${directory}/broadcast/20261125T100000.000`, sampleRun());
    writeRun(`${directory}/broadcast/20261125T110000.000`, sampleRun(INVALID));
    Deno.mkdirSync(running);
    Deno.writeTextFileSync(
      `${running}/test.json`,
      `{"format":${STORE_FORMAT},"state":"running","test":{"nodes":["n0"]}}`,
    );
    Deno.writeTextFileSync(`${running}/history.jsonl`, "");
    const stop = new AbortController();
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen: () => {} },
      storeHandler(directory),
    );
    try {
      const address = `http://127.0.0.1:${server.addr.port}/`;
      const { page, complaints } = await open(address);
      assertEquals(await page.locator("tbody tr").count(), 3);
      assertEquals(await seriousViolations(page), []);

      await page.selectOption("select[name=valid]", "invalid");
      await page.click("form[role=search] button");
      await page.waitForURL(/valid=invalid/); // loaded to its end
      assertEquals(await page.locator("tbody tr").count(), 1);
      await page.click("tbody a");
      await page.waitForURL(/\/run\//);
      await ready(page);
      assertStringIncludes(await page.innerText("h1"), "lost elements");

      await page.goto(address);
      await page.check("input[name=a][value$='T100000.000']");
      await page.check("input[name=b][value$='T110000.000']");
      await page.click("form[action='/compare'] button");
      await page.waitForURL(/\/compare\?/);
      assertEquals(await page.locator("iframe").count(), 2);
      assertStringIncludes(
        await page.frameLocator("iframe >> nth=1").locator("h1").innerText(),
        "lost elements",
      );

      await page.goto(`${address}live/broadcast/20261125T120000.000`);
      const line = (event: string) =>
        Deno.writeTextFileSync(`${running}/history.jsonl`, `${event}\n`, { append: true });
      line('{"index":0,"time":1000,"process":0,"type":"invoke","f":"read","value":null}');
      await page.locator("#pending", { hasText: "1" }).waitFor();
      line('{"index":1,"time":2000,"process":0,"type":"ok","f":"read","value":[]}');
      Deno.writeTextFileSync(
        `${running}/test.json`,
        `{"format":${STORE_FORMAT},"state":"done","valid":true,"test":{"workload":"broadcast","nodes":[]}}`,
      );
      await page.locator("#to-report a").waitFor();
      assertEquals(await page.innerText("#state"), "done: valid");
      await page.click("#to-report a");
      await page.waitForURL(/\/run\//); // the page of a run in progress is ready as well
      await ready(page);
      await frames(page);
      assertEquals(complaints, []);
    } finally {
      stop.abort();
      await server.finished;
      Deno.removeSync(directory, { recursive: true });
    }
  },
);
