/**
 * The figures of engines as tables, with the same rows in the terminal and on the page.
 *
 * Tested by `tests/bench/tradeoff/consensus/tables_test.ts`.
 */

import type { Style } from "../../terminal/style.ts";
import { shortNumber } from "../../format.ts";
import { alignedLines, cellText } from "../table.ts";
import { engineOf } from "./engines.ts";
import { type ConsensusMeasurement, nodePauseMs } from "./figures.ts";
import { type MeasuredNetwork, networkOf, NETWORKS } from "./networks.ts";
import { DEATH_AT, SLOW_WARM_UPS, SLOWDOWN, warmUpMs } from "./run.ts";
import {
  type ConsensusConditions,
  SCENARIO_CONFLICT_PERCENT,
  type ScenarioName,
  SCENARIOS,
} from "./setups.ts";

/** A column: its heading, the heading in a terminal, and its cells. */
export interface FigureColumn {
  readonly head: string;
  readonly short: string;
  readonly cell: (measurement: ConsensusMeasurement) => string | number | undefined;
}

/** A table. */
export interface FigureTable {
  readonly title: string;
  readonly columns: readonly FigureColumn[];
  readonly measurements: readonly ConsensusMeasurement[];
}

/** The names of scenarios. */
const SCENARIO_TITLES: Readonly<Record<ScenarioName, string>> = {
  "steady": "no fault",
  "dead": "one node dead",
  "slow": "one node slow",
  "slow-leader": "first node slow",
  "leader-dies": "first node dies",
};

/** Returns all tables: latency and scenarios of each network, then messages. */
export function tablesOf(
  measurements: readonly ConsensusMeasurement[],
  conditions: ConsensusConditions,
): FigureTable[] {
  const networks = NETWORKS.flatMap((name) => {
    const network = networkOf(name, conditions.latencyMs);
    const of = measurements.filter((each) => each.network === name && each.rate === conditions.rate);
    return [latencyTable(network, of), scenarioTable(network, of)];
  });
  return [...networks, messagesTable(measurements)];
}

const ENGINE: FigureColumn = {
  head: "engine",
  short: "engine",
  cell: ({ engine }) => engineOf(engine).title,
};
const COMPLETED: FigureColumn = {
  head: "ops/s",
  short: "ops/s",
  cell: ({ completedPerS }) => Math.round(completedPerS),
};
const FAILED: FigureColumn = {
  head: "failed, %",
  short: "failed%",
  cell: ({ failedShare }) => Number((failedShare * 100).toFixed(1)),
};
const MESSAGES: FigureColumn = {
  head: "msgs/op",
  short: "msgs/op",
  cell: ({ messagesPerOperation }) => messagesPerOperation,
};
const MEDIAN: FigureColumn = { head: "median, ms", short: "median", cell: ({ medianMs }) => whole(medianMs) };
const P99: FigureColumn = { head: "99 %, ms", short: "p99", cell: ({ p99Ms }) => whole(p99Ms) };

/** Returns the table of latency by the share of conflicts. */
function latencyTable(
  { title, places, codes, hopMs }: MeasuredNetwork,
  measurements: readonly ConsensusMeasurement[],
): FigureTable {
  const hops: FigureColumn[] = hopMs === undefined ? [] : [
    { head: "median, hops", short: "hops", cell: ({ medianMs }) => Number((medianMs / hopMs).toFixed(1)) },
    { head: "99 %, hops", short: "p99 hops", cell: ({ p99Ms }) => Number((p99Ms / hopMs).toFixed(1)) },
  ];
  return {
    title: `Latency of writes, ${title}`,
    columns: [
      ENGINE,
      { head: "conflicts, %", short: "confl%", cell: ({ conflictPercent }) => conflictPercent },
      ...places.map((place, node): FigureColumn => ({
        head: place,
        short: codes[node] ?? place,
        cell: ({ nodes }) => whole(nodes[node]?.medianMs),
      })),
      MEDIAN,
      P99,
      ...hops,
      { head: "reads, ms", short: "reads", cell: ({ readMedianMs }) => whole(readMedianMs) },
      COMPLETED,
      FAILED,
      MESSAGES,
    ],
    measurements: measurements.filter(({ scenario }) => scenario === "steady"),
  };
}

/** Returns the table of faults. */
function scenarioTable(
  { title }: MeasuredNetwork,
  measurements: readonly ConsensusMeasurement[],
): FigureTable {
  const rows = SCENARIOS.flatMap((name) =>
    measurements.filter(({ scenario, conflictPercent }) =>
      scenario === name && conflictPercent === SCENARIO_CONFLICT_PERCENT
    )
  );
  return {
    title: `Faults, ${title}, ${SCENARIO_CONFLICT_PERCENT} % conflicts`,
    columns: [
      { head: "fault", short: "fault", cell: ({ scenario }) => SCENARIO_TITLES[scenario] },
      ENGINE,
      MEDIAN,
      P99,
      { head: "longest, ms", short: "longest", cell: ({ longestMs }) => whole(longestMs) },
      { head: "pause of all nodes, ms", short: "pause", cell: ({ pauseMs }) => whole(pauseMs) },
      {
        head: "pause of one node, ms",
        short: "of one",
        cell: (measurement) => whole(nodePauseMs(measurement)),
      },
      COMPLETED,
      FAILED,
      MESSAGES,
    ],
    measurements: rows,
  };
}

/** Returns the table of messages at two rates. */
function messagesTable(measurements: readonly ConsensusMeasurement[]): FigureTable {
  return {
    title: "Messages between nodes, uniform links, no conflicts",
    columns: [
      ENGINE,
      { head: "offered ops/s", short: "offered", cell: ({ rate }) => rate },
      MESSAGES,
      MEDIAN,
      COMPLETED,
      FAILED,
    ],
    measurements: measurements.filter(({ network, scenario, conflictPercent }) =>
      network === "uniform" && scenario === "steady" && conflictPercent === 0
    ).sort((a, b) => a.rate - b.rate),
  };
}

/** Returns the lines of a table for a terminal. */
export function figureLines({ columns, measurements }: FigureTable, style: Style): string[] {
  return alignedLines(columns.map(({ short }) => short), {
    rows: measurements.map((measurement) => ({
      cells: columns.map(({ cell }) => cellText(cell(measurement), shortNumber)),
      valid: measurement.valid,
    })),
    style,
  });
}

/** Describes the load that all set-ups share. */
export function describeLoad(conditions: ConsensusConditions): string {
  const { rate, timeLimitS, readPercent, seeds } = conditions;
  const count = seeds.length === 1 ? `seed ${seeds[0]}` : `medians of ${seeds.length} seeds`;
  return `5 nodes with one client each, ${rate} operations/s over all clients as an open loop, ${readPercent} % reads, ` +
    `measured for ${shortNumber(timeLimitS)} s after ${
      shortNumber(warmUpMs(conditions) / 1000)
    } s of load, in virtual time; ${count}`;
}

/** Describes the faults. */
export function describeFaults({ timeLimitS }: ConsensusConditions): string {
  return `A leader, if the engine has one, is the first node. The dead or slow node is the last one, unless it is the first ` +
    `one. All links of a slow node take ${SLOWDOWN} times as long, and its warm-up takes ${SLOW_WARM_UPS} times as long. The node that dies does so after ` +
    `${shortNumber(timeLimitS * DEATH_AT)} s. The client of a dead node is dead, too.`;
}

function whole(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}
