/**
 * Admits nodes to an engine without a leader. A node that has lost its store has lost its promises, and must not act as if it had made none.
 *
 * A node without a store, or with a new one, takes part only after enough peers have confirmed its incarnation. Each peer confirms the first
 * incarnation that it hears. f nodes may have lost their memory, the new one among them. Any two sets of confirming peers share f peers, so
 * that one of them remembers an earlier incarnation.
 *
 * Tested by `tests/consensus/leaderless/admission_test.ts`.
 */

import type { NodeId } from "../types.ts";

/** The part of the admissions that a node stores. */
export interface StoredAdmission {
  /** True if enough peers have confirmed this node's incarnation. */
  readonly isAdmitted: boolean;
  /** The incarnation of each peer. */
  readonly incarnations: Readonly<Record<NodeId, string>>;
}

/** A request for a confirmation, and the confirmation. */
export type AdmissionPart =
  | { readonly type: "hello" }
  /** The incarnation tells for which one of a node's starts it is meant. */
  | { readonly type: "hello_ok"; readonly incarnation: string };

/** Returns the number of peers that must confirm an incarnation. */
export function confirmationsNeeded(nodes: number): number {
  const failures = Math.floor((nodes - 1) / 2);
  return Math.max(0, Math.floor((nodes + failures - 2) / 2) + 1);
}

/** The part of a message that concerns the admission. */
interface Introduction {
  readonly from: NodeId;
  readonly incarnation: string;
  readonly parts: ReadonlyArray<AdmissionPart | { readonly type: string }>;
}

/** Sends a part to a peer. */
type Send = (to: NodeId, part: AdmissionPart) => void;

/** A node's admission, and the incarnations of its peers. */
export class Admission {
  readonly #incarnation: string;
  readonly #peers: readonly NodeId[];
  readonly #needed: number;
  readonly #incarnations: Map<NodeId, string>;
  readonly #confirmedBy = new Set<NodeId>();
  #isAdmitted: boolean;
  #hasChanged = false;
  /** The time at which the node asks for confirmations next. */
  #askAt: number;

  constructor(
    incarnation: string,
    { peers, needed, stored, now }: {
      readonly peers: readonly NodeId[];
      /** The number of peers that must confirm the incarnation. */
      readonly needed: number;
      /** Undefined if the store is new, or if there is none. */
      readonly stored: StoredAdmission | undefined;
      readonly now: number;
    },
  ) {
    this.#incarnation = incarnation;
    this.#peers = peers;
    this.#needed = needed;
    this.#incarnations = new Map(Object.entries(stored?.incarnations ?? {}));
    this.#isAdmitted = stored?.isAdmitted === true || this.#needed === 0;
    this.#askAt = now;
  }

  /** True if the node may take part. */
  get isAdmitted(): boolean {
    return this.#isAdmitted;
  }

  /** The time at which {@linkcode Admission.tick} must be called next. */
  get deadline(): number {
    return this.#isAdmitted ? Infinity : this.#askAt;
  }

  /** Asks the peers that have not confirmed this node's incarnation, at intervals. */
  tick(now: number, { retryMs, send }: { readonly retryMs: number; readonly send: Send }): void {
    if (now < this.deadline) return;
    this.#askAt = now + retryMs;
    for (const peer of this.#peers) if (!this.#confirmedBy.has(peer)) send(peer, { type: "hello" });
  }

  /** Handles what a message says of admissions. Returns true if its other parts count: both nodes have their memory. */
  receive({ from, incarnation, parts }: Introduction, send: Send): boolean {
    if (!this.#knows(from, incarnation)) return false;
    for (const part of parts) {
      if (part.type === "hello") send(from, { type: "hello_ok", incarnation });
      else if (part.type === "hello_ok" && "incarnation" in part) this.#confirm(from, part.incarnation);
    }
    return this.#isAdmitted;
  }

  /** Learns a peer's incarnation. Returns false if the peer has lost its memory. */
  #knows(peer: NodeId, incarnation: string): boolean {
    const known = this.#incarnations.get(peer);
    if (known !== undefined) return known === incarnation;
    this.#incarnations.set(peer, incarnation);
    this.#hasChanged = true;
    return true;
  }

  /** Counts a peer's confirmation of an incarnation. */
  #confirm(peer: NodeId, incarnation: string): void {
    if (incarnation !== this.#incarnation) return;
    this.#confirmedBy.add(peer);
    if (this.#isAdmitted || this.#confirmedBy.size < this.#needed) return;
    this.#isAdmitted = true;
    this.#hasChanged = true;
  }

  /** Returns what must be stored; undefined if nothing has changed since the last call. */
  takeChanged(): StoredAdmission | undefined {
    if (!this.#hasChanged) return undefined;
    this.#hasChanged = false;
    return { isAdmitted: this.#isAdmitted, incarnations: Object.fromEntries(this.#incarnations) };
  }
}
