/** Shares of a sweep: which seeds are this machine's. */

import { ArgumentError } from "../../runtime/settings.ts";

/** One share of `total`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly total: number;
}

/** How engines that start the same command many times tell each one its number, and how they count. */
const ENGINES = [
  { name: "GitLab", index: "CI_NODE_INDEX", total: "CI_NODE_TOTAL", first: 1 },
  {
    name: "Slurm",
    index: "SLURM_ARRAY_TASK_ID",
    total: "SLURM_ARRAY_TASK_COUNT",
    first: "SLURM_ARRAY_TASK_MIN",
  },
  { name: "Kubernetes", index: "JOB_COMPLETION_INDEX", total: "JOB_COMPLETIONS", first: 0 },
] as const;

/** Reads `3/16`, `auto` or `auto/16`; `auto` is the index that the engine gives in the environment. */
export function parseShard(given: string, env: (name: string) => string | undefined): Shard {
  const match = /^(\d+|auto)(?:\/(\d+))?$/.exec(given);
  if (match === null) throw new ArgumentError(`--shard must be like 3/16, or auto, but is ${given}`);
  const [, index, total] = match;
  const found = index === "auto" ? fromEngine(env) : { index: Number(index), total: NaN };
  const shard = { index: found.index, total: total === undefined ? found.total : Number(total) };
  if (!Number.isInteger(shard.total)) {
    throw new ArgumentError(`--shard ${given}: how many shares are there? Say ${given}/N`);
  }
  if (!(shard.index >= 1 && shard.index <= shard.total)) {
    throw new ArgumentError(
      `--shard ${given} is share ${shard.index} of ${shard.total}: they are counted from 1 to ${shard.total}`,
    );
  }
  return shard;
}

function fromEngine(env: (name: string) => string | undefined): Shard {
  for (const { index, total, first } of ENGINES) {
    const given = env(index);
    if (given === undefined) continue;
    const base = typeof first === "number" ? first : Number(env(first) ?? 0);
    return { index: Number(given) - base + 1, total: Number(env(total) ?? NaN) };
  }
  const names = ENGINES.map(({ name, index }) => `${index} (${name})`).join(", ");
  throw new ArgumentError(`--shard auto: none of ${names} is set`);
}

/** The seeds from `from` to `to` that belong to a share: every `total`-th. */
export function* seedsOf(
  { from, to }: { readonly from: number; readonly to: number },
  { index, total }: Shard,
): Generator<number> {
  for (let seed = from + index - 1; seed <= to; seed += total) yield seed;
}
