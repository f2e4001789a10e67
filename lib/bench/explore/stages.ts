/** The stages of an exploration, one for each number of operations, in words. Tested by `tests/bench/explore/command_test.ts`. */

import { plural } from "../format.ts";
import type { Shard } from "../sweep/shards.ts";
import type { ExplorationOutcome } from "./exploration.ts";

/** The outcome of one number of operations. */
export interface Stage extends Omit<ExplorationOutcome, "parts" | "rest"> {
  readonly operations: number;
  readonly seconds: number;
  /** The shard of the schedules that ran, if others belong to other shards. */
  readonly shard?: Shard;
}

/** Returns the beginning of a line about a number of operations. */
export function head(operations: number, shard?: Shard): string {
  const part = shard === undefined ? "" : `, shard ${shard.index}/${shard.total}`;
  return `${plural(operations, "operation")}${part}: `;
}

/** Returns the number of schedules of a stage. */
export function countsText(
  { schedules, pruned, states }: Pick<ExplorationOutcome, "schedules" | "pruned" | "states">,
): string {
  if (states !== undefined) return plural(states, "state");
  return `${plural(schedules, "schedule")}${pruned === 0 ? "" : ` and ${pruned} pruned`}`;
}

/** Describes the guarantee of random schedules in which no failure was found. */
export function guaranteeText(probability: number, failureDepth: number): string {
  return `A failure of depth ${failureDepth} is found with a probability of at least ${
    (probability * 100).toPrecision(3)
  } %`;
}

/** Describes a stage in which no schedule failed. */
export function stageText(stage: Stage, failureDepth: number): string {
  const { operations, schedules, pruned, depth, exhausted, seconds, shard } = stage;
  if (schedules === 0) {
    return `${head(operations, shard)}no schedule ran to its end (${pruned} pruned, ${seconds.toFixed(1)} s)`;
  }
  const rate = Math.round((schedules + pruned) / seconds);
  if (stage.probability !== undefined) {
    return `${head(operations, shard)}${plural(schedules, "random schedule")}: no anomaly. ${
      guaranteeText(stage.probability, failureDepth)
    } (${plural(depth, "step")}, ${seconds.toFixed(1)} s, ${rate} per second)`;
  }
  if (stage.states !== undefined) {
    const states = plural(stage.states, "state");
    return `${head(operations)}${exhausted ? `all ${states}` : `the first ${states}, not all`}: no anomaly (${
      plural(schedules + pruned, "execution")
    } of at most ${plural(depth, "step")}, ${seconds.toFixed(1)} s)`;
  }
  const all = exhausted ? `all ${countsText(stage)}` : `the first ${countsText(stage)}, not all`;
  return `${head(operations, shard)}${all}${
    shard === undefined ? "" : " of the shard"
  }: no anomaly (at most ${plural(depth, "step")}, ${seconds.toFixed(1)} s, ${rate} per second)`;
}
