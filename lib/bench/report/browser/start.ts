/** Starts a report: unpacks its data and activates the diagrams. Tested by `tests/bench/report/browser_test.ts`. */

/// <reference lib="dom" />

import type { ReportData } from "../data/report_data.ts";
import { Details } from "./details.ts";
import { startOverview } from "./overview.ts";
import { Pane } from "./pane.ts";
import { drawPlot, latencyPoints, latencyQuantiles, messageRates, type PlotMaker, rates } from "./plots.ts";
import { Selection } from "./selection.ts";
import { SpaceTime } from "./space_time.ts";
import { onThemeChange, readTheme } from "./theme.ts";
import { TimeWindow } from "./time_window.ts";
import { Timeline } from "./timeline.ts";

/** Returns the element with this id. The page has every id that the scripts use. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page lacks #${id}`);
  return found;
}

/** Returns a canvas by its id. */
export function canvasById(id: string): HTMLCanvasElement {
  const found = byId(id);
  if (!(found instanceof HTMLCanvasElement)) throw new Error(`#${id} is not a canvas`);
  return found;
}

/** Returns a form field by its id. */
export function fieldById(id: string): HTMLInputElement | HTMLSelectElement {
  const found = byId(id);
  if (!(found instanceof HTMLInputElement || found instanceof HTMLSelectElement)) {
    throw new Error(`#${id} is not a form field`);
  }
  return found;
}

/** Unpacks the data, which the page contains in compressed form (gzip, base64). */
export async function unpack(packed: string): Promise<ReportData> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/** Activates the page. If the plot library fails to load, everything else still works. */
export async function startReport(plotMaker: PlotMaker | undefined): Promise<void> {
  const data = await unpack(byId("data").textContent ?? "");
  const window = new TimeWindow(data.beginUs, data.endUs);
  const selection = new Selection();
  let colors = readTheme();
  const theme = () => colors;
  const tip = byId("tip");
  const details = new Details({ panel: byId("details"), status: byId("status"), data, window, selection });
  details.clear();
  const panes: Pane[] = [];
  if (data.operations.lanes > 0) {
    const timeline = new Timeline({ ...data, window, selection });
    panes.push(new Pane(canvasById("timeline"), { window, content: timeline, theme, tip }));
  }
  if (data.messages !== null) {
    const { messages, nodes, faults } = data;
    const spaceTime = new SpaceTime({ messages, nodes, faults, ends: data.ends, window, selection });
    const pane = new Pane(canvasById("space-time"), { window, content: spaceTime, theme, tip });
    panes.push(pane);
    bindFilters(spaceTime, { changed: () => pane.redraw(), details });
  }
  selection.onChange(() => {
    window.focus = timeOf(selection, data);
    panes.forEach((pane) => pane.redraw());
  });
  startOverview(canvasById("overview"), { data, window, theme });
  bindButtons(window, details);
  bindFindings(data, { window, selection });
  const plots = () => {
    const specs = [
      ["plot-latency", latencyPoints(data)],
      ["plot-quantiles", latencyQuantiles(data)],
      ["plot-rate", rates(data)],
      ["plot-messages", messageRates(data)],
    ] as const;
    for (const [id, spec] of specs) {
      if (spec === undefined) continue;
      if (plotMaker !== undefined) drawPlot(byId(id), spec, { make: plotMaker, data, window, theme });
      else byId(id).textContent = "This browser could not load the plots.";
    }
  };
  plots();
  onThemeChange(() => {
    colors = readTheme();
    window.show(window.from, window.to);
    plots();
  });
  document.documentElement.dataset["ready"] = String(Math.round(performance.now()));
}

/** Returns the selected time: of a message, or the middle of the marked operations. */
export function timeOf(
  { message, operations }: Selection,
  { messages, operations: columns }: Pick<ReportData, "messages" | "operations">,
): number | undefined {
  const sent = messages?.sent[message];
  if (sent !== undefined) return (sent + Math.max(sent, messages?.resolved[message] ?? sent)) / 2;
  const times = [...operations].flatMap((row) => {
    const begin = columns.begin[row] ?? 0;
    return [begin, Math.max(begin, columns.end[row] ?? 0)];
  });
  return times.length === 0 ? undefined : (Math.min(...times) + Math.max(...times)) / 2;
}

/** Connects the fields above the space-time diagram. */
export function bindFilters(
  spaceTime: SpaceTime,
  { changed, details }: { readonly changed: () => void; readonly details: Details },
): void {
  const types = [...byId("types").querySelectorAll("input")];
  const apply = () => {
    const actor = fieldById("actor").value;
    const clients = byId("clients");
    const shown = spaceTime.filter({
      hiddenTypes: new Set(types.filter(({ checked }) => !checked).map(({ value }) => Number(value))),
      actor: actor === "" ? undefined : Number(actor),
      text: fieldById("filter").value,
      clients: clients instanceof HTMLInputElement && clients.checked,
    });
    byId("shown").textContent = `${shown} messages`;
    changed();
  };
  for (const field of [...types, byId("actor"), byId("filter"), byId("clients")]) {
    field.addEventListener("input", apply);
  }
  byId("follow-form").addEventListener("submit", (event) => {
    event.preventDefault();
    details.follow(fieldById("follow").value);
  });
  apply();
}

/** Connects the buttons that move the window. `/` focuses the filter, Escape resets everything. */
export function bindButtons(window: TimeWindow, details: Details): void {
  const actions: readonly (readonly [string, () => void])[] = [
    ["zoom-in", () => window.zoom(0.5)],
    ["zoom-out", () => window.zoom(2)],
    ["zoom-fit", () => window.fit()],
    ["pan-left", () => window.pan(-0.3)],
    ["pan-right", () => window.pan(0.3)],
    ["clear", () => details.clear()],
  ];
  for (const [id, action] of actions) byId(id).addEventListener("click", action);
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === "Escape") details.clear();
    else if (event.key === "/" && !typing) {
      event.preventDefault();
      document.getElementById("filter")?.focus();
    }
  });
}

/** Shows a finding in the timeline when it is clicked. */
export function bindFindings(
  data: ReportData,
  { window, selection }: { readonly window: TimeWindow; readonly selection: Selection },
): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-finding]")) {
    button.addEventListener("click", () => {
      const mark = data.findings.find(({ id }) => id === button.dataset["finding"]);
      if (mark === undefined) return;
      selection.markOperations(mark.operations);
      const margin = Math.max(5000, (mark.to - mark.from) * 0.25);
      window.show(mark.from - margin, mark.to + margin);
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      byId("time").scrollIntoView({ behavior: calm ? "auto" : "smooth" });
    });
  }
}
