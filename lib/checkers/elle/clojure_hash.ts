/**
 * The order in which Clojure iterates over a set.
 *
 * If reads of a list contradict each other, several longest lists may be its order of appends. If a log has several
 * messages at one offset, any of them may be the real one. Any choice is valid. Elle takes the last element of a
 * Clojure set, Jepsen's kafka checker the first. The same choice here makes verdicts on such histories agree.
 *
 * Clojure hashes with Murmur3 (Appleby, 32 bits), and each level of its trie takes five bits.
 */

import { Decimal } from "../../protocol/exact_json.ts";

/** Returns a negative number if Clojure's sets iterate over `a` before `b`. */
export function compareAsInClojureSet(a: unknown, b: unknown): number {
  const hashA = hashOf(a);
  const hashB = hashOf(b);
  for (let shift = 0; shift < 32; shift += 5) {
    const difference = ((hashA >>> shift) & 31) - ((hashB >>> shift) & 31);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The depth below which lists hash as nil. Only the order of equal candidates depends on it. */
const DEPTH_MAX = 100;

/** Returns Clojure's `hash` of a number, a string, a boolean, nil, or a vector of these, as a signed 32-bit integer. */
export function hashOf(value: unknown, depth = 0): number {
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) ? hashLong(value) : hashDouble(value);
    case "bigint":
      return hashBigint(value);
    case "string": {
      let hash = 0;
      for (let i = 0; i < value.length; i++) hash = (Math.imul(31, hash) + value.charCodeAt(i)) | 0;
      return hash === 0 ? 0 : finish(mixHash(0, mixKey(hash)), 4);
    }
    case "boolean":
      return value ? 1231 : 1237;
    default:
      if (value instanceof Decimal) return hashDouble(value.valueOf());
      return Array.isArray(value) && depth < DEPTH_MAX ? hashList(value, depth) : 0;
  }
}

function hashList(list: readonly unknown[], depth: number): number {
  let hash = 1;
  for (const element of list) hash = (Math.imul(31, hash) + hashOf(element, depth + 1)) | 0;
  return finish(mixHash(0, mixKey(hash)), list.length);
}

/** Hashes an integer beyond 2^53: a long, or beyond 2^63 Java's BigInteger. */
function hashBigint(value: bigint): number {
  if (BigInt.asIntN(64, value) === value) return hashWords(wordOf(value), wordOf(value >> 32n));
  const magnitude = value < 0n ? -value : value;
  const words: number[] = [];
  for (let rest = magnitude; rest > 0n; rest >>= 32n) words.push(wordOf(rest));
  const hash = words.reduceRight((sum, word) => (Math.imul(31, sum) + word) | 0, 0);
  return value < 0n ? -hash | 0 : hash;
}

function wordOf(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

function hashDouble(value: number): number {
  if (value === 0) return 0;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getInt32(0) ^ view.getInt32(4);
}

function hashLong(value: number): number {
  if (value === 0) return 0;
  return hashWords(value | 0, Math.floor(value / 2 ** 32) | 0);
}

function hashWords(low: number, high: number): number {
  return finish(mixHash(mixHash(0, mixKey(low)), mixKey(high)), 8);
}

function mixKey(key: number): number {
  return Math.imul(rotate(Math.imul(key, 0xcc9e2d51), 15), 0x1b873593);
}

function mixHash(hash: number, key: number): number {
  return (Math.imul(rotate(hash ^ key, 13), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, length: number): number {
  let h = hash ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
