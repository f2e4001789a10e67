/**
 * The incarnations of nodes without a store: each takes part only once, because the next one has forgotten the promises.
 *
 * A node keeps the first incarnation that it hears of each peer, and ignores later ones. That is not enough: a peer that never heard the
 * first one would take the promises of both for one node's. So an incarnation asks its peers, and takes part when more than half of them
 * have confirmed that they know no other. Two incarnations cannot both be confirmed, since one peer would have to confirm both.
 *
 * Tested by `tests/consensus/epaxos/transcripts_test.ts`.
 */

import type { NodeId } from "../types.ts";
import type { EpaxosCore } from "./core.ts";
import type { EpaxosMessage, Part } from "./types.ts";

/** The incarnations that a node knows, and its own. */
export class Incarnations {
  readonly #core: EpaxosCore;
  readonly #known = new Map<NodeId, string>();
  readonly #confirmedBy = new Set<NodeId>();
  #isRefused = false;

  constructor(core: EpaxosCore) {
    this.#core = core;
  }

  /** True if this node keeps its promises: it has a store, or this is the only incarnation that can take part. */
  get mayTakePart(): boolean {
    const { config, rules, others } = this.#core;
    if (config.hasStore) return true;
    return !this.#isRefused && this.#confirmedBy.size >= rules.confirmations(others.length);
  }

  /** True if this node does not know yet whether it may take part. */
  get isAsking(): boolean {
    return !this.mayTakePart && !this.#isRefused;
  }

  /** Asks all peers that have not confirmed this incarnation. */
  ask(): void {
    for (const node of this.#core.others) {
      if (!this.#confirmedBy.has(node)) this.#core.send(node, { type: "incarnation" });
    }
  }

  /** Handles the questions and answers in a message. Returns true if the rest of it counts. */
  admits({ from, incarnation, parts }: EpaxosMessage): boolean {
    const known = this.#known.get(from) ?? incarnation;
    this.#known.set(from, known);
    for (const part of parts) this.#onPart(from, part, known);
    return known === incarnation && this.mayTakePart;
  }

  #onPart(from: NodeId, part: Part, known: string): void {
    if (part.type === "incarnation" && !this.#isRefused) {
      this.#core.send(from, { type: "incarnation_ok", incarnation: known });
    } else if (part.type === "incarnation_ok") {
      if (part.incarnation === this.#core.config.incarnation) this.#confirmedBy.add(from);
      else this.#isRefused = true;
    }
  }
}
