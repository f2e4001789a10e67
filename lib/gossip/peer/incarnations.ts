/** The incarnations of a peer: which one is current, and which messages come from an earlier one. */

/** The number of previous incarnations that are remembered. Messages from older ones are not expected. */
const PREVIOUS_INCARNATIONS_MAX = 64;

/** The result for a message: it is from the current incarnation, a previous one, or one that replaces the current one. */
export type IncarnationVerdict =
  | { readonly kind: "current" }
  | { readonly kind: "stale" }
  /** `wasRetired`: this incarnation was current before, and was replaced by mistake. */
  | { readonly kind: "replaced"; readonly wasRetired: boolean };

/**
 * Tracks one peer's incarnations. A peer that restarts loses its memory, so the state of an earlier incarnation must not be
 * taken for that of the current one. Incarnations carry no order, so the order is inferred:
 *
 * - A message that echoes one of this node's timestamps comes from an incarnation that received that message. The
 *   one that echoes the later timestamp is the newer incarnation.
 * - A message without an echo comes from a new incarnation, unless that incarnation was retired before.
 * - A retired incarnation becomes current again only if it echoes a timestamp from after its retirement.
 */
export class Incarnations {
  #current: string | undefined;
  readonly #retired = new Map<string, number>(); // incarnation → when it was replaced
  #provenAt = -Infinity; // the latest timestamp of this node that the current incarnation echoed

  /** The current incarnation; undefined before the first message. */
  get current(): string | undefined {
    return this.#current;
  }

  /** Classifies a message by its incarnation; `echoedAt` is the timestamp of this node that it echoes. */
  accept(incarnation: string, echoedAt: number | undefined, now: number): IncarnationVerdict {
    let verdict: IncarnationVerdict = { kind: "current" };
    if (incarnation !== this.#current) {
      const retiredAt = this.#retired.get(incarnation);
      if (retiredAt !== undefined && (echoedAt ?? -Infinity) <= retiredAt) return { kind: "stale" };
      if (echoedAt !== undefined && echoedAt < this.#provenAt) return { kind: "stale" };
      if (this.#current !== undefined) {
        this.#retire(this.#current, now);
        verdict = { kind: "replaced", wasRetired: retiredAt !== undefined };
      }
      this.#current = incarnation;
    }
    if (echoedAt !== undefined) this.#provenAt = Math.max(this.#provenAt, echoedAt);
    return verdict;
  }

  #retire(incarnation: string, now: number): void {
    this.#retired.set(incarnation, now);
    const [oldest] = this.#retired.keys();
    if (oldest !== undefined && this.#retired.size > PREVIOUS_INCARNATIONS_MAX) this.#retired.delete(oldest);
  }
}
