/** The points as a table, with the same columns in the terminal and on the page. */

import { figureText } from "../report/html/text.ts";
import { figure, type Style } from "../terminal/summary.ts";
import { type Bound, inside } from "./bounds.ts";
import type { Line, Point } from "./measurements.ts";

/** A column: its heading and its cells. */
export interface Column {
  readonly head: string;
  /** The heading in a narrow table. */
  readonly short: string;
  readonly cell: (point: Point) => string | number | undefined;
}

/** Returns the columns of these points. `bounds` are those of the test, if it has any. */
export function columnsOf(points: readonly Point[], bounds: readonly Bound[]): Column[] {
  return [
    { head: "strategy", short: "strategy", cell: ({ way }) => way },
    ...(isGrowing(points) ? [{ head: "nodes", short: "nodes", cell: ({ nodes }: Point) => nodes }] : []),
    { head: "fan-out", short: "fan-out", cell: ({ fanOut }) => fanOut },
    { head: "allowed ms", short: "allowed", cell: ({ allowedMs }) => allowedMs },
    {
      head: "messages/op",
      short: "msgs/op",
      cell: ({ messagesPerOperation }) => messagesPerOperation,
    },
    { head: "frontier", short: "frontier", cell: ({ floor }) => floor },
    { head: "× frontier", short: "times", cell: timesTheFloor },
    { head: "median ms", short: "median", cell: ({ medianMs }) => medianMs },
    { head: "longest ms", short: "longest", cell: ({ longestMs }) => longestMs },
    ...(bounds.length === 0 ? [] : [{
      head: "inside",
      short: "inside",
      cell: (point: Point) => inside(point, bounds).join(" "),
    }]),
  ];
}

/** Returns the ratio of a point's cost to the frontier at the point's longest latency. */
export function timesTheFloor({ messagesPerOperation, floor }: Point): number | undefined {
  return floor === undefined || floor === 0 ? undefined : messagesPerOperation / floor;
}

/** True if the points are of clusters of several sizes. */
export function isGrowing(points: readonly Point[]): boolean {
  return new Set(points.map(({ nodes }) => nodes)).size > 1;
}

/** Returns the lines of the table for a terminal. A row that is not valid says so at its end. */
export function tableLines(
  points: readonly Point[],
  { bounds, style }: { readonly bounds: readonly Bound[]; readonly style: Style },
): string[] {
  const columns = columnsOf(points, bounds);
  const rows = [
    columns.map(({ short }) => short),
    ...points.map((point) => columns.map(({ cell }) => cellText(cell(point), figure))),
  ];
  const widths = columns.map((_, i) => Math.max(...rows.map((cells) => cells[i]?.length ?? 0)));
  return rows.map((cells, row) => {
    const text = cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))
      .join("  ").trimEnd();
    const valid = points[row - 1]?.valid ?? true;
    if (row === 0) return style.dim(text);
    return valid === true ? text : style.bad(`${text}  ${valid === false ? "invalid" : "unknown"}`);
  });
}

/** Describes the test that all points share. */
export function describeLine({ rate, latencyMs, timeLimitS, seeds }: Line, points: readonly Point[]): string {
  const counts = [...new Set(points.map(({ nodes }) => nodes))];
  const nodes = counts.length === 1 ? `${figureText(counts[0] ?? 0)} nodes` : `${counts.join(", ")} nodes`;
  return `${nodes}, ${figureText(rate)} operations/s for ${figureText(timeLimitS)} s, ${
    figureText(latencyMs)
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
