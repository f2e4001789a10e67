/** The page of the trade-off: the answer in two sentences, the plots, and all figures in a table. */

import { uplotScript } from "../report/html/vendor.ts";
import * as start from "../report/browser/start.ts";
import * as theme from "../report/browser/theme.ts";
import { head } from "../report/html/report_page.ts";
import { scriptOf } from "../report/html/browser_bundle.ts";
import { policyOf, scriptViews } from "../report/html/policy.ts";
import { figureText } from "../report/html/text.ts";
import { element, pageText, table, type View } from "../report/html/elements.ts";
import { VERSION } from "../version.ts";
import type { Bound } from "./bounds.ts";
import { nameOf, plotsOf } from "./plot_specs.ts";
import type { Line, Point } from "./measurements.ts";
import { cellText, columnsOf, describeLine, isGrowing } from "./table.ts";
import * as tradePlots from "./plots.ts";

/** What a page is made of. */
export interface TradeContent {
  readonly line: Line;
  readonly points: readonly Point[];
  /** The bounds of the challenges of which this is the line; none if it is another. */
  readonly bounds: readonly Bound[];
  /** The command line that made it. */
  readonly command: string;
}

/** The page as HTML, complete in itself: it needs no network. */
export function tradePage(content: TradeContent): string {
  const { line, points, bounds, command } = content;
  const plots = plotsOf(points, { line, bounds });
  const growing = isGrowing(points);
  const title = growing
    ? "What does a growing cluster cost?"
    : "What does the gossip interval do to latency?";
  const draw = `drawTrade(${JSON.stringify(plots)}, typeof uPlot === "function" ? uPlot : undefined);`;
  const scripts = [uplotScript(), scriptOf([theme, start, tradePlots], draw)];
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
          ...(growing ? growingAnswer(points) : intervalAnswer(points)).map((text) => element("p", {}, text)),
          element("p", { class: "dim" }, `Broadcast: ${describeLine(line, points)}.`),
          element("div", { class: "plots" }, ...plots.map(plotView), growing ? null : wordsView(bounds)),
          element("h2", {}, "All figures"),
          tableView(points, bounds),
          growing ? element("div", { style: "margin-top: 18px" }, wordsView(bounds)) : null,
          element(
            "details",
            {},
            element("summary", { class: "dim" }, "Make it again"),
            element("pre", { tabindex: "0" }, command),
          ),
          element("footer", {}, `Made by charybdis ${VERSION}. This file is complete in itself.`),
        ),
        ...scriptViews(scripts),
      ),
    ),
  );
}

/** What the interval does to latency: the rule, then what was measured. */
export function intervalAnswer(points: readonly Point[]): string[] {
  const rule =
    "The longer nodes wait between rounds, the fewer messages they send and the later news arrive: a value waits " +
    "half an interval at the median and a whole one at worst, and its way comes on top.";
  const hub = points.filter(({ way, medianMs }) => way === "hub" && Number.isFinite(medianMs));
  const [shortest, longest] = [hub[0], hub.at(-1)];
  if (shortest === undefined || longest === undefined || shortest === longest) return [rule];
  const from = (pick: (point: Point) => number | undefined) =>
    `from ${figureText(pick(shortest) ?? 0)} to ${figureText(pick(longest) ?? 0)}`;
  return [
    rule,
    `Through a hub, with the latency that the nodes allow themselves raised ${
      from(({ allowedMs }) => allowedMs)
    } ms, messages ` +
    `per operation went ${from((point) => point.messagesPerOperation)}, the median stable latency ${
      from(({ medianMs }) => medianMs)
    } ms, and the longest ${from(({ longestMs }) => longestMs)} ms.`,
  ];
}

/** What more nodes cost. */
export function growingAnswer(points: readonly Point[]): string[] {
  const rule =
    "A round costs at most two messages for each node but one, whatever the load: so messages per operation grow " +
    "with the number of nodes, and latency, which is that of a round and two hops, does not.";
  const [first] = points;
  const of = first === undefined ? [] : points.filter((point) => nameOf(point) === nameOf(first));
  const last = of.at(-1);
  if (first === undefined || last === undefined || first === last) return [rule];
  return [
    rule,
    `From ${figureText(first.nodes)} to ${figureText(last.nodes)} nodes, messages per operation went from ${
      figureText(first.messagesPerOperation)
    } to ${figureText(last.messagesPerOperation)}, and the longest stable latency from ${
      figureText(first.longestMs)
    } to ${figureText(last.longestMs)} ms.`,
  ];
}

function plotView({ id, title }: tradePlots.TradePlot): View {
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

function tableView(points: readonly Point[], bounds: readonly Bound[]): View {
  const columns = columnsOf(points, bounds);
  return table("Table of all figures", {
    heads: [...columns.map((column) => column.head), "verdict"],
    rows: points.map((point) =>
      element(
        "tr",
        {},
        ...columns.map(({ cell }) => element("td", {}, cellText(cell(point), figureText))),
        verdictCell(point),
      )
    ),
  });
}

function verdictCell({ valid }: Point): View {
  const [tone, text] = valid === true
    ? ["good", "✓ valid"]
    : valid === false
    ? ["invalid", "✗ invalid"]
    : ["unsure", "? unknown"];
  return element("td", { class: tone }, element("b", { style: "color: var(--tone)" }, text));
}

const WORDS: readonly (readonly [string, string])[] = [
  [
    "Stable latency",
    "from the moment that a value is known (acknowledged, or first read) to the last read that missed it. Reads are not " +
    "everywhere at all times, so the true latency is a little longer.",
  ],
  [
    "Allowed",
    "the node's --max-latency-ms: how old news may be when the last node learns of them. The interval is what the way leaves " +
    "of it; along a topology it is a sixth of it, at each hop.",
  ],
  [
    "Frontier",
    "the fewest messages that such a longest latency can be had for. Telling all what each has takes 2n − 2 messages and two " +
    "hops; what may be late is told together, in rounds; who has nothing new says nothing. Faster than two hops, each " +
    "value goes straight to everyone.",
  ],
  ["Fan-out", "to how many others a single node sends at most."],
  ["Inside", "the challenges whose bounds on messages, median and longest latency are all kept."],
];

function wordsView(bounds: readonly Bound[]): View {
  const words = WORDS.filter(([term]) => term !== "Inside" || bounds.length > 0);
  return element(
    "section",
    { class: "panel", "aria-label": "What the words mean" },
    element("h2", { style: "margin: 0 0 6px; font-size: 1rem" }, "What the words mean"),
    element(
      "ul",
      { class: "notes" },
      ...words.map(([term, text]) => element("li", {}, element("b", {}, term), `: ${text}`)),
    ),
  );
}
