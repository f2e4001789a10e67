/**
 * The pages of `serve`: the list of runs, a comparison of two runs, a run in progress, and trends.
 *
 * Tested by `tests/bench/report/serve_test.ts`.
 */

import { plural } from "../../format.ts";
import { head } from "../html/report_page.ts";
import { numberText } from "../html/text.ts";
import { dataView, element, pageText, scriptViews, table, type View } from "../html/elements.ts";
import { dateOf, type RunName } from "../../store/paths.ts";
import { DATA_ID, liveScripts, servePolicy } from "./serve_scripts.ts";
import { RUNS_LISTED_MAX, type RunSummary } from "../../store/index.ts";

/** The list's filter. */
export interface RunFilter {
  readonly workload: string;
  readonly valid: string;
  readonly text: string;
}

/** Returns the runs that pass a filter. */
function filterRuns(runs: readonly RunSummary[], { workload, valid, text }: RunFilter): RunSummary[] {
  const wanted = text.trim().toLowerCase();
  return runs.filter((run) =>
    (workload === "" || run.workload === workload) &&
    (valid === "" || verdictName(run) === valid) &&
    (wanted === "" ||
      `${run.workload} ${run.time} ${run.faults} ${run.arguments}`.toLowerCase().includes(wanted))
  );
}

/** Returns a run's verdict, or its state if it has no verdict. */
function verdictName({ valid, state }: Pick<RunSummary, "valid" | "state">): string {
  if (state === "running" || state === "died" || state === "failed") return state;
  return valid === true ? "valid" : valid === false ? "invalid" : "unknown";
}

const TONES: Readonly<Record<string, string>> = {
  valid: "good",
  invalid: "invalid",
  unknown: "unsure",
  running: "info",
  died: "unsure",
  failed: "unsure",
};
const MARKS: Readonly<Record<string, string>> = {
  valid: "✓",
  invalid: "✗",
  unknown: "?",
  running: "…",
  died: "†",
  failed: "!",
};

/** Returns a page of `serve`, with links to the other pages. */
export function page(title: string, ...content: readonly View[]): string {
  return pageText(
    element(
      "html",
      { lang: "en" },
      head(title, servePolicy()),
      element(
        "body",
        {},
        element(
          "main",
          {},
          element(
            "nav",
            { class: "bar-row", "aria-label": "Pages" },
            element("a", { href: "/" }, "Runs"),
            element("a", { href: "/trends" }, "Trends"),
          ),
          ...content,
        ),
      ),
    ),
  );
}

/** Returns the list of runs. */
export function listPage(runs: readonly RunSummary[], filter: RunFilter): string {
  const shown = filterRuns(runs, filter);
  const workloads = [...new Set(runs.map(({ workload }) => workload))].sort();
  return page(
    "Runs",
    element("h1", {}, "Runs"),
    element(
      "form",
      { class: "bar-row", role: "search" },
      choice("workload", workloads, filter.workload),
      choice("valid", ["valid", "invalid", "unknown", "running", "died", "failed"], filter.valid),
      element("label", {}, "text ", element("input", { name: "text", type: "search", value: filter.text })),
      element("button", { type: "submit" }, "Filter"),
    ),
    element(
      "p",
      { class: "dim" },
      `${shown.length} of ${plural(runs.length, "run")}${
        runs.length >= RUNS_LISTED_MAX ? " (the newest; older ones are not listed)" : ""
      }.`,
    ),
    shown.length === 0 ? null : element(
      "form",
      { action: "/compare" },
      element("p", {}, element("button", { type: "submit" }, "Compare a with b")),
      runTable(shown),
    ),
  );
}

function choice(name: string, options: readonly string[], chosen: string): View {
  return element(
    "label",
    {},
    `${name} `,
    element(
      "select",
      { name },
      element("option", { value: "" }, "all"),
      ...options.map((option) => element("option", { value: option, selected: option === chosen }, option)),
    ),
  );
}

function runTable(runs: readonly RunSummary[]): View {
  const heads = [
    "run",
    "verdict",
    "nodes",
    "rate",
    "faults",
    "operations",
    "msgs/op",
    "median ms",
    "longest ms",
    "a",
    "b",
  ];
  return table("Table of runs", {
    heads,
    rows: runs.map((run, i) => {
      const verdict = verdictName(run);
      const name = `${run.workload}/${run.time}`;
      const pick = (side: string, checked: boolean) =>
        element(
          "td",
          {},
          element("input", {
            type: "radio",
            name: side,
            value: name,
            checked,
            "aria-label": `${side}: ${name}`,
          }),
        );
      return element(
        "tr",
        {},
        element(
          "td",
          {},
          element(
            "a",
            { href: `/${verdict === "running" ? "live" : "run"}/${name}` },
            `${run.workload} ${dateOf(run.time)}`,
          ),
          " ",
          element("a", { class: "dim", href: `/files/${name}` }, "files"),
        ),
        element(
          "td",
          { class: TONES[verdict] },
          element("b", { style: "color:var(--tone)" }, `${MARKS[verdict]} ${verdict}`),
        ),
        ...[run.nodes, run.rate].map(cell),
        element("td", {}, run.faults || "none"),
        ...[run.operations, run.msgsPerOp, run.medianMs, run.maxMs].map(cell),
        pick("a", i === 0),
        pick("b", i === 1),
      );
    }),
  });
}

