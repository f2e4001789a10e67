/** The interactive parts of a report's page: diagrams and plots. Tested by `tests/bench/report/findings_test.ts`. */

import { DIAGRAM_KEYS, PLAYER_KEYS } from "../browser/keys.ts";
import { FAULT_COLOURS } from "../browser/theme.ts";
import { faultKinds, type ReportData } from "../data/report_data.ts";
import { evidenceView } from "./evidence.ts";
import { numberText } from "./text.ts";
import { element, type View } from "./elements.ts";

const SHOWN_TYPES_MAX = 40;
/** Returns the run as the page shows it: the player, the operations, the messages, and the panels next to them. */
export function timeView(
  data: ReportData,
  { figures, isFailed }: { readonly figures: View; readonly isFailed: boolean },
): View {
  return element(
    "section",
    { id: "time", class: "split", "aria-label": "Run" },
    element("div", { class: "stage" }, playerView(data)),
    element(
      "aside",
      { class: "side", "aria-label": "Explanation of the picture" },
      element("div", { id: "story", class: "panel no-print", hidden: true }),
      evidenceView(data),
      element("div", { id: "details", class: "panel no-print", "aria-live": "polite" }),
      isFailed ? null : figures,
      data.states === null && (data.logs?.at.length ?? 0) === 0 ? null : element("div", {
        id: "states",
        class: "panel scroll-y",
        tabindex: "0",
        role: "group",
        "aria-label": "States",
      }),
      isFailed ? figures : null,
    ),
    element(
      "div",
      { class: "rest" },
      controlsView(),
      operationsView(data),
      messagesView(data),
      helpView(data),
    ),
  );
}

/** Returns the overview and the buttons that move the window. They stay in sight while the page scrolls. */
function controlsView(): View {
  const button = (id: string, text: string, label: string) =>
    element("button", { type: "button", id, "aria-label": label, title: label }, text);
  return element(
    "div",
    { class: "sticky no-print" },
    element(
      "div",
      { class: "diagram strip" },
      element("canvas", {
        id: "overview",
        role: "img",
        "aria-label": "The whole run; drag over it to select a time span",
      }),
    ),
    element(
      "div",
      { class: "bar-row" },
      button("zoom-in", "+", "Zoom in"),
      button("zoom-out", "−", "Zoom out"),
      button("zoom-fit", "All", "All: show the whole run"),
      button("pan-left", "←", "Earlier"),
      button("pan-right", "→", "Later"),
      button("clear", "Clear", "Clear marks and followed messages"),
      element(
        "label",
        {},
        "Light up the selection's ",
        element(
          "select",
          { id: "relation" },
          ...["causal past", "causal future", "nothing else"].map((text) => element("option", {}, text)),
        ),
      ),
      element("span", { id: "status", class: "dim", role: "status" }),
    ),
  );
}

function operationsView({ operations, faults }: ReportData): View {
  return [
    element("h3", {}, "Operations"),
    operations.lanes === 0 ? element("p", { class: "dim" }, "The run has no operations.") : diagram(
      "timeline",
      `The ${operations.begin.length} client operations over time, one row per thread.`,
    ),
    element(
      "ul",
      { class: "legend" },
      legend("", "ok", "ok"),
      legend("half", "fail", "failed: it did not happen"),
      legend("open", "info", "indeterminate: it may have happened"),
      ...faultKinds(faults).map((kind, i) => legend("", `fault-${i % FAULT_COLOURS}`, `fault: ${kind}`)),
    ),
  ];
}

function messagesView(data: ReportData): View {
  const { messages, nodes } = data;
  const title = element("h3", { style: "margin-top:18px" }, "Messages");
  if (messages === null) {
    const missing =
      "No messages were recorded. Run the test with --report or --log-messages to see them here.";
    return [title, element("p", { class: "dim" }, missing)];
  }
  return [
    title,
    messageControls(data),
    diagram(
      "space-time",
      `${messages.sent.length} messages between ${nodes.length} nodes, services and clients over time.`,
    ),
    element(
      "ul",
      { class: "legend" },
      element("li", {}, "Colors of types as in the picture; faint: from or to a client"),
      legend("dash", "bad", "not delivered: lost, partitioned, or receiver down"),
      legend("line", "follow", "followed, or related to the selection"),
    ),
  ];
}

