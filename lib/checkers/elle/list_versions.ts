/**
 * Versions of lists.
 *
 * Each element is appended to a key once, so the last element names a version. Each read shows all earlier elements, so
 * reads show the version order.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { compareAsInClojureSet } from "./clojure_hash.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";
import { PairIndex } from "./pair_index.ts";
import { FAIL, type Transactions } from "./transactions.ts";

/**
 * Numbers the versions of all keys. A key has two versions before its first append (read as null, and as []), then one
 * per element.
 */
export class ListVersions {
  /** The number of versions so far. */
  count: number;
  readonly #elements = new PairIndex();

  constructor(keys: number) {
    this.count = keys * 2;
  }

  /** Returns the version before the first append. */
  initial(key: number): number {
    return key * 2;
  }

  /** Returns the same version as a read of an empty list shows it. */
  initialEmpty(key: number): number {
    return key * 2 + 1;
  }

  /** Returns the version that ends in this element, or −1 if it has no number. */
  find(key: number, element: unknown): number {
    return this.#elements.get(key, element);
  }

  /** Returns the version that ends in this element. A new one gets the next number. */
  number(key: number, element: unknown): number {
    let version = this.#elements.get(key, element);
    if (version < 0) {
      version = this.count++;
      this.#elements.set(key, element, version);
    }
    return version;
  }
}

/** The version orders that follow from reads. */
export interface ListOrders {
  /** By key: the longest list that was read; undefined if none was. */
  readonly longest: readonly (readonly unknown[] | undefined)[];
  /** By key: its elements in order, each once; undefined if nothing is known. */
  readonly elements: readonly (readonly unknown[] | undefined)[];
  /**
   * The keys whose reads cannot all come from one order, each with two lists of which neither is a prefix of the other.
   */
  readonly incompatible: ReadonlyMap<number, readonly [readonly unknown[], readonly unknown[]]>;
}

/**
 * Returns the version order of each key: its longest list.
 *
 * If nothing was read and only one append is known, that append is the order.
 *
 * @param withFailed true if the reads of failed transactions count, as in Elle's check of dirty updates
 */
export function listOrders(txns: Transactions, withFailed: boolean): ListOrders {
  const { count, outcome, start, isWrite, key, value, keys } = txns;
  const longest: (readonly unknown[] | undefined)[] = new Array(keys.length);
  const appends = new Int32Array(keys.length);
  const single: unknown[] = new Array(keys.length);
  const broken = new Set<number>();
  for (let t = 0; t < count; t++) {
    if (outcome[t] === FAIL && !withFailed) continue;
    const end = valueAt(start, t + 1);
    for (let m = valueAt(start, t); m < end; m++) {
      const k = valueAt(key, m);
      const list = value[m];
      if (isWrite[m] === 1) {
        appends[k] = valueAt(appends, k) + 1;
        single[k] = list;
      } else if (isNonemptyList(list)) {
        const known = longest[k];
        if (known === undefined) {
          longest[k] = list;
        } else if (!agree(known, list)) {
          broken.add(k);
        } else if (list.length > known.length) {
          longest[k] = list;
        }
      }
    }
  }
  const incompatible = new Map<number, readonly [readonly unknown[], readonly unknown[]]>();
  if (broken.size > 0) {
    for (const [k, lists] of distinctLists(txns, broken, withFailed)) {
      for (let i = 1; i < lists.length; i++) {
        const shorter = lists[i - 1] ?? [];
        const longer = lists[i] ?? [];
        if (agree(shorter, longer) && shorter.length < longer.length) continue;
        incompatible.set(k, [shorter, longer]);
        break;
      }
      longest[k] = lists[lists.length - 1];
    }
  }
  const elements = longest.map((list) => list);
  for (let k = 0; k < keys.length; k++) {
    const list = longest[k];
    // A failed append alone is not evidence of a version. Elle counts invocations and so never sees one alone.
    if (list === undefined) elements[k] = appends[k] === 1 && !withFailed ? [single[k]] : undefined;
    else elements[k] = withoutRepeats(list);
  }
  return { longest, elements, incompatible };
}

/** Returns true if one list is a prefix of the other. */
function agree(a: readonly unknown[], b: readonly unknown[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** Returns all different lists that were read of these keys, shortest first. */
function distinctLists(
  txns: Transactions,
  wanted: ReadonlySet<number>,
  withFailed: boolean,
): Map<number, (readonly unknown[])[]> {
  const { count, outcome, start, isWrite, key, value } = txns;
  const byKey = new Map<number, Map<string, readonly unknown[]>>();
  for (let t = 0; t < count; t++) {
    if (outcome[t] === FAIL && !withFailed) continue;
    const end = valueAt(start, t + 1);
    for (let m = valueAt(start, t); m < end; m++) {
      const k = valueAt(key, m);
      const list = value[m];
      if (isWrite[m] === 1 || !wanted.has(k) || !isNonemptyList(list)) continue;
      let lists = byKey.get(k);
      if (lists === undefined) byKey.set(k, lists = new Map());
      const name = listName(list);
      if (!lists.has(name)) lists.set(name, list);
    }
  }
  const sorted = new Map<number, (readonly unknown[])[]>();
  for (const [k, lists] of byKey) {
    sorted.set(k, [...lists.values()].sort((a, b) => a.length - b.length || compareAsInClojureSet(a, b)));
  }
  return sorted;
}

/** Returns a string that only equal lists of primitives share. */
export function listName(list: readonly unknown[]): string {
  return stringifyExactJson(list);
}

function withoutRepeats(list: readonly unknown[]): readonly unknown[] {
  const distinct = new Set(list);
  return distinct.size === list.length ? list : [...distinct];
}

/** Returns true if a value is a list with elements. */
export function isNonemptyList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}
