/** The playground's page: one self-contained file. Tested by `tests/bench/playground/page_test.ts`. */

import { dataView, element, pageText, raw, scriptViews, type View } from "../report/html/elements.ts";
import { policyOf } from "../report/html/policy.ts";
import { head } from "../report/html/report_page.ts";
import { PAGE_IDS, type PageData } from "./page_data.ts";
import { PLAY_STYLE } from "./style.ts";

/** The scripts of the page. */
export interface PlayScripts {
  readonly page: string;
  readonly worker: string;
  /** The scripts of a report in a frame. */
  readonly plots: string;
  readonly report: string;
}

/** Returns the page. Its policy permits its own scripts and those it makes, and no connection. */
export function playgroundPage(data: PageData, scripts: PlayScripts): string {
  const policy = policyOf(
    [scripts.page, scripts.plots, scripts.report],
    "worker-src blob:; connect-src 'none'; form-action 'none'",
  ).replace("script-src ", "script-src blob: ");
  return pageText(
    element(
      "html",
      { lang: "en" },
      head("Charybdis playground", policy),
      element(
        "body",
        { class: "play" },
        raw("style", {}, PLAY_STYLE),
        headerView(),
        element("main", { class: "play-main" }, writeView(), seeView()),
        element("div", {
          id: "hand-menu",
          class: "hand-menu",
          role: "group",
          "aria-label": "Interventions",
          hidden: true,
        }),
        dataView(PAGE_IDS.data, data),
        inert(PAGE_IDS.worker, scripts.worker),
        inert(PAGE_IDS.plots, scripts.plots),
        inert(PAGE_IDS.report, scripts.report),
        ...scriptViews([scripts.page]),
      ),
    ),
  );
}

/** Returns a script that the page hands to a worker or to a frame. */
function inert(id: string, script: string): View {
  return raw("script", { type: "text/plain", id }, script);
}

function button(
  id: string,
  text: string,
  title: string,
  more: Readonly<Record<string, string | boolean>> = {},
): View {
  return element("button", { type: "button", id, title, ...more }, text);
}

function headerView(): View {
  return element(
    "header",
    { class: "play-head" },
    element("h1", {}, "Charybdis playground"),
    element(
      "label",
      {},
      "Node ",
      element("select", { id: "subject" }),
    ),
    element(
      "label",
      {},
      "Seed ",
      element("input", { id: "seed", size: 8, inputmode: "numeric", value: "1" }),
    ),
    button("run", "▶ Run", "Run the test (Ctrl-Enter)", { class: "primary" }),
    button("stop", "■ Stop", "Stop", { hidden: true }),
    button("next-seed", "Next seed", "Run with the next seed"),
    button("sweep", "Sweep", "Run many seeds on all cores, and shrink the first failing run"),
    button("share", "Copy link", "Copy an address that holds the code, the options and the interventions"),
    button("save-case", "case.json", "Download the run as a case for charybdis replay", { disabled: true }),
    button("save-history", "history.jsonl", "Download the history", { disabled: true }),
  );
}

function writeView(): View {
  return element(
    "section",
    { class: "write", "aria-label": "Node and options" },
    element("section", { id: "tries", class: "panel tries", "aria-label": "Things to try" }),
    element(
      "details",
      { id: "code-part", open: true },
      element("summary", {}, "Code ", element("span", { id: "code-state", class: "dim" })),
      element("div", { id: "editor" }),
      element(
        "div",
        { class: "bar-row" },
        button("reset", "Original code", "Replace the code with that of the built-in node"),
        button("save-code", "node.ts", "Download the code"),
      ),
      element(
        "p",
        { class: "dim small" },
        "Types are stripped in this page. Nothing is sent anywhere. Tab indents; Escape, then Tab leaves the editor.",
      ),
    ),
    element(
      "details",
      { id: "option-part" },
      element("summary", {}, "Options and faults"),
      element("div", { id: "options" }),
      element("p", { id: "option-help", class: "dim small", role: "status" }),
    ),
    element("pre", { id: "command", tabindex: "0", "aria-label": "The same run on the command line" }),
  );
}

function seeView(): View {
  return element(
    "section",
    { class: "see", "aria-label": "Run" },
    element("p", { id: "status", class: "status", role: "status" }, "Press Run."),
    element("div", { id: "problem", class: "problem", role: "alert", hidden: true }),
    element("div", { id: "sweep-result", class: "panel", hidden: true }),
    element("section", { id: "hands", class: "panel", hidden: true, "aria-label": "By hand" }),
    element("iframe", { id: "report", title: "Report of the run", hidden: true }),
  );
}
