import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { element, pageText } from "../../../lib/bench/report/html/elements.ts";
import { evidenceView } from "../../../lib/bench/report/html/evidence.ts";
import { sampleData } from "./sample_data.ts";

/** Returns the text of the evidence as HTML. */
function html(parts: Partial<Parameters<typeof evidenceView>[0]>): string {
  return pageText(element("div", {}, evidenceView({ ...sampleData({ values: 2 }), ...parts })));
}

Deno.test("a node that exited has its reason and its last lines in a block", () => {
  const text = html({
    lastWords: [{
      node: 1,
      at: 1_500_000,
      reason: ["Error: <b>no</b>", "at run (x.ts:1)"],
      lines: ["started"],
    }],
  });
  assertStringIncludes(text, "n1 exited at 1.500 s");
  assertStringIncludes(text, 'data-at-us="1500000"');
  assertStringIncludes(text, "Error: &lt;b>no&lt;/b>\nat run (x.ts:1)");
  assert(!text.includes("<b>"), "a node's text is never markup");
});

Deno.test("a malformed reply shows what was expected and got, field by field", () => {
  const fields = [
    { name: "type", expected: '"echo_ok"', got: '"echo_ok"', isEqual: true },
    { name: "echo", expected: "any JSON", got: "", isEqual: false },
  ];
  const text = html({ replies: [{ operation: 0, fields }] });
  assertStringIncludes(text, "Reply to broadcast at 0.002 s");
  assertStringIncludes(text, "✗ missing");
  assertEquals(text.split('class="differs"').length - 1, 1);
});

Deno.test("a run without such evidence has none of these blocks", () => {
  assertEquals(html({}), "<!doctype html>\n<div></div>\n");
});
