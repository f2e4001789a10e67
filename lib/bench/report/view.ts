/** Building blocks of pages: elements, made into text by preact, which escapes whatever it is given. */

import { type ComponentChild, h } from "preact";
import { renderToString } from "preact-render-to-string";

/** Anything that can stand in a page. */
export type View = ComponentChild;

/** Attributes of an element; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Characters that are not seen, or that turn the direction of what follows; but for line breaks and tabs. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}]/gu;

/** An element. Text in it is shown as it is, with unseen characters made visible. */
export function element(tag: string, attributes: Attributes, ...children: readonly View[]): View {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      shown[name] = typeof value === "string" ? visible(value) : value;
    }
  }
  return h(tag, shown, ...children.map((child) => typeof child === "string" ? visible(child) : child));
}

/** Trusted text that is put into a page as it is: styles and scripts. */
export function raw(tag: "style" | "script", attributes: Attributes, text: string): View {
  return h(tag, { ...attributes, dangerouslySetInnerHTML: { __html: text } });
}

/** Unseen characters as their code points, for example ⟨U+202E⟩; lone halves of pairs likewise. */
export function visible(text: string): string {
  return text.toWellFormed().replace(
    UNSEEN,
    (c) => `⟨U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
}

/** The text of a whole page. */
export function pageText(root: View): string {
  return `<!doctype html>\n${renderToString(h("div", {}, root)).replace(/^<div>|<\/div>$/g, "")}\n`;
}
