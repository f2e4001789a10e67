/**
 * The figures of a run: counts, measurements, and the bounds of challenges.
 *
 * Tested by `tests/bench/report/findings_test.ts`.
 */

import type { Bounds } from "../../run/bounds.ts";
import { isObject } from "../../../protocol/schema.ts";
import { challengesMatching } from "../../grade/challenges_matching.ts";
import { parseResult } from "../../store/parse_result.ts";
import type { ParsedResult } from "../../store/parsed_result.ts";
import { plural } from "../../format.ts";
import { numberText } from "../html/text.ts";

/** A bound of a figure, and whether the figure satisfies it. `under` is absent if all operations must succeed. */
export interface MetricBound {
  readonly text: string;
  readonly met: boolean;
  readonly under?: number;
}

/** A figure as shown. */
export interface Metric {
  readonly name: string;
  readonly text: string;
  /** The quantile, if the figure is one of the stable latencies. */
  readonly quantile?: "median" | "longest";
  /** The bounds of challenges. */
  readonly bounds: readonly MetricBound[];
  /** Meaning in a few words. */
  readonly description?: string;
}

/** Returns the bounds of the command line. */
function requestedBounds(test: Readonly<Record<string, unknown>>): readonly { id: string; bounds: Bounds }[] {
  const { bounds } = test;
  if (!isObject(bounds)) return [];
  const known = Object.entries(bounds).filter(([, bound]) => typeof bound === "number");
  return [{ id: "requested", bounds: Object.fromEntries(known) }];
}

/** Returns the figures of a run, the bounded ones first. `test` is the configuration in test.json. */
export function metricsOf(map: unknown, test: Readonly<Record<string, unknown>>): Metric[] {
  const result = parseResult(map);
  const challenges = challengesMatching(test);
  const bounded = (pick: (bounds: Bounds) => number | undefined, value: number) =>
    [...requestedBounds(test), ...challenges].flatMap(({ id, bounds }) => {
      const bound = pick(bounds);
      return bound === undefined ? [] : [{ text: `${id}: under ${bound}`, met: value < bound, under: bound }];
    });
  const metrics: Metric[] = [];
  const perOp = result.servers?.perOperation;
  if (perOp !== undefined) {
    metrics.push({
      name: "Messages per operation",
      text: numberText(perOp),
      bounds: bounded((bounds) => bounds.msgsPerOp, perOp),
      description: `${numberText(result.servers?.messageCount ?? 0)} between servers`,
    });
  }
  const latencies = result.workload.set?.stableLatencies;
  for (
    const [quantile, name, pick] of [
      ["median", "Median stable latency", (bounds: Bounds) => bounds.medianMs],
      ["longest", "Longest stable latency", (bounds: Bounds) => bounds.maxMs],
    ] as const
  ) {
    const value = latencies?.[quantile];
    if (value === undefined) continue;
    metrics.push({
      name,
      quantile,
      text: `${numberText(value)} ms`,
      bounds: bounded(pick, value),
      description: "from known to seen by every later read",
    });
  }
  const { okFraction: fraction, valid } = result.availability;
  if (fraction !== undefined) {
    const asked = test["availability"];
    const met = valid !== false;
    const total = challenges.filter(({ bounds }) => bounds.total === true);
    metrics.push({
      name: "Operations ok",
      text: `${numberText(Math.floor(fraction * 10_000) / 100)} %`,
      bounds: [
        ...(asked === null || asked === undefined
          ? []
          : [{ text: asked === "total" ? "required: all" : `required: ${Number(asked) * 100} %`, met }]),
        ...total.map(({ id }) => ({ text: `${id}: all`, met: fraction === 1 })),
      ],
    });
  }
  return [...metrics, ...countsOf(result)];
}

function countsOf({ stats, workload }: ParsedResult): Metric[] {
  const metrics: Metric[] = [];
  const { set, ids, registers, logs, isolation } = workload;
  if (stats.count !== undefined) {
    const { okCount, failCount, infoCount } = stats;
    metrics.push({
      name: "Operations",
      text: numberText(stats.count),
      bounds: [],
      description: `${numberText(okCount)} ok, ${numberText(failCount)} failed, ${
        numberText(infoCount)
      } indeterminate`,
    });
  }
  if (set?.attemptCount !== undefined) {
    const counts = [...set.counts].filter(([, count]) => count !== 0);
    metrics.push({
      name: "Elements",
      text: numberText(set.attemptCount),
      bounds: [],
      description: counts.map(([outcome, count]) => `${numberText(count)} ${outcome}`).join(", "),
    });
  }
  if (ids !== undefined) {
    metrics.push({
      name: "Ids",
      text: numberText(ids.acknowledgedCount),
      bounds: [],
      description: "acknowledged",
    });
  }
  if (registers?.count !== undefined) {
    const { count, failureCount: bad } = registers;
    metrics.push({
      name: "Registers",
      text: numberText(count),
      bounds: [],
      description: bad === 0 ? "all linearizable" : `${numberText(bad)} not linearizable`,
    });
  }
  const lag = logs?.worstLag;
  if (lag !== undefined && lag.lagS > 0) {
    metrics.push({
      name: "Longest lag of a poll",
      text: `${numberText(lag.lagS)} s`,
      bounds: [],
      description: `key ${lag.key}, process ${lag.process}`,
    });
  }
  if (isolation !== undefined && isolation.not.length > 0) {
    const { not, alsoNotCount: also } = isolation;
    metrics.push({
      name: "Not",
      text: not.join(", "),
      bounds: [],
      description: also === 0
        ? "the violated models"
        : `and therefore none of ${plural(also, "stronger model", numberText)}`,
    });
  }
  return metrics;
}
