/**
 * The committed offset of each key, merged by maximum, so that it never decreases. The changes of each origin are numbered.
 * Only the latest change of each key is kept, so the size depends on the number of keys, not on the number of commits.
 *
 * A delta is encoded as `[after, upTo, [key, offset], …]`: everything that changed after `after`.
 *
 * Tested by `tests/log/replicas_test.ts`.
 */

import type { Delta, Replica, Vector } from "../../gossip/replica.ts";
import { estimateJsonBytes } from "../json_size.ts";
import { BYTES_PER_CREDIT } from "../size_limited_logs.ts";

interface Change {
  readonly key: string;
  readonly offset: number;
  /** The number of the change in its origin. */
  readonly version: number;
}

/** The suffix of these origins' names, which distinguishes them from logs. */
export const COMMITS_SUFFIX = "+commits";

/** One node's copy of the committed offsets. */
export class CommittedOffsets implements Replica {
  readonly #own: string;
  readonly #changed: (key: string, offset: number) => void;
  readonly #offsets = new Map<string, number>();
  readonly #keys: string[] = []; // oldest first
  readonly #vector = new Map<string, number>();
  readonly #changes = new Map<string, Map<string, Change>>(); // by origin, then by key; the latest change is the last

  /** `own` is the origin that this incarnation of the node writes. `changed` receives each offset that grew. */
  constructor(own: string, changed: (key: string, offset: number) => void) {
    this.#own = own;
    this.#changed = changed;
  }

  /** Returns the latest `countMax` keys with their offsets. */
  summary(countMax: number): Record<string, number> {
    return Object.fromEntries(this.#keys.slice(-countMax).map((key) => [key, this.#offsets.get(key) ?? -1]));
  }

  get vector(): Vector {
    return this.#vector;
  }

  isOwn(origin: string): boolean {
    return origin === this.#own;
  }

  /** Returns the committed offset of a key; undefined if there is none. */
  get(key: string): number | undefined {
    return this.#offsets.get(key);
  }

  /** Commits an offset. Returns false if it is not above the committed one. */
  commit(key: string, offset: number): boolean {
    if (!this.#raise(key, offset)) return false;
    this.#record(this.#own, { key, offset, version: (this.#vector.get(this.#own) ?? 0) + 1 });
    return true;
  }

  delta(origin: string, after: number, sizeMax: number): Delta {
    const newer: [string, number][] = [];
    let upTo = after;
    let size = 0;
    for (const { key, offset, version } of this.#changes.get(origin)?.values() ?? []) {
      if (version <= after) continue;
      if (size >= sizeMax && version > upTo) break; // changes that were merged together have the same version
      newer.push([key, offset]);
      upTo = version;
      size += Math.ceil(estimateJsonBytes(key) / BYTES_PER_CREDIT);
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
      this.#record(origin, { key, offset, version: upTo }); // so a delta never contains only some of these
    }
    this.#vector.set(origin, upTo);
    return upTo;
  }

  #raise(key: string, offset: number): boolean {
    const known = this.#offsets.get(key);
    if (offset <= (known ?? -1)) return false;
    if (known === undefined) this.#keys.push(key);
    this.#offsets.set(key, offset);
    this.#changed(key, offset);
    return true;
  }

  #record(origin: string, change: Change): void {
    let changes = this.#changes.get(origin);
    if (changes === undefined) this.#changes.set(origin, changes = new Map());
    changes.delete(change.key);
    changes.set(change.key, change);
    this.#vector.set(origin, change.version);
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isChange(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && isCount(value[1]);
}
