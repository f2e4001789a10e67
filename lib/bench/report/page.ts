/** A report's page: the verdict, the figures, what was found, then the diagrams and plots. */

import type { History } from "../../checkers/history.ts";
import { cyclePicture, EDGE_WORDS } from "./cycle_picture.ts";
import type { Figure } from "./figures.ts";
import type { Case, Finding } from "./findings.ts";
import { UPLOT_STYLE, uplotScript } from "./libraries.ts";
import { operationsPicture, registerPicture } from "./operations_picture.ts";
import { PAGE_STYLE } from "./page_style.ts";
import { REPORT_MODULES, scriptOf } from "./page_script.ts";
import type { ReportData } from "./report_data.ts";
import type { LatencyRow } from "./latency_table.ts";
import { figureText, plural } from "./text.ts";
import { element, pageText, raw, type View } from "./view.ts";

/** Everything that a page shows. */
export interface PageContent {
  readonly title: string;
  readonly verdict: Verdict;
  /** What was run, as names and values. */
  readonly facts: ReadonlyArray<readonly [name: string, value: string]>;
  readonly command: string | undefined;
  readonly figures: readonly Figure[];
  readonly findings: readonly Finding[];
  readonly latencies: readonly LatencyRow[];
  readonly history: History;
  readonly data: ReportData;
  /** The data, packed for the page. */
  readonly packed: string;
  readonly notes: readonly string[];
  readonly logs: ReadonlyArray<readonly [node: string, end: string]>;
  readonly version: string;
}

/** The verdict in a word and a sentence. */
export interface Verdict {
  readonly tone: "good" | "invalid" | "unsure";
  readonly word: string;
  readonly sentence: string;
}

const MARKS = { good: "✓", invalid: "✗", unsure: "?", informs: "i" } as const;
const SHOWN_TYPES_MAX = 40;
const KEYS = [
  ["←", "earlier"],
  ["→", "later"],
  ["+", "closer"],
  ["−", "wider"],
  ["0", "all"],
  ["n", "next"],
  ["p", "previous"],
  ["/", "filter"],
  ["Esc", "clear"],
] as const;

/** The page as HTML, complete in itself: it needs no network. */
export function reportPage(content: PageContent): string {
  return pageText(
    element(
      "html",
      { lang: "en" },
      head(content.title),
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
          figuresView(content.figures),
          findingsView(content),
          timeView(content.data),
          plotsView(content),
          latencyView(content.latencies),
          logsView(content.logs),
          notesView(content),
          element("footer", {}, `Made by charybdis ${content.version}. This file is complete in itself.`),
        ),
        element("div", { id: "tip", role: "status", hidden: true }),
        raw("script", { type: "text/plain", id: "data" }, content.packed),
        raw("script", {}, uplotScript().replaceAll("</script", "<\\/script")),
        raw("script", {}, scriptOf(REPORT_MODULES, "startReport(uPlot);")),
      ),
    ),
  );
}

