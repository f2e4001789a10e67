/**
 * What two vectors differ in, found with as many bytes as the difference has, however long the vectors are: an invertible
 * Bloom lookup table (Eppstein, Goodrich, Uyeda, Varghese: "What's the difference? Efficient set reconciliation without
 * prior context", SIGCOMM 2011). Each side makes a table of its own entries; the difference of the two tables holds
 * just the entries that one of them alone has, and gives them up one after the other.
 */

import type { Vector } from "./replica.ts";

/** Each entry stands in so many cells, one in each part of the table. */
const PARTS = 3;
const CELLS_PER_PART = 16;
/** A cell: how many entries, and the exclusive or of their two hashes and of their check. */
const WIDTH = 4;
/** The length of a table as it travels. About 30 differing entries can be told; beyond that, both name all they have. */
export const SKETCH_LENGTH = PARTS * CELLS_PER_PART * WIDTH;

/** The entries that only one of two vectors has; an origin whose counts differ is among both. */
export interface Difference {
  /** Origins of this node's entries that the other does not have, at least not with that count. */
  readonly mine: ReadonlySet<string>;
  /** How many entries the other has that this node does not. */
  readonly theirs: number;
}

/** A vector's table, as it travels. */
export function sketchOf(vector: Vector): number[] {
  const table = new Int32Array(SKETCH_LENGTH);
  for (const [origin, count] of vector) insert(table, hashesOf(origin, count), 1);
  return [...table];
}

/** What a vector and one of which only the sketch is known differ in; undefined if that is too much, or no sketch. */
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
      if (origin === undefined) return undefined; // a table that nobody made of entries
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

/** A cell that holds one entry alone, of one side. */
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

/** Two independent hashes, 64 bits together, of an entry. */
function hashesOf(origin: string, count: number): Hashes {
  const text = `${origin}:${count}`;
  return [hash(text, 0x2545f491), hash(text, 0x7f4a7c15)];
}

/** FNV-1a over the text's UTF-16 units, finished by a mixer, since its low bits alone are weak. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  return mix(value);
}

/** MurmurHash3's 32-bit finalizer. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
