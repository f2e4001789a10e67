/**
 * Causal order, and who has what, out of logs by origin. Each origin writes *receipts* into its own log: how far it had
 * been delivered each other one. An origin's entry that stands behind a receipt is delivered after all that the receipt
 * names, and says that its author knew those (Lamport, "Time, clocks, and the ordering of events", 1978; receipts inside
 * the log as in Petersen et al., "Flexible update propagation", SOSP 1997). Because they travel in the log, it does not
 * matter by which way and through whose hands entries come.
 *
 * An entry is an array, a receipt an object: origin → count.
 */

import type { Json } from "../../protocol/schema.ts";

/** Where an entry stands: `index` counts from 1. */
export interface Place {
  readonly origin: string;
  readonly index: number;
}

/** How far the author of a receipt had been delivered other origins; those that did not grow since the last are left out. */
export type Receipt = Readonly<Record<string, number>>;

/** Who is told what. */
export interface CausalOrderOptions {
  /** Told each entry once, after all that its author knew. */
  readonly deliver: (entry: readonly Json[], from: Place) => void;
  /** Told that the author of the log `by` has been delivered `origin` up to `upTo`, and that it writes on knowing it. */
  readonly acknowledged: (by: string, known: { readonly origin: string; readonly upTo: number }) => void;
}

/** Holds entries back until their turn has come. Feed it each origin's entries in their order. */
export class CausalOrder {
  readonly #own: string;
  readonly #options: CausalOrderOptions;
  readonly #waiting = new Map<string, Json[]>(); // received and not delivered, by origin
  readonly #delivered = new Map<string, number>();
  readonly #receipted = new Map<string, number>();
  #receiptDue = false;

  /** `own` is the origin that this node writes. */
  constructor(own: string, options: CausalOrderOptions) {
    this.#own = own;
    this.#options = options;
  }

  /** How many entries of an origin were delivered, receipts included. */
  delivered(origin: string): number {
    return this.#delivered.get(origin) ?? 0;
  }

  /** Whether there are entries that this node's log does not acknowledge yet. */
  get receiptDue(): boolean {
    return this.#receiptDue;
  }

  /** How many entries are held back. */
  get heldBack(): number {
    let count = 0;
    for (const entries of this.#waiting.values()) count += entries.length;
    return count;
  }

  /** Takes an origin's next entry, and delivers what can be delivered. */
  receive(entry: Json, { origin }: Place): void {
    const waiting = this.#waiting.get(origin);
    if (waiting !== undefined) {
      waiting.push(entry); // behind what is held back
      return;
    }
    if (!this.#deliver(entry, origin)) {
      this.#waiting.set(origin, [entry]);
      return;
    }
    this.#release();
  }

  /** What is to be appended to this node's own log to acknowledge all that was delivered; undefined if that is nothing new. */
  receipt(): Receipt | undefined {
    const receipt: Record<string, number> = {};
    let grown = false;
    for (const [origin, count] of this.#delivered) {
      if (origin === this.#own || count <= (this.#receipted.get(origin) ?? 0)) continue;
      receipt[origin] = count;
      grown = true;
    }
    return grown ? receipt : undefined;
  }

  #release(): void {
    let released = this.#waiting.size > 0;
    while (released) {
      released = false;
      for (const [origin, entries] of this.#waiting) {
        let count = 0;
        for (const entry of entries) {
          if (!this.#deliver(entry, origin)) break;
          count++;
        }
        released ||= count > 0;
        if (count === entries.length) this.#waiting.delete(origin);
        else entries.splice(0, count);
      }
    }
  }

  /** Delivers an entry unless it is too early: then false. */
  #deliver(entry: Json, origin: string): boolean {
    if (Array.isArray(entry)) {
      this.#count(origin);
      if (origin !== this.#own) this.#receiptDue = true;
      this.#options.deliver(entry, { origin, index: this.delivered(origin) });
      return true;
    }
    const receipt = asReceipt(entry);
    for (const [other, count] of receipt) {
      if (other !== origin && this.delivered(other) < count) return false;
    }
    this.#count(origin);
    for (const [other, upTo] of receipt) {
      if (origin === this.#own) this.#noteReceipted(other, upTo);
      this.#options.acknowledged(origin, { origin: other, upTo });
    }
    return true;
  }

  #noteReceipted(origin: string, upTo: number): void {
    this.#receipted.set(origin, upTo);
    this.#receiptDue = false; // what a receipt leaves out are receipts, which need none
    for (const [other, count] of this.#delivered) {
      if (other !== this.#own && count > (this.#receipted.get(other) ?? 0)) this.#receiptDue = true;
    }
  }

  #count(origin: string): void {
    this.#delivered.set(origin, this.delivered(origin) + 1);
  }
}

function asReceipt(entry: Json): [origin: string, upTo: number][] {
  if (typeof entry !== "object" || entry === null) return [];
  return Object.entries(entry).filter((pair): pair is [string, number] => Number.isSafeInteger(pair[1]));
}
