/**
 * A counter kept in a sequentially consistent key-value store, one key a node, written by its owner alone, so that no two
 * nodes ever contend for a key.
 *
 * A key's value is `[before, life, own, turn]`: the sum of all former lives of its owner; the life that wrote it; that
 * life's sum; a number that makes each write another one. It is set by compare-and-set from what was there, so a write of a former life
 * that arrives late does nothing, and one whose answer was lost can be read back and recognised: adding is exactly once.
 */

import type { Json } from "../protocol/schema.ts";

/** What a node's key holds. */
export type Cell = readonly [before: number, life: string, own: number, turn: number];

/** One node's view of the counter. */
export class StoredCounter {
  readonly #life: string;
  readonly #others = new Map<string, number>();
  #stored: Cell | undefined;
  #own = 0;
  #turn = 0;
  #unsure: boolean; // whether what a former start had added may not be stored, even if it is 0

  /** A node that kept its life and its sum goes on with both; another one begins a life of its own. */
  constructor(life: string, own?: number) {
    this.#life = life;
    this.#own = own ?? 0;
    this.#unsure = own !== undefined;
  }

  /** The sum of what this life added. */
  get own(): number {
    return this.#own;
  }

  /** What this node's key is believed to hold; undefined: nothing. */
  get stored(): Cell | undefined {
    return this.#stored;
  }

  /** Whether something was added that is not known to be stored. */
  get dirty(): boolean {
    return this.#unsure || this.#own !== this.#storedOwn;
  }

  /** The sum of all that is known; undefined if it is beyond ±(2^53 - 1). */
  get value(): number | undefined {
    return this.#sumWith(0);
  }

  /** Adds to this node's part. False, and nothing is added, if a sum would leave ±(2^53 - 1). */
  add(delta: number): boolean {
    const own = this.#own + delta;
    if (!Number.isSafeInteger(own) || !Number.isSafeInteger(this.#before + own)) return false;
    if (this.#sumWith(delta) === undefined) return false;
    this.#own = own;
    return true;
  }

  /** What this node's key is to hold next: always something new, so that the store must show its latest state. */
  next(): Cell {
    this.#turn = 1 + Math.max(this.#turn, this.#stored?.[3] ?? 0);
    return [this.#before, this.#life, this.#own, this.#turn];
  }

  /** This node's key holds `value`, as the store said (undefined: nothing). */
  noteStored(value: unknown): void {
    this.#stored = isCell(value) ? value : undefined;
    this.#unsure = false;
  }

  /** Another node's key holds `value` (undefined: nothing). */
  noteOther(node: string, value: unknown): void {
    if (isCell(value)) this.#others.set(node, value[0] + value[2]);
  }

  get #storedOwn(): number {
    return this.#stored?.[1] === this.#life ? this.#stored[2] : 0;
  }

  get #before(): number {
    if (this.#stored === undefined) return 0;
    const [before, life, own] = this.#stored;
    return life === this.#life ? before : before + own;
  }

  #sumWith(delta: number): number | undefined {
    let sum = BigInt(this.#before) + BigInt(this.#own) + BigInt(delta);
    for (const other of this.#others.values()) sum += BigInt(other);
    const value = Number(sum);
    return Number.isSafeInteger(value) ? value : undefined;
  }
}

/** Whether a value in the store is a cell. */
export function isCell(value: unknown): value is Cell & readonly Json[] {
  return Array.isArray(value) && value.length === 4 && Number.isSafeInteger(value[0]) &&
    typeof value[1] === "string" && Number.isSafeInteger(value[2]) && Number.isSafeInteger(value[3]);
}
