/** The file that a shard of a sweep writes and that `merge` reads. Tested by `tests/bench/sweep/merge_test.ts`. */

import {
  array,
  double,
  integer,
  literal,
  natural,
  object,
  optional,
  record,
  string,
} from "../../protocol/schema.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import { BenchError, reasonOf } from "../errors.ts";
import { ensureFolder, readJson, writeText } from "../store/files.ts";
import { fileHead, STORE_FORMAT } from "../store/format.ts";
import type { Shard } from "./shards.ts";
import type { SweepResult } from "./seeds.ts";

/** The maximum number of shards. More indicate a mistake, because shards are counted one by one. */
const SHARDS_MAX = 1_000_000;

/** A shard's result, and its sweep. */
export interface ShardFile {
  readonly format: number;
  readonly charybdis: string;
  readonly workload: string;
  readonly faults: readonly string[];
  readonly range: { readonly from: number; readonly to: number };
  readonly shard: Shard;
  readonly result: SweepResult;
}

/** Writes a shard's file into a store. Throws `BenchError` if it cannot be written. */
export function writeShard(store: string, shard: Omit<ShardFile, "format" | "charybdis">): void {
  const { index, total } = shard.shard;
  ensureFolder(store);
  writeText(
    `${store}/sweep-${index}-of-${total}.json`,
    `${JSON.stringify({ ...fileHead(), ...shard }, undefined, 1)}\n`,
  );
}

/** Returns the shards in a store. Throws if the store cannot be read, or a shard is malformed. */
export function readShards(directory: string): ShardFile[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) =>
      /^sweep-\d+-of-\d+\.json$/.test(name)
    );
  } catch (error) {
    throw new ArgumentError(`cannot read the store ${directory}: ${reasonOf(error)}`);
  }
  return names.sort().map((name) => {
    const shard: unknown = readJson(`${directory}/${name}`);
    const problem = problemOf(shard);
    if (isShardFile(shard)) return shard;
    throw new BenchError(`${directory}/${name} is not a shard of a sweep: ${problem}`);
  });
}

const cross = record(record(natural));

/** The required fields of a shard's file. Other fields are ignored. */
const shardSchema = object({
  format: literal(STORE_FORMAT),
  charybdis: string,
  workload: string,
  faults: array(string),
  range: object({ from: integer, to: integer }),
  shard: object({ index: natural, total: natural }),
  result: object({
    seeds: natural,
    invalid: array(natural),
    unknown: array(natural),
    inconclusive: natural,
    operations: natural,
    virtualMs: double,
    outcomes: cross,
    coverage: object({ operations: cross, messages: cross, states: cross, effects: optional(cross) }),
  }),
});

/** Returns the problem of a shard's file, if there is one. */
function problemOf(value: unknown): string | undefined {
  const problem = shardSchema.problem(value, "");
  if (problem !== undefined || !shardSchema.is(value)) return problem;
  const { range, shard, result } = value;
  if (range.from > range.to) return `its range of seeds ${range.from}..${range.to} is empty`;
  if (shard.index < 1 || shard.index > shard.total || shard.total > SHARDS_MAX) {
    return `shard ${shard.index} of ${shard.total} is impossible`;
  }
  const failed = result.invalid.length + result.unknown.length;
  return failed > result.seeds ? `${failed} of its ${result.seeds} seeds failed` : undefined;
}

function isShardFile(value: unknown): value is ShardFile {
  return problemOf(value) === undefined;
}