function helpView({ messages }: ReportData): View {
  return element(
    "details",
    { class: "no-print", id: "help" },
    element("summary", {}, "Keys and gestures"),
    messages === null ? null : element("p", { class: "dim" }, "Anywhere: ", ...keysView(PLAYER_KEYS)),
    element("p", { class: "dim" }, "With a diagram in focus: ", ...keysView(DIAGRAM_KEYS)),
    element(
      "p",
      { class: "dim" },
      "Drag a diagram to move, double-click or use Ctrl and the wheel to zoom. A click moves the cursor, " +
        "or selects what it hits. Time without any event is folded: ⋯ with its duration.",
    ),
  );
}

function keysView(keys: readonly (readonly [string, string])[]): View[] {
  return keys.flatMap(([key, effect], i) => [
    element("kbd", {}, key),
    ` ${effect}${i + 1 < keys.length ? ", " : "."}`,
  ]);
}

/** Returns the cluster's picture with its controls, if there are messages. */
function playerView({ messages, nodes }: ReportData): View {
  if (messages === null) return null;
  const button = (id: string, text: string, label: string) =>
    element("button", { type: "button", id, "aria-label": label, title: label }, text);
  return element(
    "div",
    { class: "player" },
    diagram(
      "cluster",
      `${nodes.length} nodes, and the messages on their way at the cursor's time. Left and right step, space plays.`,
      "",
    ),
    element("p", { id: "moment", class: "dim moment", role: "status" }),
    element(
      "div",
      { class: "bar-row no-print" },
      element("button", { type: "button", id: "play" }, "▶ Play"),
      button("step-back", "◂", "Previous"),
      button("step-on", "▸", "Next"),
      element(
        "select",
        { id: "unit", "aria-label": "Unit of a step" },
        element("option", { value: "event" }, "event"),
        element("option", { value: "message" }, "message"),
        element("option", { value: "node" }, "event at a node"),
      ),
      element("input", { type: "range", id: "scrub", min: 0, max: 10_000, value: 0, "aria-label": "Time" }),
      element("span", { id: "clock", class: "clock" }),
      button("slower", "−", "Slower"),
      element("span", { id: "speed", class: "speed" }),
      button("faster", "+", "Faster"),
    ),
    element("ul", { id: "cluster-legend", class: "legend" }),
  );
}

function legend(form: string, color: string, text: string): View {
  return element("li", {}, element("i", { class: form, style: `--swatch: var(--${color})` }), text);
}

const DIAGRAM_HELP = "Arrow keys move, plus and minus zoom, n and p select the next and the previous item.";

function diagram(id: string, label: string, help = DIAGRAM_HELP): View {
  return element(
    "div",
    { class: "diagram" },
    element("canvas", {
      id,
      tabindex: "0",
      role: "application",
      "aria-label": `${label} ${help}`.trim(),
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
          element("input", { id: "follow", placeholder: "17, or entry 3", size: 14, autocomplete: "off" }),
        ),
        element("button", { type: "submit" }, "Show its spread"),
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
        "show a line for clients",
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
          element("span", { class: "dim" }, numberText(count)),
        )
      ),
    ),
  ];
}

/** Returns the plots. `stableLatencies` is a separate picture. */
export function plotsView(data: ReportData, stableLatencies: View): View {
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
      "Select a range in a plot with the mouse to show it in the diagrams above.",
    ),
    element(
      "div",
      { class: "plots" },
      plot("plot-latency", "Latency of single operations"),
      plot("plot-quantiles", "Latency quantiles of successful operations"),
      plot("plot-rate", "Completed operations per second"),
      data.traffic === null ? null : plot("plot-messages", "Messages sent per second"),
      stableLatencies === null ? null : element(
        "div",
        { class: "panel" },
        element("h3", {}, "Stable latency: from known to seen by every later read"),
        stableLatencies,
      ),
    ),
  );
}
