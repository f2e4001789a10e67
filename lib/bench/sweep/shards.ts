/** Shards, which divide the seeds of a sweep or the schedules of an exploration among machines. */

import { ArgumentError } from "../../runtime/settings.ts";

/** One shard of `total`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly total: number;
}

/** Environment variables and base by which CI engines number the copies of a command that they start. */
const CI_PLATFORMS = [
  { name: "GitLab", index: "CI_NODE_INDEX", total: "CI_NODE_TOTAL", first: 1 },
  {
    name: "Slurm",
    index: "SLURM_ARRAY_TASK_ID",
    total: "SLURM_ARRAY_TASK_COUNT",
    first: "SLURM_ARRAY_TASK_MIN",
  },
  { name: "Kubernetes", index: "JOB_COMPLETION_INDEX", total: "JOB_COMPLETIONS", first: 0 },
] as const;

/** Parses `3/16`, `auto` or `auto/16`. `auto` is the index that the engine sets in the environment. */
export function parseShard(given: string, env: (name: string) => string | undefined): Shard {
  const match = /^(\d+|auto)(?:\/(\d+))?$/.exec(given);
  if (match === null) throw new ArgumentError(`--shard must be like 3/16, or auto, but is ${given}`);
  const [, index, total] = match;
  const found = index === "auto" ? fromEnvironment(env) : { index: Number(index), total: NaN };
  const shard = { index: found.index, total: total === undefined ? found.total : Number(total) };
  if (!Number.isInteger(shard.total)) {
    throw new ArgumentError(`--shard ${given}: the number of shards is missing. Write ${given}/N`);
  }
  if (!(shard.index >= 1 && shard.index <= shard.total)) {
    throw new ArgumentError(
      `--shard ${given} is shard ${shard.index} of ${shard.total}: use an index from 1 to ${shard.total}`,
    );
  }
  return shard;
}

function fromEnvironment(env: (name: string) => string | undefined): Shard {
  for (const { index, total, first } of CI_PLATFORMS) {
    const given = env(index);
    if (given === undefined) continue;
    const base = typeof first === "number" ? first : Number(env(first) ?? 0);
    return { index: Number(given) - base + 1, total: Number(env(total) ?? NaN) };
  }
  const names = CI_PLATFORMS.map(({ name, index }) => `${index} (${name})`).join(", ");
  throw new ArgumentError(`--shard auto: none of ${names} is set`);
}

/** Returns the part of a number of schedules that belongs to a shard. The parts follow each other, and differ by one at most. */
export function shareOf(
  count: number,
  { index, total }: Shard,
): { readonly first: number; readonly schedules: number } {
  const first = Math.floor(count * (index - 1) / total);
  return { first, schedules: Math.floor(count * index / total) - first };
}

/** Returns the seeds from `from` to `to` that belong to a shard: every `total`-th. */
export function* seedsOf(
  { from, to }: { readonly from: number; readonly to: number },
  { index, total }: Shard,
): Generator<number> {
  for (let seed = from + index - 1; seed <= to; seed += total) yield seed;
}