function cell(value: number | undefined): View {
  return element("td", {}, value === undefined ? "–" : numberText(value));
}

/** Returns the comparison of two runs: their figures, then their reports. */
export function comparePage(a: RunSummary, b: RunSummary): string {
  const rows: readonly (readonly [string, (run: RunSummary) => string | number | undefined])[] = [
    ["verdict", verdictName],
    ["workload", (run) => run.workload],
    ["nodes", (run) => run.nodes],
    ["rate", (run) => run.rate],
    ["latency ms", (run) => run.latencyMs],
    ["faults", (run) => run.faults || "none"],
    ["operations", (run) => run.operations],
    ["messages per operation", (run) => run.msgsPerOp],
    ["median stable latency, ms", (run) => run.medianMs],
    ["longest stable latency, ms", (run) => run.maxMs],
    ["arguments", (run) => run.arguments],
  ];
  const text = (value: string | number | undefined) =>
    value === undefined ? "–" : typeof value === "number" ? numberText(value) : value;
  const address = ({ workload, time }: RunName) => `/run/${workload}/${time}`;
  return page(
    "Two runs",
    element("h1", {}, "Comparison of two runs"),
    table("Table of figures", {
      heads: [
        "",
        ...[a, b].map((run) => element("a", { href: address(run) }, `${run.workload} ${dateOf(run.time)}`)),
        "b : a",
      ],
      rows: rows.map(([name, value]) => {
        const [left, right] = [value(a), value(b)];
        const ratio = typeof left === "number" && typeof right === "number" && left !== 0
          ? `${numberText(right / left)} ×`
          : "";
        const same = left === right;
        return element(
          "tr",
          {},
          element("th", { scope: "row" }, name),
          ...[left, right].map((one) =>
            element(
              "td",
              { style: "white-space:normal;max-width:420px" },
              same ? text(one) : element("b", {}, text(one)),
            )
          ),
          element("td", {}, same ? "same" : ratio),
        );
      }),
    }),
    element(
      "div",
      {
        style:
          "display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:10px;margin:16px 0",
      },
      ...[a, b].map((run, i) =>
        element("iframe", {
          src: address(run),
          title: `Report ${i === 0 ? "a" : "b"}: ${run.workload} ${dateOf(run.time)}`,
          style: "width:100%;height:85vh;border:1px solid var(--line);border-radius:6px;background:var(--bg)",
        })
      ),
    ),
  );
}

/** Returns the page of a run in progress. */
export function livePageOf({ workload, time }: RunName): string {
  const name = `${workload}/${time}`;
  const figure = (id: string, title: string) =>
    element(
      "div",
      { class: "figure" },
      element("h2", {}, title),
      element("div", { class: "value", id }, "–"),
    );
  return page(
    `Live: ${name}`,
    element(
      "h1",
      {},
      `${workload} ${dateOf(time)}: `,
      element("span", { id: "state", role: "status" }, "running"),
    ),
    element(
      "p",
      { id: "to-report", hidden: true },
      element("a", { href: `/run/${name}` }, "Open its report"),
    ),
    element(
      "section",
      { class: "figures" },
      figure("invoked", "Operations"),
      figure("pending", "Pending"),
      figure("faults", "Faults now"),
    ),
    element("h2", {}, "Completed operations per second"),
    element(
      "div",
      { class: "panel" },
      element("div", { id: "plot-live", class: "plot", role: "img", "aria-label": "Operations by second" }),
    ),
    dataView(DATA_ID, `/events/${name}`),
    ...scriptViews(liveScripts()),
  );
}

/** Returns the list of a run's files in the store. */
export function filesPage({ workload, time }: RunName, files: readonly string[]): string {
  const name = `${workload}/${time}`;
  return page(
    `Files of ${name}`,
    element("h1", {}, `${workload} ${dateOf(time)}: files`),
    element("p", {}, element("a", { href: `/run/${name}` }, "Report")),
    element(
      "ul",
      {},
      ...files.map((file) => element("li", {}, element("a", { href: `/run/${name}/${file}` }, file))),
    ),
  );
}

/** Returns the navigation from a report, which is a separate page, to the store. */
export function linkToStore({ workload, time }: RunName): string {
  return pageText(
    element(
      "nav",
      { class: "bar-row no-print link-to-store", "aria-label": "Store" },
      element("a", { href: "/" }, "Runs"),
      element("a", { href: `/files/${workload}/${time}` }, "Files of this run"),
    ),
  ).replace(/^<!doctype html>\s*/i, "");
}

/** Returns an error page. */
export function problemPage(title: string, text: string): string {
  return page(title, element("h1", {}, title), element("p", {}, text));
}
