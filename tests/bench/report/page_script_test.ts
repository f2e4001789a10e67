import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { REPORT_MODULES, safeInScript, scriptOf } from "../../../lib/bench/report/html/browser_bundle.ts";
import { visible } from "../../../lib/bench/report/browser/visible_text.ts";
import { element, pageText } from "../../../lib/bench/report/html/elements.ts";
import { clip } from "../../../lib/bench/report/html/text.ts";
import { operationText } from "../../../lib/bench/report/html/cycle_diagram.ts";

const canRead = Deno.permissions.querySync({ name: "read" }).state === "granted";
const BROWSER = new URL("../../../lib/bench/report/browser/", import.meta.url);

Deno.test("no two modules of a page export the same name", () => {
  const names = REPORT_MODULES.flatMap((exports) => Object.keys(exports));
  assertEquals(names.length, new Set(names).size);
});

Deno.test("every top-level item of a page's module is exported, so the bundle contains it", {
  ignore: !canRead,
}, () => {
  const modules = [...Deno.readDirSync(BROWSER)];
  assert(modules.length > 0, "no module was read");
  for (const { name } of modules) {
    const text = Deno.readTextFileSync(new URL(name, BROWSER));
    const hidden = /^(?:async )?(?:function|class|const|let|var) .*$/m.exec(text);
    assertEquals(hidden?.[0], undefined, name);
    const renamed = /^import (?!type).*\bas\b.*$/m.exec(text);
    assertEquals(renamed?.[0], undefined, `${name}: a renamed import would not be found in the page`);
  }
});

Deno.test("the script of a page parses", () => {
  const script = scriptOf(REPORT_MODULES, "return startReport;");
  assert(new Function(script) instanceof Function);
  assertStringIncludes(script, "class SpaceTime");
});

Deno.test("no bundled script contains an end tag or starts a comment", () => {
  const text = safeInScript('"</script><!--<script></SCRIPT>"');
  assert(!/<\/script|<!--|<script/i.test(text));
  assertEquals(JSON.parse(text.replaceAll("\\x3c", "<")), "</script><!--<script></SCRIPT>");
});

Deno.test("markup, invisible characters and lone surrogates of a node remain text", () => {
  const hostile = "</script><img src=x onerror=alert(1)>\u202e\u0000\ud800\"'&";
  const html = pageText(element("p", { title: hostile }, hostile));
  assert(!html.includes("<img") && !html.includes("</script"));
  assert(!html.includes("\u202e") && !html.includes("\0"), "unseen characters are made visible");
  assertStringIncludes(html, "⟨U+202E⟩");
  assertEquals(visible("a\tb\nc"), "a\tb\nc");
});

Deno.test("long values are cut between characters, and the remainder is counted", () => {
  assertEquals(clip("abcdef", 6), "abcdef");
  assertEquals(clip("abcdefgh", 6), "abcdef… (2 more characters)");
  assertEquals(clip("abcde\u{1f600}x", 6), "abcde… (3 more characters)");
  assertEquals(operationText(["r", 3, [1, 2]]), "r 3 → [1,2]");
  assertEquals(operationText(["append", 3, 17]), "append 3 ← 17");
  assert(operationText(["r", 1, Array.from({ length: 99 }, (_, i) => i)]).endsWith("97,98]"));
});
