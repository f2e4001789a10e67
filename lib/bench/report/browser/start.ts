/** Starts a report: unpacks its data and activates the diagrams. Tested by `tests/bench/report/browser_test.ts`. */

/// <reference lib="dom" />

import { faultKinds, type MessageColumns, type ReportData } from "../data/report_data.ts";
import { ClusterPicture } from "./cluster.ts";
import { drawnStates } from "./cluster_states.ts";
import { clusterShape } from "./cluster_layout.ts";
import { Details } from "./details.ts";
import type { Flights } from "./flights.ts";
import { bindPlayerKeys, isTyping } from "./keys.ts";
import { startOverview } from "./overview.ts";
import { Pane } from "./pane.ts";
import { Playback } from "./playback.ts";
import { LINGER_US, Player, showLegend } from "./player.ts";
import { drawPlot, latencyPoints, latencyQuantiles, messageRates, type PlotMaker, rates } from "./plots.ts";
import { RunModel } from "./run_model.ts";
import { SpaceTime } from "./space_time.ts";
import { StatesPanel } from "./states_panel.ts";
import { startStory } from "./story.ts";
import { onThemeChange, readTheme, type Theme } from "./theme.ts";
import type { TimeWindow } from "./time_window.ts";
import { Timeline } from "./timeline.ts";
import { typeGroups } from "./type_groups.ts";

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

/** The active parts of a report, for a page that contains it in a frame. */
export interface ReportHandle {
  readonly run: RunModel;
  /** The player; undefined if no messages were recorded. */
  readonly player: Player | undefined;
}

/** Activates the page. If the plot library fails to load, everything else still works. */
export async function startReport(plotMaker: PlotMaker | undefined): Promise<ReportHandle> {
  const data = await unpack(byId("data").textContent ?? "");
  const run = new RunModel(data);
  const { window, selection, cursor } = run;
  let colors = readTheme();
  const theme = () => colors;
  const tip = byId("tip");
  const details = new Details({ panel: byId("details"), status: byId("status"), data, window, selection });
  startStory(byId("story"), run);
  details.clear();
  const redraws: (() => void)[] = [];
  if (data.operations.lanes > 0) {
    const timeline = new Timeline({ ...data, window, selection });
    const pane = new Pane(canvasById("timeline"), { window, cursor, content: timeline, theme, tip });
    redraws.push(() => pane.redraw());
  }
  const { messages, nodes, faults, ends } = data;
  let player: Player | undefined;
  if (messages !== null && run.flights !== undefined) {
    player = startPlayer(run, { messages, flights: run.flights, theme });
    const spaceTime = new SpaceTime({ messages, nodes, faults, ends, window, selection });
    const pane = new Pane(canvasById("space-time"), { window, cursor, content: spaceTime, theme, tip });
    redraws.push(() => pane.redraw(), () => player?.redraw());
    bindFilters(spaceTime, { changed: () => pane.redraw(), details });
  }
  const redraw = () => redraws.forEach((each) => each());
  selection.onChange(redraw);
  startOverview(canvasById("overview"), { data, window, cursor, theme });
  bindButtons(window, details);
  bindFindings(run);
  bindRelation(run);
  bindEvidence(run);
  run.openAt(data.opening);
  const plots = () => drawPlots(plotMaker, { data, window, theme });
  plots();
  onThemeChange(() => {
    colors = readTheme();
    redraw();
    window.show(window.from, window.to);
    plots();
  });
  document.documentElement.dataset["ready"] = String(Math.round(performance.now()));
  return { run, player };
}

