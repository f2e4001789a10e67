/**
 * Versions of lists. In list-append a version of a key is named by its last element, since each element is appended once;
 * what was read tells the order of versions: each read shows all that went before.
 */

import { valueAt } from "../columns.ts";
import { compareAsInClojureSet } from "./clojure_hash.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";
import { PairIndex } from "./pair_index.ts";
import { FAIL, type Transactions } from "./transactions.ts";

/** Of each key, versions are numbered across keys: two for "nothing yet" (read as null, and as []), one an element. */
export class ListVersions {
  /** How many versions are numbered so far. */
  count: number;
  readonly #elements = new PairIndex();

  constructor(keys: number) {
    this.count = keys * 2;
  }

  /** The version before the first append. */
  initial(key: number): number {
    return key * 2;
  }

  /** The same, for reads of an empty list where those are told from reads of null. */
  initialEmpty(key: number): number {
    return key * 2 + 1;
  }

  /** The version that ends in this element, or −1 if it was not numbered. */
  find(key: number, element: unknown): number {
    return this.#elements.get(key, element);
  }

  /** The version that ends in this element, numbered now if it is new. */
  number(key: number, element: unknown): number {
    let version = this.#elements.get(key, element);
    if (version < 0) {
      version = this.count++;
      this.#elements.set(key, element, version);
    }
    return version;
  }
}

/** The order of a key's versions, as reads tell it. */
export interface ListOrders {
  /** By key, the longest list read, just as it was read; undefined where none was. */
  readonly longest: readonly (readonly unknown[] | undefined)[];
  /** By key, its elements in order, each once; undefined where nothing is known. */
  readonly elements: readonly (readonly unknown[] | undefined)[];
  /** Keys of which some reads cannot both come from one order; with two lists, neither a prefix of the other. */
  readonly incompatible: ReadonlyMap<number, readonly [readonly unknown[], readonly unknown[]]>;
}

/**
 * The longest list of each key is its order of appends. Where nothing was read but only one append is known, that is the
 * order. `withFailed`: take what failed transactions read into account, too (Elle does, for dirty updates).
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
    // A failed append is no evidence of a version by itself, and with the invocations counted Elle never sees one alone.
    if (list === undefined) elements[k] = appends[k] === 1 && !withFailed ? [single[k]] : undefined;
    else elements[k] = withoutRepeats(list);
  }
  return { longest, elements, incompatible };
}

/** Whether one is a prefix of the other. */
function agree(a: readonly unknown[], b: readonly unknown[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** Of these keys, all the different lists read, shortest first. */
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

/** A string that two lists of primitives share only if they are equal. */
export function listName(list: readonly unknown[]): string {
  return stringifyExactJson(list);
}

function withoutRepeats(list: readonly unknown[]): readonly unknown[] {
  const distinct = new Set(list);
  return distinct.size === list.length ? list : [...distinct];
}

/** Whether a value read is a list that holds something. */
export function isNonemptyList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}
