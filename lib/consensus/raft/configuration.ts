/** The members of the cluster, as the entries of the log change them (§4). */

import { invariant } from "../../protocol/errors.ts";
import type { Entry, Incarnations, Membership, NodeId } from "../types.ts";

/** A change of one server. The dissertation proves changes of one server at a time (§4.1). */
export type MembershipChange =
  | { readonly add: NodeId; readonly as: "learner" | "voter" }
  | { readonly remove: NodeId };

/** A change that is not possible. */
export interface InvalidChange {
  readonly problem: "last voter" | "not a member" | "already a voter" | "already a learner";
}

/** Returns the membership after a change. */
export function changeMembership(
  membership: Membership,
  change: MembershipChange,
): Membership | InvalidChange {
  const { voters, learners } = membership;
  if ("remove" in change) {
    const id = change.remove;
    if (voters.length === 1 && voters.includes(id)) return { problem: "last voter" };
    if (!voters.includes(id) && !learners.includes(id)) return { problem: "not a member" };
    return { voters: voters.filter((each) => each !== id), learners: learners.filter((each) => each !== id) };
  }
  const id = change.add;
  if (voters.includes(id)) return { problem: "already a voter" };
  if (change.as === "learner") {
    if (learners.includes(id)) return { problem: "already a learner" };
    return { voters, learners: [...learners, id] };
  }
  return { voters: [...voters, id], learners: learners.filter((each) => each !== id) };
}

interface Configuration {
  /** The entry that holds the configuration; that of the snapshot, or 0, for the base. */
  readonly index: number;
  readonly membership: Membership;
  readonly incarnations: Incarnations;
}

/**
 * The configurations in the log, oldest first; never empty. The newest one is in force as soon as its entry is in the log, committed
 * or not (§4.1), and until that entry is overwritten.
 */
export class Configurations {
  #all: Configuration[];

  constructor(base: Configuration) {
    this.#all = [base];
  }

  get #latest(): Configuration {
    const latest = this.#all.at(-1);
    invariant(latest !== undefined, "there is always a configuration");
    return latest;
  }

  get membership(): Membership {
    return this.#latest.membership;
  }

  get incarnations(): Incarnations {
    return this.#latest.incarnations;
  }

  /** The index of the entry that is in force. */
  get index(): number {
    return this.#latest.index;
  }

  /** Records an entry that was appended to the log. */
  append({ index, payload }: Entry): void {
    const { membership, incarnations } = this.#latest;
    if (payload.kind === "membership") {
      this.#all.push({ index, membership: payload.membership, incarnations });
    } else if (payload.kind === "rejoin") {
      const { node, incarnation } = payload;
      this.#all.push({ index, membership, incarnations: { ...incarnations, [node]: incarnation } });
    }
  }

  /** Removes the configurations of the entries from an index on. */
  truncate(from: number): void {
    while (this.#all.length > 1 && this.#latest.index >= from) this.#all.pop();
  }

  /** Returns the configuration that is in force at an index. */
  at(index: number): Configuration {
    const found = this.#all.findLast((each) => each.index <= index);
    invariant(found !== undefined, () => `the configuration at ${index} is compacted away`);
    return found;
  }

  /** Removes the configurations that no entry after an index needs. */
  compact(index: number): void {
    const base = this.at(index);
    this.#all = [base, ...this.#all.filter((each) => each.index > index)];
  }

  /** Replaces all configurations by that of a snapshot. */
  reset(base: Configuration): void {
    this.#all = [base];
  }
}
