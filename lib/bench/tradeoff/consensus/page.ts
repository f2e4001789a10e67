/** The page that compares consensus engines. Tested by `tests/bench/tradeoff/consensus/page_test.ts`. */

import { numberText } from "../../report/html/text.ts";
import { element, table, type View } from "../../report/html/elements.ts";
import { framedPage, plotView, termsView, verdictCell } from "../page_frame.ts";
import { cellText } from "../table.ts";
import { answersOf } from "./answers.ts";
import type { ConsensusMeasurement } from "./figures.ts";
import { networkOf, NETWORKS, REGIONS_SOURCE } from "./networks.ts";
import { consensusPlots } from "./plot_specs.ts";
import type { ConsensusConditions } from "./setups.ts";
import { describeFaults, describeLoad, type FigureTable, tablesOf } from "./tables.ts";

/** Content of the page. */
export interface ConsensusContent {
  readonly conditions: ConsensusConditions;
  readonly measurements: readonly ConsensusMeasurement[];
  /** The command line that made the page. */
  readonly command: string;
}

/** Returns the page as self-contained HTML, which needs no network. */
export function consensusPage({ conditions, measurements, command }: ConsensusContent): string {
  const plots = consensusPlots(measurements, conditions);
  return framedPage({
    title: "Consensus engines side by side",
    plots: [...plots.values()].flat(),
    command,
    content: [
      element("ul", {}, ...answersOf(measurements, conditions).map((text) => element("li", {}, text))),
      element("p", { class: "dim" }, `${describeLoad(conditions)}. ${describeFaults(conditions)}`),
      ...NETWORKS.flatMap((name) => [
        element("h2", {}, titleOf(name, conditions)),
        name === "regions" ? element("p", { class: "dim" }, `Latencies: half the ${REGIONS_SOURCE}.`) : null,
        element("div", { class: "plots" }, ...(plots.get(name) ?? []).map(plotView)),
      ]),
      ...tablesOf(measurements, conditions).flatMap((
        each,
      ) => [element("h2", {}, each.title), tableView(each)]),
      element("div", { style: "margin-top: 18px" }, termsView(TERMS)),
    ],
  });
}

function titleOf(name: typeof NETWORKS[number], { latencyMs }: ConsensusConditions): string {
  const { title } = networkOf(name, latencyMs);
  return title.charAt(0).toUpperCase() + title.slice(1);
}

function tableView({ title, columns, measurements }: FigureTable): View {
  return table(title, {
    heads: [...columns.map(({ head }) => head), "verdict"],
    rows: measurements.map((measurement) =>
      element(
        "tr",
        {},
        ...columns.map(({ cell }) =>
          element("td", { style: "white-space: nowrap" }, cellText(cell(measurement), numberText))
        ),
        verdictCell(measurement.valid),
      )
    ),
  });
}

const TERMS: readonly (readonly [string, string])[] = [
  [
    "Latency",
    "from a client's request to the answer of its node, which is next to the client. Operations that fail are not counted " +
    "here, but under failed.",
  ],
  ["Hop", "the one-way latency between two nodes."],
  [
    "Conflicts",
    "the share of operations on one common key. All other operations use keys that belong to one client. Two reads of " +
    "the common key do not conflict.",
  ],
  [
    "Failed",
    "operations with an error or without an answer within 10 s. Those that were pending at a node when it died are among them.",
  ],
  [
    "Pause",
    "the longest time in which no client received an answer, of all surviving nodes together and of the surviving node with " +
    "the longest pause. At a low rate, a client may send nothing for some time: compare the row without a fault.",
  ],
  [
    "Ops/s",
    "completed operations per second, over all clients. Those that started before the measured time count, too.",
  ],
  ["Msgs/op", "messages between nodes per completed operation."],
  [
    "Engines",
    "Raft and EPaxos run lin-kv. Accord runs txn-list-append, with one operation per transaction, so that a write appends to a list.",
  ],
  [
    "Verdict",
    "whether the history of all clients is linearizable in every run, or strictly serializable if it consists of transactions.",
  ],
];
