/**
 * The script of a page, made of the modules in `page/`. Deno has already turned them into JavaScript when they are loaded
 * here, and a function's text is its source; so no build step is needed, and a compiled executable carries them along. It
 * rests on a habit of those modules: all that they have at their top level is exported, and is a function, a class, or
 * plain data, under a name that no other of them uses.
 */

import * as canvas from "../browser/pane.ts";
import * as details from "../browser/details.ts";
import * as follow from "../browser/follow.ts";
import * as overview from "../browser/overview.ts";
import * as plots from "../browser/plots.ts";
import * as selection from "../browser/selection.ts";
import * as spaceTime from "../browser/space_time.ts";
import * as start from "../browser/start.ts";
import * as theme from "../browser/theme.ts";
import * as timeWindow from "../browser/time_window.ts";
import * as timeline from "../browser/timeline.ts";
import * as visible from "../browser/visible.ts";
import * as visibleText from "../browser/visible_text.ts";
import * as data from "../data/report_data.ts";

/** The modules of a report's page; an order is not needed, but for constants. */
export const REPORT_MODULES: readonly Readonly<Record<string, unknown>>[] = [
  data,
  visible,
  visibleText,
  follow,
  timeWindow,
  selection,
  theme,
  canvas,
  timeline,
  spaceTime,
  overview,
  details,
  plots,
  start,
];

/** The text of a script that has everything these modules export, and then runs `main`. */
export function scriptOf(modules: readonly Readonly<Record<string, unknown>>[], main: string): string {
  const texts = modules.flatMap((exports) =>
    Object.entries(exports).map(([name, value]) =>
      typeof value === "function" ? String(value) : `const ${name} = ${JSON.stringify(value)};`
    )
  );
  return safeInScript(`"use strict";\n(() => {\n${texts.join("\n")}\n${main}\n})();`);
}

/** A script as it may stand in a page: nothing in it ends the script or begins a comment. */
export function safeInScript(text: string): string {
  return text.replaceAll(/<(?=\/script|!--|script)/gi, "\\x3c");
}