/** Starts the player of the cluster's picture. */
export function startPlayer(
  run: RunModel,
  { messages, flights, theme }: {
    readonly messages: MessageColumns;
    readonly flights: Flights;
    readonly theme: () => Theme;
  },
): Player {
  const nodes = run.data.nodes.length;
  const groups = typeGroups(messages, nodes);
  const shape = clusterShape(messages, nodes);
  const { scenes, selection } = run;
  const { states } = run.data;
  const drawn = states === null ? null : drawnStates(states, nodes);
  const picture = new ClusterPicture({
    messages,
    nodes,
    shape,
    flights,
    groups,
    scenes,
    selection,
    states: drawn,
  });
  const playback = new Playback(run.cursor, { fold: run.fold, flightUs: run.flightUs() });
  const scrub = fieldById("scrub");
  if (!(scrub instanceof HTMLInputElement)) throw new Error("#scrub is not an input");
  const player = new Player({
    canvas: canvasById("cluster"),
    play: byId("play"),
    scrub,
    clock: byId("clock"),
    speed: byId("speed"),
    unit: fieldById("unit"),
    tip: byId("tip"),
    moment: byId("moment"),
  }, { run, playback, picture, theme });
  showLegend(byId("cluster-legend"), { groups, kinds: faultKinds(run.data.faults) });
  const actions: readonly (readonly [string, () => void])[] = [
    ["step-back", () => player.step(-1)],
    ["step-on", () => player.step(1)],
    ["slower", () => player.changeSpeed(-1)],
    ["faster", () => player.changeSpeed(1)],
  ];
  for (const [id, action] of actions) byId(id).addEventListener("click", action);
  bindPlayerKeys(player);
  if (states !== null) {
    new StatesPanel(byId("states"), {
      states,
      nodes: run.data.nodes,
      cursor: run.cursor,
      newUs: () => LINGER_US * playback.speed,
      choose: (node) => selection.chooseActor(node),
    });
  }
  return player;
}

/** Draws the plots, or says that this is impossible. */
export function drawPlots(
  make: PlotMaker | undefined,
  { data, window, theme }: {
    readonly data: ReportData;
    readonly window: TimeWindow;
    readonly theme: () => Theme;
  },
): void {
  const specs = [
    ["plot-latency", latencyPoints(data)],
    ["plot-quantiles", latencyQuantiles(data)],
    ["plot-rate", rates(data)],
    ["plot-messages", messageRates(data)],
  ] as const;
  for (const [id, spec] of specs) {
    if (spec === undefined || document.getElementById(id) === null) continue;
    if (make !== undefined) drawPlot(byId(id), spec, { make, data, window, theme });
    else byId(id).textContent = "This browser could not load the plots.";
  }
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
    if (event.key === "Escape") details.clear();
    else if (event.key === "/" && !isTyping(event)) {
      event.preventDefault();
      document.getElementById("filter")?.focus();
    }
  });
}

/** Shows a finding in the diagrams when its button is clicked. */
export function bindFindings(run: RunModel): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-finding]")) {
    button.addEventListener("click", () => {
      const mark = run.data.findings.find(({ id }) => id === button.dataset["finding"]);
      if (mark === undefined) return;
      const margin = Math.max(5000, (mark.to - mark.from) * 0.25);
      const { operations } = mark;
      run.openAt({ from: mark.from - margin, to: mark.to + margin, at: mark.from, messages: [], operations });
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      byId("time").scrollIntoView({ behavior: calm ? "auto" : "smooth" });
    });
  }
}

/** Connects the buttons of evidence: they move the cursor, or select an operation. */
export function bindEvidence({ cursor, selection, window }: RunModel): void {
  for (const button of document.querySelectorAll<HTMLElement>(".evidence button")) {
    const { atUs, actor, operation } = button.dataset;
    button.addEventListener("click", () => {
      if (operation !== undefined) selection.chooseOperation(Number(operation));
      if (actor !== undefined) selection.chooseActor(Number(actor));
      if (atUs !== undefined) cursor.moveTo(Number(atUs));
      window.center(cursor.time);
    });
  }
}

/** Connects the field that selects the emphasized relation. `w` goes to the next one. */
export function bindRelation(run: RunModel): void {
  const field = document.getElementById("relation");
  if (!(field instanceof HTMLSelectElement)) return;
  const relations = ["past", "future", "none"] as const;
  const apply = () => run.relate(relations[field.selectedIndex] ?? "none");
  field.addEventListener("input", apply);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "w" || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    field.selectedIndex = (field.selectedIndex + 1) % relations.length;
    apply();
  });
}
