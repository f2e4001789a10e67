/** The log in memory: what follows the last compaction (§3.5, §5.1). */

import { invariant } from "../../protocol/errors.ts";
import type { Entry } from "./types.ts";

/** Consecutive entries after a base (index and term of the last entry that a snapshot replaced, or 0 and 0). */
export class Log {
  #entries: Entry[] = []; // #entries[i] has index #baseIndex + 1 + i
  #baseIndex: number;
  #baseTerm: number;

  constructor(base: { readonly index: number; readonly term: number }, entries: readonly Entry[]) {
    this.#baseIndex = base.index;
    this.#baseTerm = base.term;
    for (const entry of entries) this.append(entry);
  }

  /** The index of the oldest entry that is still here, or would be. */
  get firstIndex(): number {
    return this.#baseIndex + 1;
  }

  get lastIndex(): number {
    return this.#baseIndex + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#baseTerm;
  }

  /** The term of an entry; undefined if it is compacted away or not written yet. */
  termAt(index: number): number | undefined {
    return index === this.#baseIndex ? this.#baseTerm : this.#entries[index - this.#baseIndex - 1]?.term;
  }

  /** The entry at an index that is here. */
  at(index: number): Entry {
    const entry = this.#entries[index - this.#baseIndex - 1];
    invariant(entry !== undefined, `entry ${index} is not in the log (${this.firstIndex}…${this.lastIndex})`);
    return entry;
  }

  /** At most `max` entries from an index on, as far as they go, up to and with `to`. */
  slice(from: number, options: { readonly to: number; readonly max: number }): readonly Entry[] {
    invariant(from > this.#baseIndex, `entry ${from} is compacted away`);
    const start = from - this.#baseIndex - 1;
    const end = Math.min(options.to - this.#baseIndex, start + options.max);
    return this.#entries.slice(start, Math.max(start, end));
  }

  append(entry: Entry): void {
    invariant(entry.index === this.lastIndex + 1, `entry ${entry.index} does not follow ${this.lastIndex}`);
    invariant(
      entry.term >= this.lastTerm,
      `term ${entry.term} of entry ${entry.index} is below the one before`,
    );
    this.#entries.push(entry);
  }

  /** Forgets the entries from an index on. */
  truncate(from: number): void {
    invariant(from > this.#baseIndex, `cannot truncate at ${from}: compacted up to ${this.#baseIndex}`);
    this.#entries.length = Math.min(this.#entries.length, from - this.#baseIndex - 1);
  }

  /** Forgets the entries up to and with an index that is here (§5.1). */
  compact(index: number): void {
    const term = this.termAt(index);
    invariant(term !== undefined, `cannot compact at ${index}: not in the log`);
    this.#entries = this.#entries.slice(index - this.#baseIndex);
    this.#baseIndex = index;
    this.#baseTerm = term;
  }

  /** Forgets everything: a snapshot took its place (§5.1). */
  reset(index: number, term: number): void {
    this.#entries = [];
    this.#baseIndex = index;
    this.#baseTerm = term;
  }

  /**
   * The greatest index up to `index` whose term is at most `term`; the base's if there is none. Where two logs differ,
   * this skips a whole term a step on either side (§3.5).
   */
  lastWithTermAtMost(index: number, term: number): number {
    let at = Math.min(index, this.lastIndex);
    while (at > this.#baseIndex && (this.termAt(at) ?? 0) > term) at--;
    return at;
  }
}
