/** Counting: how many are a majority, and what a majority agrees on. */

import { invariant } from "../../protocol/errors.ts";

/** The least number of voters of which any two sets have one in common. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * The greatest value that a majority has reached: with one value per voter, the smallest one of the best majority. 0 when
 * nobody votes.
 */
export function quorumValue(values: readonly number[], quorum = majority(values.length)): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => b - a);
  const value = sorted[quorum - 1];
  invariant(value !== undefined, `a quorum of ${quorum} among ${values.length} voters`);
  return value;
}

/** How an election stands. */
export type Tally = "won" | "lost" | "open";

/** Counts votes: `granted` and `refused` out of all voters. */
export function tally(
  votes: { readonly granted: number; readonly refused: number; readonly voters: number },
  quorum = majority(votes.voters),
): Tally {
  if (votes.voters === 0) return "lost";
  if (votes.granted >= quorum) return "won";
  return votes.voters - votes.refused < quorum ? "lost" : "open";
}
