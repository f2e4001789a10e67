/** Who is in the cluster, as the log says it, entry by entry (§4). */

import { invariant } from "../../protocol/errors.ts";
import type { Entry, Incarnations, Membership, NodeId } from "./types.ts";

/** One change; the thesis proves changes of one server at a time (§4.1). */
export type MembershipChange =
  | { readonly add: NodeId; readonly as: "learner" | "voter" }
  | { readonly remove: NodeId };

/** The membership after a change, or why it makes no sense. */
export function changed(membership: Membership, change: MembershipChange): Membership | string {
  const { voters, learners } = membership;
  if ("remove" in change) {
    const id = change.remove;
    if (voters.length === 1 && voters.includes(id)) return `${id} is the last voter`;
    if (!voters.includes(id) && !learners.includes(id)) return `${id} is no member`;
    return { voters: voters.filter((each) => each !== id), learners: learners.filter((each) => each !== id) };
  }
  const id = change.add;
  if (voters.includes(id)) return `${id} is a voter already`;
  if (change.as === "learner") {
    return learners.includes(id) ? `${id} is a learner already` : { voters, learners: [...learners, id] };
  }
  return { voters: [...voters, id], learners: learners.filter((each) => each !== id) };
}

interface Configuration {
  /** The entry that says so; 0 or the snapshot's for the base. */
  readonly index: number;
  readonly membership: Membership;
  readonly incarnations: Incarnations;
}

/**
 * The configurations that the log holds, oldest first. The newest one is in force from the moment when it stands in the
 * log, committed or not (§4.1), and ends with its entry when that is overwritten.
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

  /** Takes note of an entry that was written to the log. */
  append({ index, payload }: Entry): boolean {
    const { membership, incarnations } = this.#latest;
    if (payload.kind === "membership") {
      this.#all.push({ index, membership: payload.membership, incarnations });
    } else if (payload.kind === "rejoin") {
      const { node, incarnation } = payload;
      this.#all.push({ index, membership, incarnations: { ...incarnations, [node]: incarnation } });
    } else return false;
    return true;
  }

  /** The entries from an index on are gone. */
  truncate(from: number): void {
    while (this.#all.length > 1 && this.#latest.index >= from) this.#all.pop();
  }

  /** What was in force at an index. */
  at(index: number): Configuration {
    const found = this.#all.findLast((each) => each.index <= index);
    invariant(found !== undefined, `the configuration at ${index} is compacted away`);
    return found;
  }

  /** The entries up to an index are compacted away. */
  compact(index: number): void {
    const base = this.at(index);
    this.#all = [base, ...this.#all.filter((each) => each.index > index)];
  }

  /** A snapshot took the place of everything. */
  reset(base: Configuration): void {
    this.#all = [base];
  }
}
