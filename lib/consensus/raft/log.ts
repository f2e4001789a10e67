/** The log in memory: the entries after the last compaction (§3.5, §5.1). */

import { invariant } from "../../protocol/errors.ts";
import type { Entry } from "../types.ts";

/** The position of an entry. */
export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

/** Consecutive entries after a base: the last entry that a snapshot replaced, or index 0 of term 0. */
export class Log {
  #entries: Entry[] = []; // #entries[i] has index #base.index + 1 + i
  #base: LogPosition;

  constructor(base: LogPosition, entries: readonly Entry[]) {
    this.#base = base;
    for (const entry of entries) this.append(entry);
  }

  /** The index of the first entry after the base, whether it is written or not. */
  get firstIndex(): number {
    return this.#base.index + 1;
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#base.term;
  }

  /** Returns the term of an entry; undefined if the entry is compacted away or not written. */
  termAt(index: number): number | undefined {
    return index === this.#base.index ? this.#base.term : this.#entries[index - this.#base.index - 1]?.term;
  }

  /** Returns at most `max` entries from an index on, up to and including `to`. */
  slice(from: number, to: number, max: number): readonly Entry[] {
    invariant(from > this.#base.index, () => `entry ${from} is compacted away`);
    const start = from - this.#base.index - 1;
    const end = Math.min(to - this.#base.index, start + max);
    return this.#entries.slice(start, Math.max(start, end));
  }

  /** Appends the entry that follows the last one. */
  append(entry: Entry): void {
    invariant(
      entry.index === this.lastIndex + 1,
      () => `entry ${entry.index} does not follow ${this.lastIndex}`,
    );
    invariant(
      entry.term >= this.lastTerm,
      () => `term ${entry.term} of entry ${entry.index} is below the one before`,
    );
    this.#entries.push(entry);
  }

  /** Removes the entries from an index on. */
  truncate(from: number): void {
    invariant(
      from > this.#base.index,
      () => `cannot truncate at ${from}: the log is compacted up to ${this.#base.index}`,
    );
    this.#entries.length = Math.min(this.#entries.length, from - this.#base.index - 1);
  }

  /** Removes the entries up to and including an index (§5.1). */
  compact(index: number): void {
    const term = this.termAt(index);
    invariant(term !== undefined, () => `cannot compact at ${index}: not in the log`);
    this.#entries = this.#entries.slice(index - this.#base.index);
    this.#base = { index, term };
  }

  /** Removes everything: a snapshot replaces it (§5.1). */
  reset(base: LogPosition): void {
    this.#entries = [];
    this.#base = base;
  }

  /**
   * Returns the index of the last entry up to `index` whose term is at most `term`; that of the base if there is none, and `index`
   * itself if it is before the base. If two logs differ, each side skips a whole term per step (§3.5).
   */
  lastWithTermAtMost(index: number, term: number): number {
    let at = Math.min(index, this.lastIndex);
    while (at > this.#base.index) {
      const entry = this.#entries[at - this.#base.index - 1];
      if (entry === undefined || entry.term <= term) break;
      at--;
    }
    return at;
  }
}
