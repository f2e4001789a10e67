/**
 * Causal order, and who has which entries, derived from logs by origin. Each origin writes *acknowledgements* into its own
 * log: how far it had been delivered each other log. An entry after an acknowledgement is delivered after everything that
 * the acknowledgement names (Lamport: "Time, clocks, and the ordering of events", 1978; acknowledgements inside the log as in
 * Petersen et al.: "Flexible update propagation", SOSP 1997). Because acknowledgements travel in the log, it does not matter
 * on which way, and through which nodes, entries arrive.
 *
 * An entry is an array. An acknowledgement is an object: origin → count.
 *
 * Tested by `tests/log/causal_order_test.ts`.
 */

import { invariant } from "../../protocol/errors.ts";
import type { Json } from "../../protocol/schema.ts";

/** The position of an entry. `index` counts from 1. */
export interface EntryPosition {
  readonly origin: string;
  readonly index: number;
}

/** The counts that an origin had been delivered. Counts that did not grow since its last acknowledgement are left out. */
export type Acknowledgement = Readonly<Record<string, number>>;

/** The receivers of entries and acknowledgements. */
export interface CausalOrderOptions {
  /** Receives each entry once, after everything that its author had been delivered. */
  readonly deliver: (entry: readonly Json[], from: EntryPosition) => void;
  /** Receives each acknowledgement: the author of the log `by` has been delivered `origin` up to `upTo`. */
  readonly acknowledged: (by: string, known: { readonly origin: string; readonly upTo: number }) => void;
}

/** Buffers entries until they can be delivered. Feed it the entries of each origin in their order. */
export class CausalOrder {
  readonly #own: string;
  readonly #options: CausalOrderOptions;
  readonly #buffered = new Map<string, Json[]>(); // by origin
  readonly #delivered = new Map<string, number>();
  readonly #acknowledged = new Map<string, number>(); // by this node
  #ackDue = false;

  /** `own` is the origin that this node writes. */
  constructor(own: string, options: CausalOrderOptions) {
    this.#own = own;
    this.#options = options;
  }

  /** Returns the number of delivered entries of an origin, including acknowledgements. */
  delivered(origin: string): number {
    return this.#delivered.get(origin) ?? 0;
  }

  /** True if there are delivered entries that this node's log does not acknowledge yet. */
  get ackDue(): boolean {
    return this.#ackDue;
  }

  /** The number of buffered entries. */
  get bufferedCount(): number {
    let count = 0;
    for (const entries of this.#buffered.values()) count += entries.length;
    return count;
  }

  /** Takes the next entry of an origin, and delivers all entries that become deliverable. */
  receive(entry: Json, { origin, index }: EntryPosition): void {
    const buffered = this.#buffered.get(origin);
    const expected = this.delivered(origin) + (buffered?.length ?? 0) + 1;
    invariant(index === expected, () => `entry ${index} of ${origin} was received in place of ${expected}`);
    if (buffered !== undefined) {
      buffered.push(entry);
      return;
    }
    if (!this.#deliver(entry, origin)) {
      this.#buffered.set(origin, [entry]);
      return;
    }
    this.#deliverReady();
  }

  /** Returns the acknowledgement to append to this node's own log; undefined if it would contain nothing new. */
  ackEntry(): Acknowledgement | undefined {
    const entry: Record<string, number> = {};
    let grown = false;
    for (const [origin, count] of this.#delivered) {
      if (origin === this.#own || count <= (this.#acknowledged.get(origin) ?? 0)) continue;
      entry[origin] = count;
      grown = true;
    }
    return grown ? entry : undefined;
  }

  #deliverReady(): void {
    let progress = this.#buffered.size > 0;
    while (progress) {
      progress = false;
      for (const [origin, entries] of this.#buffered) {
        let count = 0;
        for (const entry of entries) {
          if (!this.#deliver(entry, origin)) break;
          count++;
        }
        progress ||= count > 0;
        if (count === entries.length) this.#buffered.delete(origin);
        else entries.splice(0, count);
      }
    }
  }

  /** Delivers an entry. Returns false if it has to wait for entries of other origins. */
  #deliver(entry: Json, origin: string): boolean {
    if (Array.isArray(entry)) {
      this.#count(origin);
      if (origin !== this.#own) this.#ackDue = true;
      this.#options.deliver(entry, { origin, index: this.delivered(origin) });
      return true;
    }
    const counts = acknowledgedCounts(entry);
    for (const [other, count] of counts) {
      if (other !== origin && this.delivered(other) < count) return false;
    }
    this.#count(origin);
    for (const [other, upTo] of counts) {
      if (origin === this.#own) this.#recordAcknowledged(other, upTo);
      this.#options.acknowledged(origin, { origin: other, upTo });
    }
    return true;
  }

  #recordAcknowledged(origin: string, upTo: number): void {
    this.#acknowledged.set(origin, upTo);
    this.#ackDue = false; // an acknowledgement covers all entries; acknowledgements themselves need none
    for (const [other, count] of this.#delivered) {
      if (other !== this.#own && count > (this.#acknowledged.get(other) ?? 0)) this.#ackDue = true;
    }
  }

  #count(origin: string): void {
    this.#delivered.set(origin, this.delivered(origin) + 1);
  }
}

function acknowledgedCounts(entry: Json): [origin: string, upTo: number][] {
  if (typeof entry !== "object" || entry === null) return [];
  return Object.entries(entry).filter((pair): pair is [string, number] => Number.isSafeInteger(pair[1]));
}
