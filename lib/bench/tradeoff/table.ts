/**
 * The points as a table, with the same columns in the terminal and on the page.
 *
 * Tested by `tests/bench/tradeoff/measurements_test.ts`.
 */

import type { Validity } from "../../checkers/result.ts";
import { numberText } from "../report/html/text.ts";
import type { Style } from "../terminal/style.ts";
import { shortNumber } from "../format.ts";
import { type Bound, inside } from "./bounds.ts";
import type { Conditions, Measurement } from "./measurements.ts";

/** A column: its heading and its cells. */
export interface Column {
  readonly head: string;
  /** The heading in a narrow table. */
  readonly short: string;
  readonly cell: (measurement: Measurement) => string | number | undefined;
}

/** Returns the columns of these points. `bounds` are those of the test, if it has any. */
export function columnsOf(measurements: readonly Measurement[], bounds: readonly Bound[]): Column[] {
  return [
    { head: "strategy", short: "strategy", cell: ({ strategy }) => strategy },
    ...(isGrowing(measurements)
      ? [{ head: "nodes", short: "nodes", cell: ({ nodes }: Measurement) => nodes }]
      : []),
    { head: "fan-out", short: "fan-out", cell: ({ fanOut }) => fanOut },
    { head: "allowed ms", short: "allowed", cell: ({ latencyBudgetMs }) => latencyBudgetMs },
    {
      head: "messages/op",
      short: "msgs/op",
      cell: ({ messagesPerOperation }) => messagesPerOperation,
    },
    { head: "frontier", short: "frontier", cell: ({ frontierMessages }) => frontierMessages },
    { head: "× frontier", short: "times", cell: timesTheFrontier },
    { head: "median ms", short: "median", cell: ({ medianMs }) => medianMs },
    { head: "longest ms", short: "longest", cell: ({ longestMs }) => longestMs },
    ...(bounds.length === 0 ? [] : [{
      head: "inside",
      short: "inside",
      cell: (measurement: Measurement) => inside(measurement, bounds).join(" "),
    }]),
  ];
}

/** Returns the ratio of a point's cost to the frontier at the point's longest latency. */
function timesTheFrontier(
  { messagesPerOperation, frontierMessages }: Measurement,
): number | undefined {
  return frontierMessages === undefined || frontierMessages === 0
    ? undefined
    : messagesPerOperation / frontierMessages;
}

/** True if the points are of clusters of several sizes. */
export function isGrowing(measurements: readonly Measurement[]): boolean {
  return new Set(measurements.map(({ nodes }) => nodes)).size > 1;
}

/** Returns the lines of the table for a terminal. A row that is not valid is marked at its end. */
export function tableLines(
  measurements: readonly Measurement[],
  { bounds, style }: { readonly bounds: readonly Bound[]; readonly style: Style },
): string[] {
  const columns = columnsOf(measurements, bounds);
  return alignedLines(columns.map(({ short }) => short), {
    rows: measurements.map((measurement) => ({
      cells: columns.map(({ cell }) => cellText(cell(measurement), shortNumber)),
      valid: measurement.valid,
    })),
    style,
  });
}

/** Returns what was found in each row that is not valid, and the command that shows it. */
export function failureLines(measurements: readonly Measurement[], program: string): string[] {
  return measurements.flatMap(({ strategy, latencyBudgetMs, nodes, failure, arguments: args }) => {
    if (failure === undefined) return [];
    const allowed = latencyBudgetMs === undefined ? "" : ` with ${numberText(latencyBudgetMs)} ms allowed`;
    const { seed, found } = failure;
    return [
      `${strategy}${allowed}, ${nodes} nodes, seed ${seed}: ${found || "no verdict"}. To see it:`,
      `  ${program} test --seed ${seed} ${args.join(" ")}`,
    ];
  });
}

/** Returns a table as lines, with the first column aligned to the left. A row that is not valid is marked at its end. */
export function alignedLines(
  heads: readonly string[],
  { rows, style }: {
    readonly rows: readonly { readonly cells: readonly string[]; readonly valid: Validity }[];
    readonly style: Style;
  },
): string[] {
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0))
  );
  const lineOf = (cells: readonly string[]) =>
    cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))
      .join("  ").trimEnd();
  return [
    style.dim(lineOf(heads)),
    ...rows.map(({ cells, valid }) =>
      valid === true
        ? lineOf(cells)
        : style.bad(`${lineOf(cells)}  ${valid === false ? "invalid" : "unknown"}`)
    ),
  ];
}

/** Describes the test that all points share. */
export function describeConditions(
  { rate, latencyMs, timeLimitS, seeds }: Conditions,
  measurements: readonly Measurement[],
): string {
  const counts = [...new Set(measurements.map(({ nodes }) => nodes))];
  const nodes = counts.length === 1 ? `${numberText(counts[0] ?? 0)} nodes` : `${counts.join(", ")} nodes`;
  return `${nodes}, ${numberText(rate)} operations/s for ${numberText(timeLimitS)} s, ${
    numberText(latencyMs)
  } ms from node to node, in virtual time; ${
    seeds.length === 1
      ? `seed ${seeds[0]}`
      : `medians of ${seeds.length} seeds, worst case for the longest latencies`
  }`;
}

/** Returns the text of a cell; a dash if the figure is missing. */
export function cellText(value: string | number | undefined, figureOf: (value: number) => string): string {
  if (typeof value === "string") return value;
  return value === undefined || !Number.isFinite(value) ? "–" : figureOf(value);
}
