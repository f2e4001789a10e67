/**
 * Draws the README's pictures, of real runs in virtual time: `pictures.ts CHARYBDIS FOLDER`. Needs chromium. The same seeds
 * give the same pictures, as long as the nodes do not change.
 */

import type { Page } from "playwright-core";
import { reportOfWrongNode } from "./explained_run.ts";
import { findBrowser, frames, launch, ready } from "./browser.ts";

/** A run, the actions on its page, and the part of the page to capture. */
interface Picture {
  readonly name: string;
  /** The command line of a run, or the name of a node with a known bug. */
  readonly run: { readonly test: string } | { readonly wrongNode: string };
  readonly width: number;
  readonly prepare: (page: Page) => Promise<void>;
  /** The first and the last captured element. */
  readonly from: string;
  readonly to: string;
}

const PICTURES: readonly Picture[] = [
  {
    name: "broadcast",
    run: { test: "-w broadcast --seed 1 --node-count 25 --rate 100 --latency 100 --time-limit 20" },
    width: 1280,
    prepare: async (page) => {
      await page.fill("#follow", "217");
      await page.click("#follow-form button");
      // The hub has sent the value on, and the nodes are about to receive it.
      await page.locator(".spread button").nth(5).click();
    },
    from: "#cluster",
    to: "#cluster-legend",
  },
  {
    name: "faults",
    run: {
      test:
        "-w lin-kv --seed 1 --node-count 5 --rate 60 --concurrency 10 --latency 10 --nemesis kill,partition " +
        "--nemesis-interval 2 --time-limit 10",
    },
    width: 1280,
    prepare: async (page) => {
      await page.fill("#filter", "raft_vote_ok");
      await page.focus("#space-time");
      for (let i = 0; i < 12; i++) await page.keyboard.press("n");
    },
    from: "#cluster",
    to: "#cluster-legend",
  },
  {
    name: "anomaly",
    run: { wrongNode: "lost_in_a_partition" },
    width: 1280,
    prepare: async (page) => {
      await page.locator("#story button", { hasText: "the partition cut both" }).click();
    },
    from: "h1",
    to: "#cluster-legend",
  },
];

/** Returns a picture at a third of its size, compressed by the browser. */
async function webp(page: Page, png: string): Promise<Uint8Array> {
  const packed: unknown = await page.evaluate(`(async () => {
    const image = new Image();
    image.src = "data:image/png;base64,${png}";
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.82).split(",")[1];
  })()`);
  return Uint8Array.from(atob(String(packed)), (character) => character.charCodeAt(0));
}

const [charybdis, folder] = Deno.args;
if (charybdis === undefined || folder === undefined) throw new Error("usage: pictures.ts CHARYBDIS FOLDER");
const executablePath = findBrowser();
if (executablePath === undefined) {
  throw new Error(
    "there is no chromium to draw with: apt-get install chromium, or name one in CHARYBDIS_CHROMIUM",
  );
}
const store = Deno.makeTempDirSync();
const browser = await launch(executablePath);
try {
  Deno.mkdirSync(folder, { recursive: true });
  for (const { name, run, width, prepare, from, to } of PICTURES) {
    const report = `${store}/${name}.html`;
    if ("wrongNode" in run) Deno.writeTextFileSync(report, await reportOfWrongNode(run.wrongNode));
    else {
      const args = ["test", ...run.test.split(" "), "--virtual", "--report", "--json", "--store", store];
      await new Deno.Command(charybdis, { args, stdout: "null" }).output();
      Deno.copyFileSync(`${Deno.realPathSync(`${store}/latest`)}/report.html`, report);
    }
    const page = await browser.newPage({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
    await page.goto(`file://${report}`);
    await ready(page);
    await prepare(page);
    await page.evaluate("scrollTo(0, 0)");
    await frames(page);
    const first = await page.locator(from).first().boundingBox();
    const last = await page.locator(to).first().boundingBox();
    if (first === null || last === null) throw new Error(`${name}: the page lacks ${from} or ${to}`);
    const scrolled = Number(await page.evaluate("scrollY"));
    const clip = { x: 0, y: first.y + scrolled - 10, width, height: last.y + last.height - first.y + 20 };
    const bytes = await webp(page, (await page.screenshot({ fullPage: true, clip })).toString("base64"));
    const path = `${folder}/${name}.webp`;
    Deno.writeFileSync(path, bytes);
    await page.close();
    Deno.stdout.writeSync(new TextEncoder().encode(`${path}: ${Math.ceil(bytes.length / 1024)} KB\n`));
  }
} finally {
  await browser.close();
  Deno.removeSync(store, { recursive: true });
}
