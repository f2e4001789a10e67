/**
 * The parts that the pages of the trade-off share: head, plots, terms and verdicts.
 *
 * Tested by `tests/bench/tradeoff/page_test.ts`.
 */

import type { Validity } from "../../checkers/result.ts";
import { scriptOf } from "../report/html/browser_bundle.ts";
import { element, pageText, scriptViews, type View } from "../report/html/elements.ts";
import { policyOf } from "../report/html/policy.ts";
import { head } from "../report/html/report_page.ts";
import { uplotScript } from "../report/html/vendor.ts";
import * as start from "../report/browser/start.ts";
import * as theme from "../report/browser/theme.ts";
import { VERSION } from "../version.ts";
import * as tradeoffPlots from "./plots.ts";

/** Returns a page as self-contained HTML, which needs no network. The plots are drawn where `plotView` puts them. */
export function framedPage(
  { title, plots, command, content }: {
    readonly title: string;
    readonly plots: readonly tradeoffPlots.TradeoffPlot[];
    /** The command line that made the page. */
    readonly command: string;
    readonly content: readonly View[];
  },
): string {
  const draw = `drawTradeoff(${JSON.stringify(plots)}, typeof uPlot === "function" ? uPlot : undefined);`;
  const scripts = [uplotScript(), scriptOf([theme, start, tradeoffPlots], draw)];
  return pageText(
    element(
      "html",
      { lang: "en" },
      head(title, policyOf(scripts, "form-action 'none'")),
      element(
        "body",
        {},
        element(
          "main",
          {},
          element("h1", { style: "padding-top: 22px" }, title),
          ...content,
          element(
            "details",
            {},
            element("summary", { class: "dim" }, "Command"),
            element("pre", { tabindex: "0" }, command),
          ),
          element("footer", {}, `Made by charybdis ${VERSION}. This file is self-contained.`),
        ),
        ...scriptViews(scripts),
      ),
    ),
  );
}

/** Returns the place of a plot. */
export function plotView({ id, title }: tradeoffPlots.TradeoffPlot): View {
  return element(
    "div",
    { class: "panel" },
    element("h2", { style: "margin: 0 0 6px; font-size: 1rem" }, title),
    element("div", {
      id,
      class: "plot",
      role: "img",
      "aria-label": `${title}; the table below has the figures`,
    }),
  );
}

/** Returns the cell of a verdict. */
export function verdictCell(valid: Validity): View {
  const [tone, text] = valid === true
    ? ["good", "✓ valid"]
    : valid === false
    ? ["invalid", "✗ invalid"]
    : ["unsure", "? unknown"];
  return element("td", { class: tone }, element("b", { style: "color: var(--tone)" }, text));
}

/** Returns the explanation of terms. */
export function termsView(terms: readonly (readonly [term: string, text: string])[]): View {
  return element(
    "section",
    { class: "panel", "aria-label": "Terms" },
    element("h2", { style: "margin: 0 0 6px; font-size: 1rem" }, "Terms"),
    element(
      "ul",
      { class: "notes" },
      ...terms.map(([term, text]) => element("li", {}, element("b", {}, term), `: ${text}`)),
    ),
  );
}
