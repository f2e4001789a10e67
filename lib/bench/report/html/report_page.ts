/**
 * A report's page: the verdict, the figures, the findings, then the diagrams and plots.
 *
 * Tested by `tests/bench/report/findings_test.ts`.
 */

import type { History } from "../../../checkers/history.ts";
import { plural } from "../../format.ts";
import { cyclePicture, EDGE_WORDS } from "./cycle_diagram.ts";
import { plotsView, timeView } from "./diagrams.ts";
import type { Metric } from "../data/metrics.ts";
import { causeSentence } from "../../findings/cause_sentence.ts";
import type { CauseSentence } from "../../findings/causes/cause.ts";
import type { Example, Finding } from "../../findings/finding.ts";
import { UPLOT_STYLE } from "./uplot_style.ts";
import { operationsPicture, registerPicture } from "./operations_diagram.ts";
import { PAGE_STYLE } from "./style.ts";
import type { ReportData } from "../data/report_data.ts";
import type { LatencyRow } from "../data/latency_table.ts";
import { numberText } from "./text.ts";
import { element, pageText, raw, scriptViews, table, type View } from "./elements.ts";

/** Content of a page. */
export interface PageContent {
  readonly title: string;
  readonly verdict: Verdict;
  /** The test's settings, as names and values. */
  readonly facts: ReadonlyArray<readonly [name: string, value: string]>;
  readonly command: string | undefined;
  readonly metrics: readonly Metric[];
  readonly findings: readonly Finding[];
  readonly latencies: readonly LatencyRow[];
  /** The chart of stable latencies, if there are any. */
  readonly stableLatencies: View;
  /** The section about the futures of a case, if any were drawn. */
  readonly inevitability: View;
  readonly history: History;
  readonly data: ReportData;
  /** The compressed data of the page. */
  readonly packed: string;
  readonly notes: readonly string[];
  readonly logs: ReadonlyArray<readonly [node: string, end: string]>;
  readonly version: string;
}

/** The verdict as a word and a sentence. */
export interface Verdict {
  readonly tone: "good" | "invalid" | "unsure";
  readonly word: string;
  readonly sentence: string;
}

const MARKS = { good: "✓", invalid: "✗", unsure: "?", info: "i" } as const;

/** The scripts of a page, and the policy that permits them. */
export interface PageAssets {
  readonly policy: string;
  readonly scripts: readonly string[];
}

/** Returns the page as self-contained HTML, which needs no network. */
export function reportPage(content: PageContent, { policy, scripts }: PageAssets): string {
  return pageText(
    element(
      "html",
      { lang: "en" },
      head(content.title, policy),
      element(
        "body",
        {},
        element(
          "header",
          { class: "page" },
          verdictView(content),
        ),
        element(
          "main",
          {},
          timeView(content.data, {
            figures: metricsView(content.metrics),
            isFailed: content.verdict.tone === "invalid",
          }),
          findingsView(content),
          content.inevitability,
          plotsView(content.data, content.stableLatencies),
          latencyView(content.latencies),
          logsView(content.logs),
          notesView(content),
          element("footer", {}, `Made by charybdis ${content.version}. This file is self-contained.`),
        ),
        element("div", { id: "tip", role: "status", hidden: true }),
        raw("script", { type: "text/plain", id: "data" }, content.packed),
        ...scriptViews(scripts),
      ),
    ),
  );
}

/** Returns a page's head. The empty icon prevents a request for one. */
export function head(title: string, policy: string): View {
  return element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    element("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("link", { rel: "icon", href: "data:," }),
    element("title", {}, title),
    raw("style", {}, PAGE_STYLE + UPLOT_STYLE),
  );
}

function verdictView({ verdict, facts, command, findings }: PageContent): View {
  const cause = causeSentence(findings);
  return element(
    "div",
    { class: `verdict ${verdict.tone}` },
    element("div", { class: "mark", "aria-hidden": "true" }, MARKS[verdict.tone]),
    element(
      "div",
      {},
      element("h1", {}, element("span", { class: "word" }, `${verdict.word}: `), verdict.sentence),
      cause === undefined ? null : element("p", { class: "cause-line" }, cause),
      element(
        "ul",
        { class: "facts" },
        ...facts.map(([name, value]) => element("li", {}, `${name} `, element("b", {}, value))),
      ),
      command === undefined ? null : element(
        "details",
        { class: "no-print" },
        element("summary", { class: "dim" }, "Run it again"),
        element("pre", { tabindex: "0" }, command),
      ),
    ),
  );
}

function metricsView(metrics: readonly Metric[]): View {
  return element(
    "section",
    { class: "figures", "aria-label": "Figures" },
    ...metrics.map(({ name, text, bounds, description }) =>
      element(
        "div",
        { class: "figure" },
        element("h2", {}, name),
        element("div", { class: text.length > 14 ? "value long" : "value" }, text),
        ...bounds.map(({ text, met }) =>
          element("span", { class: met ? "bound met" : "bound missed" }, `${met ? "✓" : "✗"} ${text}`)
        ),
        description === undefined ? null : element("div", { class: "about" }, description),
      )
    ),
  );
}

