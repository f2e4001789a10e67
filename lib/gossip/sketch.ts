/**
 * The difference of two version vectors, found with a number of bytes that depends on the difference and not on the vectors:
 * an invertible Bloom lookup table (Eppstein, Goodrich, Uyeda, Varghese: "What's the difference? Efficient set reconciliation
 * without prior context", SIGCOMM 2011). Each side makes a table of its entries (origin, count). The difference of the two
 * tables contains exactly the entries that only one side has, and they can be decoded one after the other.
 */

import type { Vector } from "./replica.ts";

/** The number of parts of the table. Each entry is in one cell of each part. */
const PARTS = 3;
/** The number of cells of each part. */
const CELLS_PER_PART = 16;
/** The length of a cell: the number of its entries, and the exclusive or of their two hashes and of their checksums. */
const WIDTH = 4;
/** The length of a sketch. It decodes up to about 30 differing entries. If more differ, both sides list all their origins. */
export const SKETCH_LENGTH = PARTS * CELLS_PER_PART * WIDTH;

/** The entries that only one of two vectors has. An origin with two counts is in both. */
export interface Difference {
  /** The origins of this node's entries that the other vector lacks, or has with another count. */
  readonly mine: ReadonlySet<string>;
  /** The number of the other vector's entries that this node lacks. */
  readonly theirs: number;
}

/** Returns the sketch of a vector. */
export function sketchOf(vector: Vector): number[] {
  const table = new Int32Array(SKETCH_LENGTH);
  for (const [origin, count] of vector) insert(table, hashesOf(origin, count), 1);
  return [...table];
}

/** Decodes the difference of a vector and a sketch. Returns undefined if it is too large, or the sketch is malformed. */
export function difference(vector: Vector, sketch: readonly number[]): Difference | undefined {
  if (sketch.length !== SKETCH_LENGTH) return undefined;
  const table = Int32Array.from(sketchOf(vector), (cell, i) => {
    const other = sketch[i] ?? 0;
    return i % WIDTH === 0 ? cell - other : cell ^ other;
  });
  const origins = new Map([...vector].map(([origin, count]) => [hashesOf(origin, count).join(), origin]));
  const mine = new Set<string>();
  let theirs = 0;
  for (let pure = findPure(table); pure !== undefined; pure = findPure(table)) {
    const { hashes, count } = pure;
    insert(table, hashes, -count);
    if (count < 0) theirs++;
    else {
      const origin = origins.get(hashes.join());
      if (origin === undefined) return undefined; // not a sketch of any vector
      mine.add(origin);
    }
    if (mine.size + theirs > SKETCH_LENGTH) return undefined;
  }
  return table.every((cell) => cell === 0) ? { mine, theirs } : undefined;
}

type Hashes = readonly [high: number, low: number];

function insert(table: Int32Array, hashes: Hashes, times: number): void {
  const values = [times, hashes[0], hashes[1], checkOf(hashes)];
  for (let part = 0; part < PARTS; part++) {
    const at = cellOf(hashes, part);
    for (const [i, value] of values.entries()) {
      const cell = table[at + i] ?? 0;
      table[at + i] = i === 0 ? cell + value : cell ^ value;
    }
  }
}

/** Finds a cell that contains a single entry. */
function findPure(table: Int32Array): { hashes: Hashes; count: number } | undefined {
  for (let at = 0; at < table.length; at += WIDTH) {
    const [count = 0, high = 0, low = 0, check = 0] = table.subarray(at, at + WIDTH);
    if ((count === 1 || count === -1) && check === checkOf([high, low])) {
      return { hashes: [high, low], count };
    }
  }
  return undefined;
}

function cellOf([high, low]: Hashes, part: number): number {
  const place = (mix(high ^ Math.imul(low, part + 1)) >>> 0) % CELLS_PER_PART;
  return (part * CELLS_PER_PART + place) * WIDTH;
}

function checkOf([high, low]: Hashes): number {
  return mix(Math.imul(high, 31) ^ mix(low));
}

/** Returns two independent hashes of an entry, 64 bits in total. */
function hashesOf(origin: string, count: number): Hashes {
  const text = `${origin}:${count}`;
  return [hash(text, 0x2545f491), hash(text, 0x7f4a7c15)];
}

/** Returns the FNV-1a hash of the text's UTF-16 units, mixed, because its low bits alone are weak. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  return mix(value);
}

/** Applies MurmurHash3's 32-bit finalizer. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
