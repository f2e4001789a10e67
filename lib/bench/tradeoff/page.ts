/** The page of the trade-off: a summary of two sentences, the plots, and a table of all figures. */

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

/** Content of a page. */
export interface TradeContent {
  readonly line: Line;
  readonly points: readonly Point[];
  /** Bounds of the challenges whose measured test this is; none for other tests. */
  readonly bounds: readonly Bound[];
  /** The command line that made the page. */
  readonly command: string;
}

/** Returns the page as self-contained HTML, which needs no network. */
export function tradePage(content: TradeContent): string {
  const { line, points, bounds, command } = content;
  const plots = plotsOf(points, { line, bounds });
  const growing = isGrowing(points);
  const title = growing ? "Cost of a growing cluster" : "Gossip interval and latency";
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

/** Returns the effect of the interval on latency: the rule, then the measurements. */
export function intervalAnswer(points: readonly Point[]): string[] {
  const rule =
    "The longer nodes wait between rounds, the fewer messages they send and the later updates arrive. A value waits " +
    "half an interval in the median and a full interval at worst, plus the transit time.";
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

/** Returns the cost of more nodes. */
export function growingAnswer(points: readonly Point[]): string[] {
  const rule =
    "A round costs at most two messages for each node except one, regardless of the load. Messages per operation grow " +
    "with the number of nodes. Latency, which is a round plus two hops, does not.";
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
    "from the time that a value is known (acknowledged, or first read) to the last read that missed it. Reads do not cover " +
    "every node at all times, so the true latency is slightly longer.",
  ],
  [
    "Allowed",
    "the node's --max-latency-ms: the maximum age of an update when the last node receives it. The interval is that age minus " +
    "the transit time. Along a topology, it is a sixth of that age, at each hop.",
  ],
  [
    "Frontier",
    "the fewest messages that achieve this longest latency. An all-to-all exchange takes 2n − 2 messages and two " +
    "hops. Values that may be late share a round, and nodes without new values stay silent. Below two hops, each " +
    "value goes directly to every node.",
  ],
  ["Fan-out", "the maximum number of nodes that one node sends to."],
  ["Inside", "the challenges whose bounds on messages, median and longest latency are all satisfied."],
];

function wordsView(bounds: readonly Bound[]): View {
  const words = WORDS.filter(([term]) => term !== "Inside" || bounds.length > 0);
  return element(
    "section",
    { class: "panel", "aria-label": "Terms" },
    element("h2", { style: "margin: 0 0 6px; font-size: 1rem" }, "Terms"),
    element(
      "ul",
      { class: "notes" },
      ...words.map(([term, text]) => element("li", {}, element("b", {}, term), `: ${text}`)),
    ),
  );
}
