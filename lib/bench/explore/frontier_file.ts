/**
 * The file of an exploration that was stopped, or of a shard: what is done, and what is left.
 *
 * Tested by `tests/bench/explore/frontier_file_test.ts`.
 */

import { array, boolean, double, literal, natural, object, optional, string } from "../../protocol/schema.ts";
import { BenchError } from "../errors.ts";
import { ensureFolder, readJson, writeText } from "../store/files.ts";
import { fileHead, STORE_FORMAT } from "../store/format.ts";
import type { Shard } from "../sweep/shards.ts";
import type { Frontier } from "./parallel.ts";
import type { Stage } from "./stages.ts";

/** The state of an exploration. */
export interface SavedExploration {
  /** The command line, without the name of the command. */
  readonly args: readonly string[];
  readonly workload: string;
  /** The number of operations of the last stage. */
  readonly operations: number;
  /** The maximum number of operations. */
  readonly operationsMax: number;
  /** The stages before the last one. */
  readonly stages: readonly Stage[];
  readonly frontier: Frontier;
  /** The time that the last stage has taken so far. Absent in files of earlier releases. */
  readonly seconds?: number;
  readonly shard?: Shard;
  /** The number of random schedules to run, and the number of steps whose order makes a failure. Absent if all orders run. */
  readonly sample?: { readonly schedules: number; readonly depth: number };
  /** True if a schedule failed. */
  readonly hasFailed: boolean;
}

const step = object({
  id: string,
  process: string,
  creator: optional(string),
  invokes: boolean,
  completes: boolean,
  readsTime: boolean,
  advancesTime: boolean,
  showsState: boolean,
  budget: optional(string),
  link: optional(string),
  switches: optional(array(string)),
  excludes: array(string),
});

const part = object({
  prefix: array(string),
  sleep: array(step),
  frames: array(object({
    enabled: array(string),
    backtrack: array(string),
    sleep: array(step),
    tried: optional(array(string)),
    chosen: string,
    taken: optional(object({ step, before: array(natural) })),
  })),
  isCut: boolean,
});

const counts = {
  schedules: natural,
  pruned: natural,
  depth: natural,
  exhausted: boolean,
  hasSucceeded: optional(boolean),
  probability: optional(double),
};
const shard = object({ index: natural, total: natural });

const fileSchema = object({
  format: literal(STORE_FORMAT),
  charybdis: string,
  args: array(string),
  workload: string,
  operations: natural,
  operationsMax: natural,
  stages: array(object({ ...counts, operations: natural, seconds: double, shard: optional(shard) })),
  frontier: object({ parts: array(part), done: object(counts), isDivided: boolean }),
  seconds: optional(double),
  shard: optional(shard),
  sample: optional(object({ schedules: natural, depth: natural })),
  hasFailed: boolean,
});

/** Returns the name of the file in a store. */
export function frontierFile(shard: Shard): string {
  return shard.total === 1 ? "explore.json" : `explore-${shard.index}-of-${shard.total}.json`;
}

/** Writes the file of an exploration. Throws `BenchError` if it cannot be written. */
export function writeFrontier(path: string, saved: SavedExploration): void {
  ensureFolder(path.replace(/\/?[^/]*$/, "") || ".");
  writeText(path, `${JSON.stringify({ ...fileHead(), ...saved })}\n`);
}

/** Reads the file of an exploration. Throws `BenchError` if it is not one. */
export function readFrontier(path: string): SavedExploration {
  const value: unknown = readJson(path);
  if (value === undefined) {
    throw new BenchError(
      `file not found: ${path}. An exploration that reaches a limit writes explore.json to its store`,
    );
  }
  const problem = fileSchema.problem(value, "");
  if (isSaved(value)) return value;
  throw new BenchError(
    `cannot read ${path}: it is not the rest of an exploration: ${problem ?? "malformed"}`,
  );
}

/** Returns the shards of explorations in a store; none if the store cannot be read. */
export function readExploredShards(store: string): SavedExploration[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(store)].map(({ name }) => name);
  } catch {
    return [];
  }
  return names.filter((name) => /^explore-\d+-of-\d+\.json$/.test(name)).sort()
    .map((name) => readFrontier(`${store}/${name}`));
}

function isSaved(value: unknown): value is SavedExploration {
  return fileSchema.is(value);
}
