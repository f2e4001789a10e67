/**
 * The command `charybdis merge`, which joins the shards of a sweep or of an exploration into one result.
 *
 * Tested by `tests/bench/sweep/merge_test.ts`.
 */

import { SEEDS_STATUSES } from "./exit_statuses.ts";
import { mergeValidity } from "../../checkers/result.ts";
import { ArgumentError, describeSettings, flag, parseSettings, text } from "../../runtime/settings.ts";
import { say } from "../terminal/output.ts";
import { BenchError } from "../errors.ts";
import { plural } from "../format.ts";
import { exitStatus } from "../exit_status.ts";
import { addCoverage, addCross, type Cross, NO_COVERAGE, untried } from "../run/coverage.ts";
import { findWorkload } from "../workloads/registry.ts";
import { readExploredShards, type SavedExploration } from "../explore/frontier_file.ts";
import { joinedLines, joinExplorations } from "../explore/merge_shards.ts";
import { joinGrades } from "../grade/batch.ts";
import { type GradesFile, gradesIn } from "../grade/grades_file.ts";
import { copyFeedback } from "../grade/outputs/write_outputs.ts";
import { readShards, type ShardFile } from "../sweep/shard_file.ts";
import { resultMap, summaryLines } from "../sweep/summary.ts";
import { type SweepResult, verdictOf } from "../sweep/seeds.ts";

const settings = {
  out: text({
    syntax: "DIR",
    description: "Folder for the joined grades of a class. Default: the first DIR.",
  }),
  json: flag(false, { description: "Prints the result as JSON, and nothing else, on stdout." }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command and returns its exit status. */
export function mergeCommand(args: readonly string[]): Promise<number> {
  const directories: string[] = [];
  const values = parseSettings(settings, args, { positional: directories });
  if (values.help) {
    say(
      [
        "Usage: charybdis merge DIR…",
        "",
        "Joins the shards of a sweep that `sweep --shard I/N --store DIR` wrote, those of an exploration that",
        "`explore --shard I/N --store DIR` wrote, or those of a class that",
        "`grade --submissions DIR --shard I/N --out DIR` wrote.",
        "",
        describeSettings(settings),
        "",
        SEEDS_STATUSES,
      ].join("\n"),
    );
    return Promise.resolve(0);
  }
  if (directories.length === 0) {
    throw new ArgumentError("merge takes the stores of a sweep's shards, or the folders of a class's shards");
  }
  const grades = directories.map((directory) => ({ directory, files: gradesIn(directory) }));
  if (grades.some(({ files }) => files.length > 0)) return Promise.resolve(mergeGrades(grades, values.out));
  const explored = directories.flatMap(readExploredShards);
  if (explored.length > 0) return Promise.resolve(mergeExplorations(explored, values.json));
  const shards = directories.flatMap(readShards);
  if (shards.length === 0) throw new BenchError(`no shard of a sweep found in ${directories.join(", ")}`);
  const { result, missingShards, first } = mergeShards(shards);
  const missing = untried(result.coverage, {
    faults: first.faults,
    operations: findWorkload(first.workload)?.workload.operations ?? Object.keys(result.outcomes),
  });
  if (values.json) {
    say(JSON.stringify({ ...resultMap(result, missing), "missing-shards": missingShards }));
  } else {
    for (const line of summaryLines(result, { missing })) say(line);
    if (missingShards.length > 0) {
      say(`Missing shards, so the sweep is inconclusive: ${missingShards.join(", ")}`);
    }
  }
  const complete = missingShards.length === 0 || "unknown";
  return Promise.resolve(
    exitStatus(mergeValidity([verdictOf(result), complete])),
  );
}

/** Joins the shards of an exploration. */
function mergeExplorations(shards: readonly SavedExploration[], isQuiet: boolean): number {
  const joined = joinExplorations(shards);
  if (isQuiet) {
    const { valid, stages, missing, incomplete } = joined;
    say(JSON.stringify({ valid, stages, "missing-shards": missing, "incomplete-shards": incomplete }));
  } else for (const line of joinedLines(joined)) say(line);
  return exitStatus(joined.valid);
}

/** Joins the shards of a class in one folder, with the students' folders. */
function mergeGrades(
  grades: ReadonlyArray<{ readonly directory: string; readonly files: readonly GradesFile[] }>,
  out = grades[0]?.directory ?? ".",
): number {
  for (const { directory } of grades) copyFeedback(directory, out);
  return joinGrades(out, grades.flatMap(({ files }) => files));
}

/** Joins shards of one sweep. Throws `BenchError` when they belong to different sweeps. */
export function mergeShards(
  shards: readonly ShardFile[],
): { readonly result: SweepResult; readonly missingShards: readonly number[]; readonly first: ShardFile } {
  const [first] = shards;
  if (first === undefined) throw new BenchError("there is nothing to merge");
  const identity = ({ workload, faults, range, shard, charybdis }: ShardFile) =>
    `${workload}, seeds ${range.from}..${range.to} in ${plural(shard.total, "shard")}, faults ${
      faults.join(",") || "none"
    }, version ${charybdis}`;
  const byIndex = new Map<number, ShardFile>();
  for (const shard of shards) {
    if (identity(shard) !== identity(first)) {
      throw new BenchError(
        `the shards belong to different sweeps: ${identity(first)}; and ${identity(shard)}`,
      );
    }
    byIndex.set(shard.shard.index, shard);
  }
  const all = [...byIndex.values()].map((shard) => shard.result);
  const joined = (key: "invalid" | "unknown") => all.flatMap((each) => each[key]).sort((a, b) => a - b);
  return {
    first,
    result: {
      seeds: all.reduce((sum, { seeds }) => sum + seeds, 0),
      inconclusive: all.reduce((sum, { inconclusive }) => sum + inconclusive, 0),
      operations: all.reduce((sum, { operations }) => sum + operations, 0),
      virtualMs: all.reduce((sum, { virtualMs }) => sum + virtualMs, 0),
      invalid: joined("invalid"),
      unknown: joined("unknown"),
      outcomes: all.reduce<Cross>((sum, { outcomes }) => addCross(sum, outcomes), {}),
      coverage: all.reduce((sum, { coverage }) => addCoverage(sum, coverage), NO_COVERAGE),
    },
    missingShards: Array.from({ length: first.shard.total }, (_, i) => i + 1).filter((index) =>
      !byIndex.has(index)
    ),
  };
}
