import { findBrowser, launch } from "./bench/report/browser.ts";
const [file = "", out = "-", opts = "{}", script = ""] = Deno.args;
const o = JSON.parse(opts);
const b = await launch(findBrowser() ?? "");
const page = await b.newPage({
  viewport: { width: o.width ?? 1440, height: o.height ?? 900 },
  colorScheme: o.dark ? "dark" : "light",
  acceptDownloads: true,
  hasTouch: o.touch === true,
});
page.on("console", (m) => console.log("console:", m.text().slice(0, 500)));
page.on("pageerror", (e) => console.log("pageerror:", e.message, e.stack?.slice(0, 600)));
await page.goto(file.startsWith("http") ? file : `file://${file}`);
if (script !== "") {
  const f = new Function("page", "shot", `return (async () => { ${script} })()`);
  const r = await f(page, (p: string) => page.screenshot({ path: p }));
  if (r !== undefined) console.log(r);
}
await page.waitForTimeout(o.wait ?? 300);
if (out !== "-") await page.screenshot({ path: out });
await b.close();
