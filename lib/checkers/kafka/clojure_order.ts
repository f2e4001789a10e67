/**
 * The order in which Clojure walks a set of whole numbers. Where a log holds several messages at one offset, Jepsen's
 * version order takes the first of their set: as good as any, but to count the same skips ours must take the same.
 */

/** Compares two values by where a Clojure hash set has them; values other than whole numbers keep their order. */
export function compareAsInHashSet(a: unknown, b: unknown): number {
  if (typeof a !== "number" || typeof b !== "number") return 0;
  let hashA = hashLong(a);
  let hashB = hashLong(b);
  // Each level of the trie branches on five bits, the lowest first.
  for (let level = 0; level < 7; level++) {
    const order = (hashA & 31) - (hashB & 31);
    if (order !== 0) return order;
    hashA >>>= 5;
    hashB >>>= 5;
  }
  return 0;
}

/** Murmur3 (32 bits) of a whole number's 64 bits, with seed 0, as Clojure hashes it. */
export function hashLong(value: number): number {
  if (value === 0) return 0;
  const low = value % 0x1_0000_0000 | 0;
  const high = Math.floor(value / 0x1_0000_0000) | 0;
  let hash = mixHash(0, mixKey(low));
  hash = mixHash(hash, mixKey(high));
  hash ^= 8; // the length in bytes
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

function mixKey(key: number): number {
  const mixed = Math.imul(key, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function mixHash(hash: number, key: number): number {
  const mixed = hash ^ key;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
