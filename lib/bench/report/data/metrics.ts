/** The figures of a run: counts, measurements, and the bounds of challenges. */

import { isObject } from "../../../protocol/schema.ts";
import type { Bounds } from "../../grade/challenges.ts";
import { challengesMatching } from "../../grade/challenges_matching.ts";
import { getNumber } from "../../store/result_map.ts";
import { plural } from "../../format.ts";
import { figureText } from "../html/text.ts";

/** A figure as shown. */
export interface Figure {
  readonly name: string;
  readonly text: string;
  /** A bound, and whether the figure satisfies it. */
  readonly bounds: ReadonlyArray<{ readonly text: string; readonly met: boolean }>;
  /** Meaning in a few words. */
  readonly description?: string;
}

type ResultMap = Readonly<Record<string, unknown>>;

/** Returns the figures of a run, the bounded ones first. `test` is the configuration in test.json. */
export function figuresOf(result: ResultMap, test: ResultMap): Figure[] {
  const challenges = challengesMatching(test);
  const bounded = (pick: (bounds: Bounds) => number | undefined, value: number) =>
    challenges.flatMap(({ id, bounds }) => {
      const bound = pick(bounds);
      return bound === undefined ? [] : [{ text: `${id}: under ${bound}`, met: value < bound }];
    });
  const figures: Figure[] = [];
  const servers = at(result, ["net", "servers"]);
  const perOp = getNumber(servers, "msgs-per-op");
  if (perOp !== undefined) {
    figures.push({
      name: "Messages per operation",
      text: figureText(perOp),
      bounds: bounded((bounds) => bounds.msgsPerOp, perOp),
      description: `${figureText(getNumber(servers, "msg-count") ?? 0)} between servers`,
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
    figures.push({
      name,
      text: `${figureText(value)} ms`,
      bounds: bounded(pick, value),
      description: "from known to seen by every later read",
    });
  }
  const fraction = getNumber(result, "availability", "ok-fraction");
  if (fraction !== undefined) {
    const asked = test["availability"];
    const met = isObject(result["availability"]) && result["availability"]["valid"] !== false;
    const total = challenges.filter(({ bounds }) => bounds.total === true);
    figures.push({
      name: "Operations ok",
      text: `${figureText(Math.floor(fraction * 10_000) / 100)} %`,
      bounds: [
        ...(asked === null || asked === undefined
          ? []
          : [{ text: asked === "total" ? "required: all" : `required: ${Number(asked) * 100} %`, met }]),
        ...total.map(({ id }) => ({ text: `${id}: all`, met: fraction === 1 })),
      ],
    });
  }
  return [...figures, ...countsOf(result)];
}

/** Names of outcomes, by the types of the history. */
const OUTCOME_WORDS = { ok: "ok", fail: "failed", info: "indeterminate" } as const;

function countsOf(result: ResultMap): Figure[] {
  const figures: Figure[] = [];
  const stats = at(result, ["stats"]);
  const count = getNumber(stats, "count");
  if (count !== undefined) {
    const parts = Object.entries(OUTCOME_WORDS).map(([type, word]) =>
      `${figureText(getNumber(stats, `${type}-count`) ?? 0)} ${word}`
    );
    figures.push({ name: "Operations", text: figureText(count), bounds: [], description: parts.join(", ") });
  }
  const workload = at(result, ["workload"]);
  const tried = getNumber(workload, "attempt-count");
  if (tried !== undefined) {
    const parts = ["stable", "lost", "never-read", "stale", "duplicated"].flatMap((kind) => {
      const n = getNumber(workload, `${kind}-count`) ?? 0;
      return n === 0 ? [] : [`${figureText(n)} ${kind}`];
    });
    figures.push({ name: "Elements", text: figureText(tried), bounds: [], description: parts.join(", ") });
  }
  const given = getNumber(workload, "acknowledged-count");
  if (given !== undefined) {
    figures.push({ name: "Ids", text: figureText(given), bounds: [], description: "acknowledged" });
  }
  const registers = workload?.["results"];
  if (isObject(registers)) {
    const bad = Array.isArray(workload?.["failures"]) ? workload["failures"].length : 0;
    figures.push({
      name: "Registers",
      text: figureText(Object.keys(registers).length),
      bounds: [],
      description: bad === 0 ? "all linearizable" : `${figureText(bad)} not linearizable`,
    });
  }
  const lag = at(workload, ["worst-realtime-lag"]);
  const lagS = getNumber(lag, "lag");
  if (lagS !== undefined && lagS > 0) {
    figures.push({
      name: "Longest lag of a poll",
      text: `${figureText(lagS)} s`,
      bounds: [],
      description: `key ${lag?.["key"]}, process ${lag?.["process"]}`,
    });
  }
  const not = workload?.["not"];
  if (Array.isArray(not) && not.length > 0) {
    const also = Array.isArray(workload?.["also-not"]) ? workload["also-not"].length : 0;
    figures.push({
      name: "Not",
      text: not.join(", "),
      bounds: [],
      description: also === 0
        ? "the violated models"
        : `and therefore none of ${plural(also, "stronger model", figureText)}`,
    });
  }
  return figures;
}

function at(map: ResultMap | undefined, path: readonly string[]): ResultMap | undefined {
  let value: unknown = map;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return isObject(value) ? value : undefined;
}
