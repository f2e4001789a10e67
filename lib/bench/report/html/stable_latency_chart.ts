/**
 * Draws the quantiles of stable latencies with the bounds of challenges.
 *
 * Tested by `tests/bench/report/findings_test.ts`.
 */

import { parseResult } from "../../store/parse_result.ts";
import type { Metric } from "../data/metrics.ts";
import { numberText } from "./text.ts";
import { element, type View } from "./elements.ts";

const WIDTH = 520;
const LEFT = 74;
const RIGHT = 90;
const ROW = 30;
const QUANTILES = [
  ["shortest", "shortest"],
  ["median", "median"],
  ["p95", "95 %"],
  ["p99", "99 %"],
  ["longest", "longest"],
] as const;

/** Returns the chart of a result's stable latencies; nothing if it has none. The bounds come from the figures. */
export function stableLatencyPicture(
  result: Readonly<Record<string, unknown>>,
  metrics: readonly Metric[],
): View {
  const latencies = parseResult(result).workload.set?.stableLatencies;
  if (latencies === undefined) return null;
  const values = QUANTILES.map(([quantile, name]) => ({
    name,
    quantile,
    value: latencies[quantile] ?? NaN,
  }));
  if (values.some(({ value }) => !Number.isFinite(value))) return null;
  const bounds = metrics.flatMap(({ quantile, bounds }) =>
    bounds.flatMap(({ text, under }) =>
      quantile === undefined || under === undefined ? [] : [{ quantile, text, at: under }]
    )
  );
  const max = Math.max(1, ...values.map(({ value }) => value), ...bounds.map(({ at }) => at)) * 1.05;
  const x = (ms: number) => LEFT + ms / max * (WIDTH - LEFT - RIGHT);
  const height = values.length * ROW + 8;
  const description = values.map(({ name, value }) => `${name} ${numberText(value)} ms`).join(", ");
  return element(
    "svg",
    {
      class: "quantiles",
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: "img",
      "aria-label": `Stable latencies: ${description}`,
    },
    ...values.flatMap(({ name, quantile, value }, i) => {
      const y = i * ROW + 4;
      return [
        element("text", { x: LEFT - 8, y: y + 15, "text-anchor": "end" }, name),
        element("rect", {
          class: "value",
          x: LEFT,
          y: y + 3,
          width: Math.max(2, x(value) - LEFT),
          height: 16,
          rx: 2,
        }),
        element("text", { x: x(value) + 6, y: y + 15 }, `${numberText(value)} ms`),
        ...bounds.filter((bound) => bound.quantile === quantile).flatMap(({ at, text }) => [
          element(
            "line",
            { class: "bound", x1: x(at), x2: x(at), y1: y - 3, y2: y + 25 },
            element("title", {}, text),
          ),
          element("text", { class: "bound", x: x(at) + 3, y: y + 27 }, text.split(":")[0] ?? ""),
        ]),
      ];
    }),
  );
}
