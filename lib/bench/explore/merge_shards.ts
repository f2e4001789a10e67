/** Joins the shards of an exploration into one result. Tested by `tests/bench/explore/merge_shards_test.ts`. */

import { BenchError } from "../errors.ts";
import { plural } from "../format.ts";
import type { SavedExploration } from "./frontier_file.ts";
import { countsText, guaranteeText, head, type Stage } from "./stages.ts";

/** The joined result of shards. */
export interface JoinedExploration {
  readonly valid: boolean | "unknown";
  /** The stages with the schedules of all shards. */
  readonly stages: readonly Stage[];
  /** The number of steps whose order makes a failure, if random schedules ran. */
  readonly failureDepth: number | undefined;
  /** The shards without a file, and those that are not complete. */
  readonly missing: readonly number[];
  readonly incomplete: readonly number[];
}

/** Joins shards. Throws `BenchError` if they belong to different explorations. */
export function joinExplorations(shards: readonly SavedExploration[]): JoinedExploration {
  const [first] = shards;
  if (first?.shard === undefined) {
    throw new BenchError(
      "cannot merge: no file holds a shard of an exploration. Name the folders that `explore --shard` wrote.",
    );
  }
  const { total } = first.shard;
  const byIndex = new Map<number, SavedExploration>();
  for (const each of shards) {
    if (identityOf(each) !== identityOf(first)) {
      throw new BenchError(
        `the shards belong to different explorations: ${identityOf(first)}; and ${identityOf(each)}. ` +
          "Merge the shards of one",
      );
    }
    byIndex.set(each.shard?.index ?? 0, each);
  }
  const all = [...byIndex.values()];
  const stages = Array.from({ length: first.operationsMax }, (_, i) => i + 1)
    .flatMap((operations) => stageOf(all, operations) ?? []);
  const missing = Array.from({ length: total }, (_, i) => i + 1).filter((index) => !byIndex.has(index));
  const incomplete = all.filter((each) => !isComplete(each)).map(({ shard }) => shard?.index ?? 0);
  const isWhole = missing.length === 0 && incomplete.length === 0;
  const isTested = stages.some(({ hasSucceeded }) => hasSucceeded);
  const hasFailed = all.some((each) => each.hasFailed);
  return {
    valid: hasFailed ? false : (isWhole && isTested) || "unknown",
    stages,
    failureDepth: first.sample?.depth,
    missing,
    incomplete,
  };
}

/** Describes a joined result. */
export function joinedLines(
  { valid, stages, failureDepth, missing, incomplete }: JoinedExploration,
): string[] {
  const list = (title: string, shards: readonly number[]) =>
    shards.length === 0 ? [] : [`${title}, so the exploration is inconclusive: ${shards.join(", ")}`];
  return [
    ...stages.map((stage) => stageLine(stage, failureDepth)),
    ...list("Missing shards", missing),
    ...list("Incomplete shards", incomplete),
    ...(valid === false ? ["A schedule fails: see the store of its shard."] : []),
  ];
}

function stageLine(stage: Stage, failureDepth: number | undefined): string {
  const { operations, schedules, depth, exhausted, probability } = stage;
  const steps = `(at most ${plural(depth, "step")})`;
  if (failureDepth !== undefined && probability !== undefined) {
    const guarantee = guaranteeText(probability, failureDepth);
    return `${head(operations)}${plural(schedules, "random schedule")}. ${guarantee} ${steps}`;
  }
  return `${head(operations)}${
    exhausted ? `all ${countsText(stage)}` : `${countsText(stage)}, not all`
  } ${steps}`;
}

function identityOf({ args, workload, shard }: SavedExploration): string {
  const own = args.filter((each, i) => each !== "--shard" && args[i - 1] !== "--shard" && !isLocal(args, i));
  return `${workload} in ${plural(shard?.total ?? 1, "shard")}, ${own.join(" ")}`;
}

/** The options that may differ between shards. */
const LOCAL = ["--jobs", "--store", "--time-limit", "--max-schedules"];

function isLocal(args: readonly string[], i: number): boolean {
  const [name = "", before = ""] = [args[i], args[i - 1]];
  return LOCAL.some((each) => name === each || before === each || name.startsWith(`${each}=`)) ||
    name.startsWith("--shard=");
}

function isComplete(
  { frontier: { parts, done }, operations, operationsMax, sample, hasFailed }: SavedExploration,
): boolean {
  const hasEnded = sample === undefined ? done.exhausted : done.schedules === sample.schedules;
  return hasFailed || (parts.length === 0 && hasEnded && operations === operationsMax);
}

/** Returns the stage of a number of operations, over all shards; undefined if no shard ran it. */
function stageOf(shards: readonly SavedExploration[], operations: number): Stage | undefined {
  const own = shards.flatMap((each) => {
    const earlier = each.stages.find((stage) => stage.operations === operations);
    if (earlier !== undefined) return [earlier];
    if (each.operations !== operations) return [];
    const { done, parts } = each.frontier;
    return [{
      ...done,
      operations,
      seconds: each.seconds ?? 0,
      exhausted: done.exhausted && parts.length === 0,
      ...(each.frontier.isDivided && each.shard !== undefined ? { shard: each.shard } : {}),
    }];
  });
  if (own.length === 0) return undefined;
  // A small stage is not divided: a shard that ends it has run all of it.
  const whole = own.find(({ shard, exhausted }) => shard === undefined && exhausted);
  const counted = whole === undefined ? own : [whole];
  const isWhole = whole !== undefined || own.length === shards[0]?.shard?.total;
  return {
    operations,
    schedules: counted.reduce((sum, { schedules }) => sum + schedules, 0),
    pruned: counted.reduce((sum, { pruned }) => sum + pruned, 0),
    depth: Math.max(...counted.map(({ depth }) => depth)),
    seconds: Math.max(...counted.map(({ seconds }) => seconds)),
    exhausted: isWhole && counted.every(({ exhausted }) => exhausted),
    hasSucceeded: counted.some(({ hasSucceeded }) => hasSucceeded === true),
    ...probabilityOf(counted),
  };
}

/** Returns the guarantee of the random schedules of all shards, which are independent. */
function probabilityOf(shards: readonly Stage[]): Pick<Stage, "probability"> {
  const missed = shards.map(({ probability }) => probability === undefined ? undefined : 1 - probability);
  if (!missed.every((each) => each !== undefined)) return {};
  return { probability: 1 - missed.reduce((product, each) => product * each, 1) };
}
