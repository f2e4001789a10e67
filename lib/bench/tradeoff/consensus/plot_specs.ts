/** The plots of consensus engines. Tested by `tests/bench/tradeoff/consensus/page_test.ts`. */

import type { TradeoffPlot, TradeoffSeries } from "../plots.ts";
import { type EngineName, engineOf } from "./engines.ts";
import { BIN_MS, type ConsensusFigures, type ConsensusMeasurement, type NodeFigures } from "./figures.ts";
import { type MeasuredNetwork, type NetworkName, networkOf, NETWORKS } from "./networks.ts";
import { DEATH_AT } from "./run.ts";
import { type ConsensusConditions, SCENARIO_CONFLICT_PERCENT } from "./setups.ts";

/** The colors of engines, in the order in which they are measured. */
const COLORS = ["follow", "ok", "fail", "info"] as const satisfies readonly TradeoffSeries["color"][];

/** The width of the line that is drawn last, and the difference to the line before, in px. */
const WIDTH = 1.5;
const WIDTH_STEP = 1.5;

/** The dashes of the less usual case. */
const DASH = [6, 4] as const;

/** Returns the plots of each network: latency against conflicts, latency by place, and operations around a death. */
export function consensusPlots(
  measurements: readonly ConsensusMeasurement[],
  conditions: ConsensusConditions,
): ReadonlyMap<NetworkName, readonly TradeoffPlot[]> {
  return new Map(NETWORKS.map((name) => {
    const network = networkOf(name, conditions.latencyMs);
    const of = measurements.filter((each) => each.network === name && each.rate === conditions.rate);
    return [name, [conflictPlot(network, of), placePlot(network, of), deathPlot(network, of, conditions)]];
  }));
}

/** Returns the plot of latency against the share of conflicts. */
function conflictPlot(
  { name }: MeasuredNetwork,
  measurements: readonly ConsensusMeasurement[],
): TradeoffPlot {
  const steady = measurements.filter(({ scenario }) => scenario === "steady");
  const lines: readonly (readonly [string, readonly number[], (figures: ConsensusFigures) => number])[] = [
    ["median", [], ({ medianMs }) => medianMs],
    ["99 %", DASH, ({ p99Ms }) => p99Ms],
  ];
  return {
    id: `plot-${name}-conflicts`,
    title: "Latency of writes against conflicts",
    xLabel: "operations on the common key, %",
    yLabel: "latency, ms",
    logarithmic: false,
    series: byEngine(steady, (engine, color, of) =>
      lines.map(([label, dash, latencyOf]) => ({
        ...lineOf(`${engineOf(engine).title}, ${label}`, color),
        dash,
        points: of.flatMap((each) => pointsAt(each.conflictPercent, latencyOf(each))),
      }))),
    bounds: [],
  };
}

/** Returns the plot of latency by place. */
function placePlot(
  { name, places }: MeasuredNetwork,
  measurements: readonly ConsensusMeasurement[],
): TradeoffPlot {
  const lines: readonly PlaceLine[] = [
    {
      label: "median without conflicts",
      conflictPercent: 0,
      dash: [],
      latencyOf: ({ medianMs }) => medianMs,
    },
    {
      label: `99 % with ${SCENARIO_CONFLICT_PERCENT} % conflicts`,
      conflictPercent: SCENARIO_CONFLICT_PERCENT,
      dash: DASH,
      latencyOf: ({ p99Ms }) => p99Ms,
    },
  ];
  const steady = measurements.filter(({ scenario }) => scenario === "steady");
  return {
    id: `plot-${name}-places`,
    title: `Latency of writes at each ${name === "regions" ? "region" : "node"}`,
    xLabel: name === "regions" ? "region of the client and its node" : "node of the client",
    yLabel: "latency, ms",
    logarithmic: false,
    xNames: places,
    series: byEngine(
      steady,
      (engine, color, of) =>
        lines.flatMap(({ label, conflictPercent, dash, latencyOf }) =>
          of.filter((each) => each.conflictPercent === conflictPercent).map(({ nodes }) => ({
            ...lineOf(`${engineOf(engine).title}, ${label}`, color),
            dash,
            points: nodes.flatMap((node, i) => pointsAt(i, node && latencyOf(node))),
          }))
        ),
    ),
    bounds: [],
  };
}

interface PlaceLine {
  readonly label: string;
  readonly conflictPercent: number;
  readonly dash: readonly number[];
  readonly latencyOf: (figures: NodeFigures) => number;
}

/** Returns a list of one point. It is empty for a missing figure, because JSON has no NaN. */
function pointsAt(x: number, y: number | undefined): (readonly [number, number])[] {
  return y === undefined || Number.isNaN(y) ? [] : [[x, y]];
}

/** Returns the plot of completed operations over time, around a death. */
function deathPlot(
  { name }: MeasuredNetwork,
  measurements: readonly ConsensusMeasurement[],
  { timeLimitS }: ConsensusConditions,
): TradeoffPlot {
  const deaths = measurements.filter(({ scenario }) => scenario === "leader-dies");
  return {
    id: `plot-${name}-death`,
    title: "Completed operations while the first node dies",
    xLabel: "time, s",
    yLabel: "operations per second at the other nodes",
    logarithmic: false,
    series: byEngine(deaths, (engine, color, of) =>
      of.map(({ completions }) => ({
        ...lineOf(engineOf(engine).title, color),
        marked: false,
        points: completions.map((perS, bin): [number, number] => [(bin + 0.5) * BIN_MS / 1000, perS]),
      }))),
    bounds: [{ axis: "x", at: timeLimitS * DEATH_AT, text: "the first node dies" }],
  };
}

function byEngine(
  measurements: readonly ConsensusMeasurement[],
  seriesOf: (
    engine: EngineName,
    color: TradeoffSeries["color"],
    of: readonly ConsensusMeasurement[],
  ) => readonly TradeoffSeries[],
): TradeoffSeries[] {
  const engines = [...new Set(measurements.map(({ engine }) => engine))];
  return engines.flatMap((engine, i) => {
    // Engines often have equal figures. Lines that are drawn earlier are wider, so that all of them are visible.
    const width = WIDTH + (engines.length - 1 - i) * WIDTH_STEP;
    const of = measurements.filter((each) => each.engine === engine);
    return seriesOf(engine, COLORS[i % COLORS.length] ?? "ink", of).map((series) => ({ ...series, width }));
  });
}

function lineOf(label: string, color: TradeoffSeries["color"]): Omit<TradeoffSeries, "points"> {
  return { label, color, dash: [], width: WIDTH, marked: true, shaded: false };
}
