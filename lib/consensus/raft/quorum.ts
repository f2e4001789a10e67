/** Majorities: their size, and the values that a majority has reached. */

import { InvariantError } from "../../protocol/errors.ts";

/** Returns the smallest number of voters such that any two sets of that size share a voter. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1; // plant: half-decides
}

/** Returns the greatest value that a quorum of voters has reached, given one value per voter; 0 without voters. */
export function quorumValue(values: readonly number[], quorum = majority(values.length)): number {
  if (values.length === 0) return 0;
  if (quorum > values.length) throw new InvariantError(`a quorum of ${quorum} among ${values.length} voters`);
  let greatest = -Infinity;
  // Counts by index instead of sorting, because there are few voters and every turn asks several times.
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? -Infinity;
    if (value > greatest && reachedBy(values, value) >= quorum) greatest = value;
  }
  return greatest;
}

/** Returns the number of values that are not less than one. */
function reachedBy(values: readonly number[], value: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if ((values[i] ?? -Infinity) >= value) count++;
  return count;
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