function findingsView({ findings, history, data }: PageContent): View {
  if (findings.length === 0) return null;
  const severe = findings.some(({ severity }) => severity === "invalid");
  return element(
    "section",
    {},
    element("h2", {}, severe ? "Anomalies" : "Observations"),
    ...findings.map((finding) => findingView(finding, { history, data })),
  );
}

function findingView(
  { id, description, severity, count, examples, name }: Finding,
  { history, data }: { readonly history: History; readonly data: ReportData },
): View {
  const tone = severity === "invalid" ? "invalid" : severity === "unknown" ? "unsure" : "info";
  const mark = data.findings.find((one) => one.id === id);
  const shown = examples.length < count
    ? `, ${examples.length === 1 ? "one of them" : `${examples.length} of them`} below`
    : "";
  return element(
    "article",
    { class: `card ${tone}`, id, "data-name": name },
    element(
      "h3",
      {},
      `${MARKS[tone]} ${description.title} `,
      element(
        "span",
        { class: "count" },
        `${plural(count, "case", numberText)}${examples.length === 0 ? "" : shown}`,
      ),
    ),
    element("p", {}, description.what),
    examples.some(({ cause = [] }) => cause.length > 0)
      ? null
      : element("p", {}, element("b", {}, "Likely cause: "), description.cause),
    mark === undefined ? null : element(
      "p",
      { class: "no-print" },
      element(
        "button",
        { type: "button", class: "go", "data-finding": id },
        `Show in timeline: ${(mark.from / 1e6).toFixed(2)} s${
          mark.to - mark.from > 10_000 ? ` to ${(mark.to / 1e6).toFixed(2)} s` : ""
        }`,
      ),
    ),
    ...examples.slice(0, 1).map((one) => exampleView(one, history)),
    examples.length < 2 ? null : element(
      "details",
      {},
      element("summary", {}, examples.length === 2 ? "Another case" : `${examples.length - 1} other cases`),
      ...examples.slice(1).map((one) => exampleView(one, history)),
    ),
  );
}

function exampleView(one: Example, history: History): View {
  const { sentences, events, cycle, register, focus } = one;
  const diagram = cycle.length > 0
    ? cyclePicture(events, cycle)
    : operationsPicture(events, { history, marked: register?.failed, focus });
  const kinds = [...new Set(cycle.map(({ type }) => type))].filter((type) => Object.hasOwn(EDGE_WORDS, type));
  return element(
    "div",
    { class: "case" },
    element("ul", { class: "why" }, ...sentences.map((sentence) => element("li", {}, sentence))),
    causeView(one.cause ?? []),
    register === undefined ? null : registerPicture(register),
    diagram === null
      ? null
      : element("div", { class: "diagram", tabindex: "0", role: "group", "aria-label": "Diagram" }, diagram),
    kinds.length === 0 ? null : element(
      "p",
      { class: "dim" },
      "An arrow points from the earlier transaction to the later one. " +
        `${kinds.map((type) => `${type}: ${EDGE_WORDS[type]}`).join("; ")}.`,
    ),
  );
}

/** Returns the cause as the run shows it, in the order of events. Each sentence links to its evidence. */
function causeView(cause: readonly CauseSentence[]): View {
  if (cause.length === 0) return null;
  return element(
    "div",
    { class: "cause" },
    element("p", {}, element("b", {}, "Cause in this run:")),
    element(
      "ol",
      {},
      ...cause.map(({ text, timeNs, messages, operations }) =>
        element("li", {
          ...(timeNs === undefined ? {} : { "data-time-us": String(Math.round(timeNs / 1000)) }),
          ...(messages.length === 0 ? {} : { "data-messages": messages.join(" ") }),
          ...(operations.length === 0 ? {} : { "data-operations": operations.join(" ") }),
        }, text)
      ),
    ),
  );
}

function latencyView(rows: readonly LatencyRow[]): View {
  if (rows.length === 0) return null;
  const heads = ["operation", "ok", "failed", "indeterminate", "median ms", "95 %", "99 %", "longest"];
  return element(
    "section",
    {},
    element("h2", {}, "Operation latencies"),
    table("Table of operations", {
      heads,
      rows: rows.map(({ name, ok, fail, info, quantiles }) =>
        element(
          "tr",
          {},
          element("td", {}, name),
          ...[ok, fail, info].map((count) => element("td", {}, numberText(count))),
          ...quantiles.map((value) => element("td", {}, value === null ? "–" : numberText(value))),
        )
      ),
    }),
  );
}

function logsView(logs: PageContent["logs"]): View {
  if (logs.length === 0) return null;
  return element(
    "section",
    {},
    element("h2", {}, "Node logs (stderr)"),
    ...logs.map(([node, end]) =>
      element(
        "details",
        {},
        element("summary", {}, `${node}: the end of its log`),
        element("pre", { tabindex: "0" }, end),
      )
    ),
  );
}

function notesView({ notes }: PageContent): View {
  if (notes.length === 0) return null;
  return element(
    "section",
    {},
    element("h2", {}, "Omitted data"),
    element("ul", { class: "notes" }, ...notes.map((note) => element("li", {}, note))),
  );
}
