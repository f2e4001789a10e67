/**
 * The comparison of engines in sentences that are made from the figures.
 *
 * Tested by `tests/bench/tradeoff/consensus/page_test.ts`.
 */

import { numberText } from "../../report/html/text.ts";
import { engineOf } from "./engines.ts";
import { type ConsensusMeasurement, nodePauseMs } from "./figures.ts";
import { networkOf } from "./networks.ts";
import { CONFLICTS_PERCENT, type ConsensusConditions } from "./setups.ts";

/** Returns one sentence per engine and question. */
export function answersOf(
  measurements: readonly ConsensusMeasurement[],
  { latencyMs, rate }: ConsensusConditions,
): string[] {
  const { places } = networkOf("regions", latencyMs);
  const most = CONFLICTS_PERCENT.at(-1) ?? 100;
  const usual = measurements.filter((each) => each.rate === rate);
  const sentences = (
    wanted: (each: ConsensusMeasurement) => boolean,
    sentence: (name: string, each: ConsensusMeasurement) => string,
  ) => usual.filter(wanted).map((each) => sentence(engineOf(each.engine).title, each));
  return [
    ...sentences(
      ({ network, scenario, conflictPercent }) =>
        network === "uniform" && scenario === "steady" && conflictPercent === 0,
      (name, { nodes }) => {
        const [first, ...others] = nodes.map((node) => (node?.medianMs ?? NaN) / latencyMs);
        return `${name}: without conflicts, a write takes ${hops(first)} at the first node and ${
          hops(Math.max(...others))
        } at the others, in the median.`;
      },
    ),
    ...sentences(
      ({ network, scenario, conflictPercent }) =>
        network === "uniform" && scenario === "steady" && conflictPercent === most,
      (name, { medianMs, p99Ms }) =>
        `${name}: if all operations use one key, the median is ${hops(medianMs / latencyMs)}, and ${
          hops(p99Ms / latencyMs)
        } at 99 %.`,
    ),
    ...sentences(
      ({ network, scenario, conflictPercent }) =>
        network === "regions" && scenario === "steady" && conflictPercent === 0,
      (name, { nodes }) =>
        `${name}: in the five regions, the median is ${
          nodes.map((node, i) => `${numberText(Math.round(node?.medianMs ?? NaN))} ms in ${places[i]}`).join(
            ", ",
          )
        }.`,
    ),
    ...sentences(
      ({ network, scenario }) => network === "uniform" && scenario === "leader-dies",
      (name, measurement) =>
        `${name}: when the first node dies, all others together pause for ${
          numberText(Math.round(measurement.pauseMs))
        } ms, a single one for ${
          numberText(Math.round(nodePauseMs(measurement)))
        } ms at most, and the slowest operation takes ${numberText(Math.round(measurement.longestMs))} ms.`,
    ),
  ];
}

function hops(count: number | undefined): string {
  return `${numberText(Number((count ?? NaN).toFixed(1)))} hops`;
}
