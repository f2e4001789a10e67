/**
 * Building blocks of pages: elements, rendered to text by preact, which escapes all content.
 *
 * Tested by `tests/bench/report/page_script_test.ts`.
 */

// First, because Deno would load a second preact for it after the other import, and not find it in a dynamic import.
import { renderToString } from "preact-render-to-string";
import { type ComponentChild, Fragment, h } from "preact";
import { visible } from "../browser/visible_text.ts";

/** Any content of a page. */
export type View = ComponentChild;

/** Attributes of an element. Undefined or false attributes are omitted. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Returns an element. Text in it is shown literally, with invisible characters made visible. */
export function element(tag: string, attributes: Attributes, ...children: readonly View[]): View {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    shown[name] = typeof value === "string" ? visible(value) : value;
  }
  return h(tag, shown, ...children.map((child) => typeof child === "string" ? visible(child) : child));
}

/** Returns a table that scrolls if the page is too narrow for it. `name` is its accessible description. */
export function table(
  name: string,
  { heads, rows }: { readonly heads: readonly View[]; readonly rows: readonly View[] },
): View {
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": name },
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head))),
      ),
      element("tbody", {}, ...rows),
    ),
  );
}

/** Returns trusted text that is inserted unescaped: styles, scripts, and elements that this module rendered. */
export function raw(tag: "style" | "script" | "div", attributes: Attributes, text: string): View {
  return h(tag, { ...attributes, dangerouslySetInnerHTML: { __html: text } });
}

/** Returns a page's scripts as elements. */
export function scriptViews(scripts: readonly string[]): View[] {
  return scripts.map((script) => raw("script", {}, script));
}

/** Returns data for a page's script, as an inert element. The script reads it by its id. */
export function dataView(id: string, data: unknown): View {
  return raw("script", { type: "text/plain", id }, JSON.stringify(data).replaceAll("<", "\\u003c"));
}

/** Returns the text of an element. */
export function viewText(view: View): string {
  return renderToString(h(Fragment, {}, view));
}

/** Returns the text of a whole page. */
export function pageText(root: View): string {
  return `<!doctype html>\n${viewText(root)}\n`;
}
