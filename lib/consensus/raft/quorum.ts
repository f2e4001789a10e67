/** Majorities: their size, and the values that a majority has reached. */

import { invariant } from "../../protocol/errors.ts";

/** Returns the smallest number of voters such that any two sets of that size share a voter. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1; // plant: half-decides
}

/** Returns the greatest value that a quorum of voters has reached, given one value per voter; 0 without voters. */
export function quorumValue(values: readonly number[], quorum = majority(values.length)): number {
  if (values.length === 0) return 0;
  invariant(quorum <= values.length, `a quorum of ${quorum} among ${values.length} voters`);
  let greatest = -Infinity;
  for (const value of values) { // counts instead of sorting, because there are few voters and every turn asks
    if (value <= greatest) continue;
    let reached = 0;
    for (const other of values) if (other >= value) reached++;
    if (reached >= quorum) greatest = value;
  }
  return greatest;
}

/** The result of an election so far. */
export type Tally = "won" | "lost" | "open";

/** Counts votes: `granted` and `refused` of all voters. */
export function tally(
  votes: { readonly granted: number; readonly refused: number; readonly voters: number },
  quorum = majority(votes.voters),
): Tally {
  if (votes.voters === 0) return "lost";
  if (votes.granted >= quorum) return "won";
  return votes.voters - votes.refused < quorum ? "lost" : "open";
}
