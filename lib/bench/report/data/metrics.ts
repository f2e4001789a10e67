/** The figures of a run: counts, measurements, and the bounds of challenges. */

import { isObject } from "../../../protocol/schema.ts";
import type { Bounds } from "../../grade/challenges.ts";
import { challengesMatching } from "../../grade/challenges_matching.ts";
import { getNumber } from "../../store/result_map.ts";
import { plural } from "../../format.ts";
import { numberText } from "../html/text.ts";

/** A figure as shown. */
export interface Metric {
  readonly name: string;
  readonly text: string;
  /** A bound, and whether the figure satisfies it. */
  readonly bounds: ReadonlyArray<{ readonly text: string; readonly met: boolean }>;
  /** Meaning in a few words. */
  readonly description?: string;
}

type ResultMap = Readonly<Record<string, unknown>>;

/** Returns the figures of a run, the bounded ones first. `test` is the configuration in test.json. */
export function metricsOf(result: ResultMap, test: ResultMap): Metric[] {
  const challenges = challengesMatching(test);
  const bounded = (pick: (bounds: Bounds) => number | undefined, value: number) =>
    challenges.flatMap(({ id, bounds }) => {
      const bound = pick(bounds);
      return bound === undefined ? [] : [{ text: `${id}: under ${bound}`, met: value < bound }];
    });
  const metrics: Metric[] = [];
  const servers = at(result, ["net", "servers"]);
  const perOp = getNumber(servers, "msgs-per-op");
  if (perOp !== undefined) {
    metrics.push({
      name: "Messages per operation",
      text: numberText(perOp),
      bounds: bounded((bounds) => bounds.msgsPerOp, perOp),
      description: `${numberText(getNumber(servers, "msg-count") ?? 0)} between servers`,
    });
  }
  const latencies = at(result, ["workload", "stable-latencies"]);
  for (
    const [quantile, name, pick] of [
      ["0.5", "Median stable latency", (bounds: Bounds) => bounds.medianMs],
      ["1", "Longest stable latency", (bounds: Bounds) => bounds.maxMs],
    ] as const
  ) {
    const value = getNumber(latencies, quantile);
    if (value === undefined) continue;
    metrics.push({
      name,
      text: `${numberText(value)} ms`,
      bounds: bounded(pick, value),
      description: "from known to seen by every later read",
    });
  }
  const fraction = getNumber(result, "availability", "ok-fraction");
  if (fraction !== undefined) {
    const asked = test["availability"];
    const met = isObject(result["availability"]) && result["availability"]["valid"] !== false;
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

/** Names of outcomes, by the types of the history. */
const OUTCOME_WORDS = { ok: "ok", fail: "failed", info: "indeterminate" } as const;

function countsOf(result: ResultMap): Metric[] {
  const metrics: Metric[] = [];
  const stats = at(result, ["stats"]);
  const count = getNumber(stats, "count");
  if (count !== undefined) {
    const parts = Object.entries(OUTCOME_WORDS).map(([type, word]) =>
      `${numberText(getNumber(stats, `${type}-count`) ?? 0)} ${word}`
    );
    metrics.push({ name: "Operations", text: numberText(count), bounds: [], description: parts.join(", ") });
  }
  const workload = at(result, ["workload"]);
  const tried = getNumber(workload, "attempt-count");
  if (tried !== undefined) {
    const parts = ["stable", "lost", "never-read", "stale", "duplicated"].flatMap((kind) => {
      const n = getNumber(workload, `${kind}-count`) ?? 0;
      return n === 0 ? [] : [`${numberText(n)} ${kind}`];
    });
    metrics.push({ name: "Elements", text: numberText(tried), bounds: [], description: parts.join(", ") });
  }
  const given = getNumber(workload, "acknowledged-count");
  if (given !== undefined) {
    metrics.push({ name: "Ids", text: numberText(given), bounds: [], description: "acknowledged" });
  }
  const registers = workload?.["results"];
  if (isObject(registers)) {
    const bad = Array.isArray(workload?.["failures"]) ? workload["failures"].length : 0;
    metrics.push({
      name: "Registers",
      text: numberText(Object.keys(registers).length),
      bounds: [],
      description: bad === 0 ? "all linearizable" : `${numberText(bad)} not linearizable`,
    });
  }
  const lag = at(workload, ["worst-realtime-lag"]);
  const lagS = getNumber(lag, "lag");
  if (lagS !== undefined && lagS > 0) {
    metrics.push({
      name: "Longest lag of a poll",
      text: `${numberText(lagS)} s`,
      bounds: [],
      description: `key ${lag?.["key"]}, process ${lag?.["process"]}`,
    });
  }
  const not = workload?.["not"];
  if (Array.isArray(not) && not.length > 0) {
    const also = Array.isArray(workload?.["also-not"]) ? workload["also-not"].length : 0;
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

function at(map: ResultMap | undefined, path: readonly string[]): ResultMap | undefined {
  let value: unknown = map;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return isObject(value) ? value : undefined;
}
