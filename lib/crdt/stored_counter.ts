/**
 * A counter in a sequentially consistent key-value store. Each node has one key, and only that node writes it, so nodes never
 * contend for a key.
 *
 * The value of a key is `[previousTotal, incarnation, own, revision]`: the sum of all previous incarnations of the node, the
 * incarnation that wrote the value, the sum of that incarnation, and a number that differs in each write. A key is written by
 * compare-and-set. So a late write of a previous incarnation fails, and a write whose reply was lost is recognized when the
 * key is read. Each addition counts exactly once.
 */

import type { Json } from "../protocol/schema.ts";

/** The value of a node's key. */
export type Cell = readonly [previousTotal: number, incarnation: string, own: number, revision: number];

/** One node's view of the counter. It reads and writes nothing itself. */
export class StoredCounter {
  readonly #incarnation: string;
  readonly #others = new Map<string, number>();
  #stored: Cell | undefined;
  #own = 0;
  #revision = 0;
  #unsure: boolean; // an earlier process may have added something that is not stored

  /** A node with a disk continues its incarnation with the sum `own`. Any other node starts a new incarnation. */
  constructor(incarnation: string, own?: number) {
    this.#incarnation = incarnation;
    this.#own = own ?? 0;
    this.#unsure = own !== undefined;
  }

  /** The sum of this incarnation. */
  get own(): number {
    return this.#own;
  }

  /** The latest known value of this node's key; undefined if there is none. */
  get stored(): Cell | undefined {
    return this.#stored;
  }

  /** The latest known sum of each other node. */
  get others(): ReadonlyMap<string, number> {
    return this.#others;
  }

  /** True if something was added that is not known to be stored. */
  get hasUnstoredAdditions(): boolean {
    return this.#unsure || this.#own !== this.#storedOwn;
  }

  /** The sum over all nodes, as far as known; undefined if it is outside ±(2^53 - 1). */
  get value(): number | undefined {
    return this.#sumWith(0);
  }

  /** Adds to this node's part. Returns false, and adds nothing, if a sum would leave ±(2^53 - 1). */
  add(delta: number): boolean {
    const own = this.#own + delta;
    if (!Number.isSafeInteger(own) || !Number.isSafeInteger(this.#previousTotal + own)) return false;
    if (this.#sumWith(delta) === undefined) return false;
    this.#own = own;
    return true;
  }

  /** Returns the next value for this node's key. It always differs, so that a write proves that the store is current. */
  next(): Cell {
    this.#revision = 1 + Math.max(this.#revision, this.#stored?.[3] ?? 0);
    return [this.#previousTotal, this.#incarnation, this.#own, this.#revision];
  }

  /** Records the value of this node's key, as the store returned it; undefined if there is none. */
  recordStored(value: unknown): void {
    this.#stored = isCell(value) ? value : undefined;
    this.#unsure = false;
  }

  /** Records the value of another node's key; undefined if there is none. */
  recordOther(node: string, value: unknown): void {
    if (isCell(value)) this.#others.set(node, value[0] + value[2]);
  }

  get #storedOwn(): number {
    return this.#stored?.[1] === this.#incarnation ? this.#stored[2] : 0;
  }

  get #previousTotal(): number {
    if (this.#stored === undefined) return 0;
    const [previousTotal, incarnation, own] = this.#stored;
    return incarnation === this.#incarnation ? previousTotal : previousTotal + own; // plant: added-twice
  }

  #sumWith(delta: number): number | undefined {
    let sum = BigInt(this.#previousTotal) + BigInt(this.#own) + BigInt(delta);
    for (const other of this.#others.values()) sum += BigInt(other);
    const value = Number(sum);
    return Number.isSafeInteger(value) ? value : undefined;
  }
}

/** Returns true if a value from the store is a cell. */
export function isCell(value: unknown): value is Cell & readonly Json[] {
  return Array.isArray(value) && value.length === 4 && Number.isSafeInteger(value[0]) &&
    typeof value[1] === "string" && Number.isSafeInteger(value[2]) && Number.isSafeInteger(value[3]);
}
