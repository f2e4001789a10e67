/**
 * How far each key was processed, merged by maximum, so that it never goes back. As a replica each origin has a number of
 * changes, of which only those are kept that no later one of the same key has overtaken: it is as large as its keys are
 * many, whatever the number of commits.
 *
 * On the wire a delta is `[after, upTo, [key, offset], …]`: all that changed beyond `after`.
 */

import type { Delta, Replica, Vector } from "../../gossip/replica.ts";
import { weigh } from "../weight.ts";

interface Change {
  readonly offset: number;
  /** Which change of its origin it is. */
  readonly version: number;
}

/** What stands behind an origin's name, so that it is not taken for a log. */
export const COMMITS_SUFFIX = "+commits";

/** See the file's head. */
export class CommittedOffsets implements Replica {
  readonly #own: string;
  readonly #changed: (key: string, offset: number) => void;
  readonly #offsets = new Map<string, number>();
  readonly #vector = new Map<string, number>();
  readonly #changes = new Map<string, Map<string, Change>>(); // by origin, then by key; the latest change stands last

  /** `own` is what this node writes, in this life of it; `changed` is told each offset that grew. */
  constructor(own: string, changed: (key: string, offset: number) => void) {
    this.#own = own;
    this.#changed = changed;
  }

  get vector(): Vector {
    return this.#vector;
  }

  isOwn(origin: string): boolean {
    return origin === this.#own;
  }

  /** The offset committed of a key. */
  get(key: string): number | undefined {
    return this.#offsets.get(key);
  }

  /** Commits an offset. False if as much was committed before. */
  commit(key: string, offset: number): boolean {
    if (!this.#raise(key, offset)) return false;
    this.#note(this.#own, { key, offset, version: (this.#vector.get(this.#own) ?? 0) + 1 });
    return true;
  }

  delta(origin: string, after: number, sizeMax: number): Delta {
    const newer: [string, number][] = [];
    let upTo = after;
    let size = 0;
    for (const [key, { offset, version }] of this.#changes.get(origin) ?? []) {
      if (version <= after) continue;
      if (size >= sizeMax && version > upTo) break; // what was learned together has one version
      newer.push([key, offset]);
      upTo = version;
      size += Math.ceil(weigh(key) / 256);
    }
    return { payload: [after, upTo, ...newer], upTo, size };
  }

  merge(origin: string, payload: unknown): number {
    if (!Array.isArray(payload)) return 0;
    const [after, upTo, ...changes]: readonly unknown[] = payload;
    const known = this.#vector.get(origin) ?? 0;
    if (!isCount(after) || !isCount(upTo) || !changes.every(isChange)) return 0;
    if (after > known || upTo <= known) return upTo;
    for (const [key, offset] of changes) {
      this.#raise(key, offset);
      this.#note(origin, { key, offset, version: upTo }); // whoever asks for less than all of these is given all
    }
    this.#vector.set(origin, upTo);
    return upTo;
  }

  #raise(key: string, offset: number): boolean {
    if (offset <= (this.#offsets.get(key) ?? -1)) return false;
    this.#offsets.set(key, offset);
    this.#changed(key, offset);
    return true;
  }

  #note(origin: string, { key, offset, version }: { key: string; offset: number; version: number }): void {
    let changes = this.#changes.get(origin);
    if (changes === undefined) this.#changes.set(origin, changes = new Map());
    changes.delete(key);
    changes.set(key, { offset, version });
    this.#vector.set(origin, version);
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isChange(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && isCount(value[1]);
}