/** A page's head: no icon is asked of anybody, and nothing may be loaded. */
export function head(
  title: string,
  policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:",
): View {
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

function verdictView({ verdict, facts, command }: PageContent): View {
  return element(
    "div",
    { class: `verdict ${verdict.tone}` },
    element("div", { class: "mark", "aria-hidden": "true" }, MARKS[verdict.tone]),
    element(
      "div",
      {},
      element("h1", {}, element("span", { class: "word" }, `${verdict.word}: `), verdict.sentence),
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

function figuresView(figures: readonly Figure[]): View {
  return element(
    "section",
    { class: "figures", "aria-label": "Figures" },
    ...figures.map(({ name, text, bounds, about }) =>
      element(
        "div",
        { class: "figure" },
        element("h2", {}, name),
        element("div", { class: text.length > 14 ? "value long" : "value" }, text),
        ...bounds.map(({ text, met }) =>
          element("span", { class: met ? "bound met" : "bound missed" }, `${met ? "✓" : "✗"} ${text}`)
        ),
        about === undefined ? null : element("div", { class: "about" }, about),
      )
    ),
  );
}

function findingsView({ findings, history, data }: PageContent): View {
  if (findings.length === 0) return null;
  const grave = findings.some(({ weight }) => weight === "invalid");
  return element(
    "section",
    {},
    element("h2", {}, grave ? "What is wrong" : "What was noticed"),
    ...findings.map((finding) => findingView(finding, { history, data })),
  );
}

function findingView(
  { id, words, weight, count, cases, name }: Finding,
  { history, data }: { readonly history: History; readonly data: ReportData },
): View {
  const tone = weight === "invalid" ? "invalid" : weight === "unknown" ? "unsure" : "informs";
  const mark = data.findings.find((one) => one.id === id);
  const shown = cases.length < count
    ? `, ${cases.length === 1 ? "one of them" : `${cases.length} of them`} below`
    : "";
  return element(
    "article",
    { class: `card ${tone}`, id, "data-name": name },
    element(
      "h3",
      {},
      `${MARKS[tone]} ${words.title} `,
      element("span", { class: "count" }, `${plural(count, "case")}${cases.length === 0 ? "" : shown}`),
    ),
    element("p", {}, words.what),
    element("p", {}, element("b", {}, "What usually causes it: "), words.cause),
    mark === undefined ? null : element(
      "p",
      { class: "no-print" },
      element(
        "button",
        { type: "button", class: "go", "data-finding": id },
        `Show where it lies: ${(mark.from / 1e6).toFixed(2)} s${
          mark.to - mark.from > 10_000 ? ` to ${(mark.to / 1e6).toFixed(2)} s` : ""
        }`,
      ),
    ),
    ...cases.slice(0, 1).map((one) => caseView(one, history)),
    cases.length < 2 ? null : element(
      "details",
      {},
      element("summary", {}, cases.length === 2 ? "Another one" : `${cases.length - 1} others`),
      ...cases.slice(1).map((one) => caseView(one, history)),
    ),
  );
}

function caseView(one: Case, history: History): View {
  const { sentences, events, cycle, register, focus } = one;
  const picture = cycle.length > 0
    ? cyclePicture(events, cycle)
    : operationsPicture(events, { history, marked: register?.failed, focus });
  const kinds = [...new Set(cycle.map(({ type }) => type))].filter((type) => Object.hasOwn(EDGE_WORDS, type));
  return element(
    "div",
    { class: "case" },
    element("ul", { class: "why" }, ...sentences.map((sentence) => element("li", {}, sentence))),
    register === undefined ? null : registerPicture(register),
    picture === null
      ? null
      : element("div", { class: "picture", tabindex: "0", role: "group", "aria-label": "Picture" }, picture),
    kinds.length === 0 ? null : element(
      "p",
      { class: "dim" },
      `An arrow says who comes before whom: ${
        kinds.map((type) => `${type}: ${EDGE_WORDS[type]} the other`).join("; ")
      }.`,
    ),
  );
}

function timeView(data: ReportData): View {
  const { messages, operations } = data;
  const button = (id: string, text: string, label: string) =>
    element("button", { type: "button", id, "aria-label": label, title: label }, text);
  return element(
    "section",
    { id: "time" },
    element("h2", {}, "What happened when"),
    element(
      "div",
      { class: "sticky no-print" },
      element(
        "div",
        { class: "diagram strip" },
        element("canvas", {
          id: "overview",
          role: "img",
          "aria-label": "The whole run; drag over it to choose a span of time",
        }),
      ),
      element(
        "div",
        { class: "bar-row" },
        button("zoom-in", "+", "Zoom in"),
        button("zoom-out", "−", "Zoom out"),
        button("zoom-fit", "All", "Show the whole run"),
        button("pan-left", "←", "Earlier"),
        button("pan-right", "→", "Later"),
        button("clear", "Clear", "Take back what is marked and followed"),
        element("span", { id: "status", class: "dim", role: "status" }),
      ),
    ),
    element("h3", {}, "Operations"),
    operations.lanes === 0 ? element("p", { class: "dim" }, "No client performed any operation.") : diagram(
      "timeline",
      `The ${operations.begin.length} operations of the clients over time, a row a thread.`,
    ),
    element(
      "ul",
      { class: "legend" },
      legend("", "ok", "ok"),
      legend("half", "fail", "failed: it surely did not happen"),
      legend("open", "info", "in doubt: nobody knows"),
      data.faults.length === 0 ? null : legend("", "fault", "a fault"),
    ),
    element("h3", { style: "margin-top:18px" }, "Messages"),
    messages === null
      ? element(
        "p",
        { class: "dim" },
        "No messages were recorded. Run the test with --report or --log-messages to see them here.",
      )
      : [
        messageControls(data),
        diagram(
          "space-time",
          `${messages.sent.length} messages between ${data.nodes.length} nodes, services and clients over time.`,
        ),
        element(
          "ul",
          { class: "legend" },
          legend("line", "ok", "between servers"),
          legend("line", "client", "from or to a client"),
          legend("dash", "bad", "not delivered: lost, cut off, or its receiver dead"),
          legend("line", "follow", "followed"),
        ),
      ],
    element(
      "p",
      { class: "dim no-print" },
      "Drag to move, double-click or Ctrl and the wheel to zoom. Keys, with a diagram in focus: ",
      ...KEYS.flatMap((
        [key, what],
        i,
      ) => [element("kbd", {}, key), ` ${what}${i + 1 < KEYS.length ? ", " : "."}`]),
    ),
    element("div", { id: "details", class: "panel no-print", "aria-live": "polite" }),
  );
}

function legend(form: string, colour: string, text: string): View {
  return element("li", {}, element("i", { class: form, style: `--swatch: var(--${colour})` }), text);
}

function diagram(id: string, label: string): View {
  return element(
    "div",
    { class: "diagram" },
    element("canvas", {
      id,
      tabindex: "0",
      role: "application",
      "aria-label":
        `${label} Arrow keys move, plus and minus zoom, n and p choose the next and the previous.`,
    }),
  );
}

function messageControls({ messages, nodes }: ReportData): View {
  if (messages === null) return null;
  const counts = new Map<number, number>();
  for (const type of messages.type) counts.set(type, (counts.get(type) ?? 0) + 1);
  const types = [...counts].sort((a, b) => b[1] - a[1]).slice(0, SHOWN_TYPES_MAX);
  const servers = messages.actors.slice(0, nodes.length + messages.services);
  return [
    element(
      "div",
      { class: "bar-row no-print" },
      element(
        "form",
        { id: "follow-form" },
        element(
          "label",
          {},
          "Follow ",
          element("input", { id: "follow", placeholder: "a value, e.g. 17", size: 14, autocomplete: "off" }),
        ),
        element("button", { type: "submit" }, "Show how it got everywhere"),
      ),
      element(
        "label",
        {},
        "Text ",
        element("input", {
          id: "filter",
          type: "search",
          placeholder: "in a body",
          size: 12,
          autocomplete: "off",
        }),
      ),
      element(
        "label",
        {},
        "Node ",
        element(
          "select",
          { id: "actor" },
          element("option", { value: "" }, "all"),
          ...servers.map((name, actor) => element("option", { value: actor }, name)),
        ),
      ),
      element(
        "label",
        {},
        element("input", {
          id: "clients",
          type: "checkbox",
          checked: messages.src.every((src) => src >= servers.length),
        }),
        "a line for clients",
      ),
      element("span", { id: "shown", class: "dim", role: "status" }),
    ),
    element(
      "fieldset",
      { id: "types", class: "no-print" },
      element("legend", {}, "Types"),
      ...types.map(([type, count]) =>
        element(
          "label",
          {},
          element("input", { type: "checkbox", checked: true, value: type }),
          `${messages.types[type]} `,
          element("span", { class: "dim" }, figureText(count)),
        )
      ),
    ),
  ];
}

function plotsView({ data }: PageContent): View {
  if (data.operations.begin.length === 0) return null;
  const plot = (id: string, title: string) =>
    element(
      "div",
      { class: "panel" },
      element("h3", {}, title),
      element("div", { id, class: "plot", role: "img", "aria-label": title }),
    );
  return element(
    "section",
    {},
    element("h2", {}, "Plots"),
    element(
      "p",
      { class: "dim no-print" },
      "Choose a stretch in a plot with the mouse, and the diagrams above show it.",
    ),
    element(
      "div",
      { class: "plots" },
      plot("plot-latency", "Latency of single operations"),
      plot("plot-quantiles", "Latency of operations that succeeded, quantiles over time"),
      plot("plot-rate", "Operations that ended in a second"),
      data.traffic === null ? null : plot("plot-messages", "Messages sent in a second"),
    ),
  );
}

function latencyView(rows: readonly LatencyRow[]): View {
  if (rows.length === 0) return null;
  const heads = ["operation", "ok", "failed", "in doubt", "median ms", "95 %", "99 %", "longest"];
  return element(
    "section",
    {},
    element("h2", {}, "Operations and their latencies"),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": "Table of operations" },
      element(
        "table",
        {},
        element(
          "thead",
          {},
          element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head))),
        ),
        element(
          "tbody",
          {},
          ...rows.map(({ name, ok, fail, info, quantiles }) =>
            element(
              "tr",
              {},
              element("td", {}, name),
              ...[ok, fail, info].map((count) => element("td", {}, figureText(count))),
              ...quantiles.map((value) => element("td", {}, value === null ? "–" : figureText(value))),
            )
          ),
        ),
      ),
    ),
  );
}

function logsView(logs: PageContent["logs"]): View {
  if (logs.length === 0) return null;
  return element(
    "section",
    {},
    element("h2", {}, "What nodes wrote to stderr"),
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
    element("h2", {}, "What this page leaves out"),
    element("ul", { class: "notes" }, ...notes.map((note) => element("li", {}, note))),
  );
}
