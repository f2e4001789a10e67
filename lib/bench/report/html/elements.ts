/** Building blocks of pages: elements, made into text by preact, which escapes whatever it is given. */

import { type ComponentChild, Fragment, h } from "preact";
import { renderToString } from "preact-render-to-string";
import { visible } from "../browser/visible_text.ts";

/** Anything that can stand in a page. */
export type View = ComponentChild;

/** Attributes of an element; those that are undefined or false are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element. Text in it is shown as it is, with unseen characters made visible. */
export function element(tag: string, attributes: Attributes, ...children: readonly View[]): View {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    shown[name] = typeof value === "string" ? visible(value) : value;
  }
  return h(tag, shown, ...children.map((child) => typeof child === "string" ? visible(child) : child));
}

/** A table that scrolls by itself where the page is too narrow for it; `name` says what is in it to who cannot see that. */
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

/** Trusted text that is put into a page as it is: styles and scripts. */
export function raw(tag: "style" | "script", attributes: Attributes, text: string): View {
  return h(tag, { ...attributes, dangerouslySetInnerHTML: { __html: text } });
}

/** The text of a whole page. */
export function pageText(root: View): string {
  return `<!doctype html>\n${renderToString(h(Fragment, {}, root))}\n`;
}
