/** The page of the trade-off: a summary of two sentences, the plots, and a table of all figures. */

import { numberText } from "../report/html/text.ts";
import { element, table, type View } from "../report/html/elements.ts";
import type { Bound } from "./bounds.ts";
import { nameOf, plotsOf } from "./plot_specs.ts";
import type { Conditions, Measurement } from "./measurements.ts";
import { framedPage, plotView, termsView, verdictCell } from "./page_frame.ts";
import { cellText, columnsOf, describeConditions, isGrowing } from "./table.ts";

/** Content of a page. */
export interface TradeoffContent {
  readonly conditions: Conditions;
  readonly measurements: readonly Measurement[];
  /** Bounds of the challenges whose measured test this is; none for other tests. */
  readonly bounds: readonly Bound[];
  /** The command line that made the page. */
  readonly command: string;
}

/** Returns the page as self-contained HTML, which needs no network. */
export function tradeoffPage(content: TradeoffContent): string {
  const { conditions, measurements, bounds, command } = content;
  const plots = plotsOf(measurements, { conditions, bounds });
  const growing = isGrowing(measurements);
  return framedPage({
    title: growing ? "Cost of a growing cluster" : "Gossip interval and latency",
    plots,
    command,
    content: [
      ...(growing ? growingAnswer(measurements) : intervalAnswer(measurements)).map((text) =>
        element("p", {}, text)
      ),
      element("p", { class: "dim" }, `Broadcast: ${describeConditions(conditions, measurements)}.`),
      element("div", { class: "plots" }, ...plots.map(plotView), growing ? null : wordsView(bounds)),
      element("h2", {}, "All figures"),
      tableView(measurements, bounds),
      growing ? element("div", { style: "margin-top: 18px" }, wordsView(bounds)) : null,
    ],
  });
}

/** Returns the effect of the interval on latency: the rule, then the measurements. */
export function intervalAnswer(measurements: readonly Measurement[]): string[] {
  const rule =
    "The longer nodes wait between rounds, the fewer messages they send and the later updates arrive. A value waits " +
    "half an interval in the median and a full interval at worst, plus the transit time.";
  const hub = measurements.filter(({ strategy, medianMs }) =>
    strategy === "hub" && Number.isFinite(medianMs)
  );
  const [shortest, longest] = [hub[0], hub.at(-1)];
  if (shortest === undefined || longest === undefined || shortest === longest) return [rule];
  const from = (pick: (measurement: Measurement) => number | undefined) =>
    `from ${numberText(pick(shortest) ?? 0)} to ${numberText(pick(longest) ?? 0)}`;
  return [
    rule,
    `Through a hub, with the latency that the nodes allow themselves raised ${
      from(({ latencyBudgetMs }) => latencyBudgetMs)
    } ms, messages ` +
    `per operation went ${
      from((measurement) => measurement.messagesPerOperation)
    }, the median stable latency ${from(({ medianMs }) => medianMs)} ms, and the longest ${
      from(({ longestMs }) => longestMs)
    } ms.`,
  ];
}

/** Returns the cost of more nodes. */
export function growingAnswer(measurements: readonly Measurement[]): string[] {
  const rule =
    "A round costs at most two messages for each node except one, regardless of the load. Messages per operation grow " +
    "with the number of nodes. Latency, which is a round plus two hops, does not.";
  const [first] = measurements;
  const of = first === undefined
    ? []
    : measurements.filter((measurement) => nameOf(measurement) === nameOf(first));
  const last = of.at(-1);
  if (first === undefined || last === undefined || first === last) return [rule];
  return [
    rule,
    `From ${numberText(first.nodes)} to ${numberText(last.nodes)} nodes, messages per operation went from ${
      numberText(first.messagesPerOperation)
    } to ${numberText(last.messagesPerOperation)}, and the longest stable latency from ${
      numberText(first.longestMs)
    } to ${numberText(last.longestMs)} ms.`,
  ];
}

function tableView(measurements: readonly Measurement[], bounds: readonly Bound[]): View {
  const columns = columnsOf(measurements, bounds);
  return table("Table of all figures", {
    heads: [...columns.map((column) => column.head), "verdict"],
    rows: measurements.map((measurement) =>
      element(
        "tr",
        {},
        ...columns.map(({ cell }) => element("td", {}, cellText(cell(measurement), numberText))),
        verdictCell(measurement.valid),
      )
    ),
  });
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
  return termsView(WORDS.filter(([term]) => term !== "Inside" || bounds.length > 0));
}
