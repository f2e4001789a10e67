/** Draws the places to mutate by a seed, so that the choice is not biased. */

import { murmur3 } from "../../lib/sim/random.ts";
import type { Mutation } from "./mutations.ts";

/** A mutation and the file that it is made in. */
export interface FileMutation extends Mutation {
  readonly file: string;
}

/** The number of places to draw, and the seed. */
export interface DrawOptions {
  readonly seed: number;
  readonly count: number;
  /** The subject's name, so that subjects that share files are mutated at different places. */
  readonly subject: string;
}

type Chance = Pick<DrawOptions, "seed" | "subject">;

/** One in this number of places is drawn from a node's own files, if it depends on others. */
const OWN_EVERY = 3;

/**
 * Draws places, spread over the files: one of each before a second of any. It takes one of the subject's own
 * files before every two of the files that it depends on. A line is repeated only if no other is left.
 *
 * What is drawn is what has the lowest hash of (seed, subject, file, the line's text, change), so that a change of a source moves
 * no more than the places that it changes.
 */
export function draw(
  sources: { readonly own: readonly FileMutation[]; readonly rests: readonly FileMutation[] },
  { seed, count, subject }: DrawOptions,
): FileMutation[] {
  const own = dealt(sources.own, { seed, subject });
  const rests = dealt(sources.rests, { seed, subject });
  const drawn: FileMutation[] = [];
  while (drawn.length < count && own.length + rests.length > 0) {
    const first = drawn.length % OWN_EVERY === 0 ? own : rests;
    const next = first.shift() ?? (first === own ? rests : own).shift();
    if (next !== undefined) drawn.push(next);
  }
  return drawn;
}

/** All mutations in the order in which they are taken. */
function dealt(mutations: readonly FileMutation[], chance: Chance): FileMutation[] {
  const rank = new Map(mutations.map((each) => [each, rankOf(each, chance)]));
  const byRank = [...mutations].sort((a, b) =>
    (rank.get(a) ?? 0) - (rank.get(b) ?? 0) || a.start - b.start || (a.replacement < b.replacement ? -1 : 1)
  );
  const lines = new Map<string, number>();
  const files = new Map<string, number>();
  const order = new Map(byRank.map((each) => {
    const timesLine = counted(lines, `${each.file}:${each.line}`);
    return [each, [timesLine, counted(files, `${each.file} ${timesLine}`)] as const];
  }));
  const roundOf = (each: FileMutation) => order.get(each) ?? [0, 0];
  return byRank.sort((a, b) => roundOf(a)[0] - roundOf(b)[0] || roundOf(a)[1] - roundOf(b)[1]);
}

function rankOf({ file, place, replacement }: FileMutation, { seed, subject }: Chance): number {
  return murmur3(`${subject}\n${file}\n${place}\n${replacement}`, seed);
}

/** Returns the number of earlier counts of this key, and counts it. */
function counted(counts: Map<string, number>, key: string): number {
  const before = counts.get(key) ?? 0;
  counts.set(key, before + 1);
  return before;
}
