/** All keys' logs of one node, made from entries `[key, [offset, message]]` and from what nodes acknowledge. */

import type { Json } from "../../protocol/schema.ts";
import type { Place } from "../causal/causal_order.ts";
import { KeyedLog, type Placed, type Seat } from "./keyed_log.ts";
import { type PageLimits, pages } from "./pages.ts";

/** A message as it stands in the log of the origin that took it. */
export type SendEntry = readonly [key: string, placed: Placed];

/** What these logs are made of. */
export interface KeyedLogsOptions extends Seat {
  /** Which node an origin belongs to; undefined if to none. */
  readonly nodeOf: (origin: string) => number | undefined;
}

/** An origin's sends, from the first that some node has not acknowledged yet. */
interface Ledger {
  readonly node: number;
  /** Which index the first of `sends` has. */
  first: number;
  sends: { readonly log: KeyedLog; readonly offset: number }[];
  /** By node: how far it has acknowledged. */
  readonly acknowledged: number[];
}

/** See the file's head. */
export class KeyedLogs {
  readonly #options: KeyedLogsOptions;
  readonly #logs = new Map<string, KeyedLog>();
  readonly #ledgers = new Map<string, Ledger>();

  constructor(options: KeyedLogsOptions) {
    this.#options = options;
  }

  /** The entry of this node's next message to a key. */
  entry(key: string, message: Json): SendEntry {
    return [key, [this.#log(key).next, message]];
  }

  /** Takes in an entry; what has not the right form is left out. */
  deliver(entry: readonly Json[], { origin, index }: Place): void {
    const ledger = this.#ledger(origin);
    if (ledger === undefined || !isSend(entry)) return;
    const [key, placed] = entry;
    const log = this.#log(key);
    log.add(placed, ledger.node);
    if (ledger.sends.length === 0) ledger.first = index;
    while (ledger.first + ledger.sends.length < index) ledger.sends.push({ log, offset: -1 }); // receipts in between
    ledger.sends.push({ log, offset: placed[0] });
  }

  /** The author of `by` has been delivered `origin` up to an index. */
  acknowledged(by: string, known: { readonly origin: string; readonly upTo: number }): void {
    const node = this.#options.nodeOf(by);
    const ledger = this.#ledger(known.origin);
    if (node === undefined || ledger === undefined) return;
    const before = ledger.acknowledged[node] ?? 0;
    if (known.upTo <= before) return;
    ledger.acknowledged[node] = known.upTo;
    for (let index = Math.max(before + 1, ledger.first); index <= known.upTo; index++) {
      const send = ledger.sends[index - ledger.first];
      send?.log.pass(node, send.offset);
    }
    this.#forget(ledger);
  }

  /** How far all other nodes have acknowledged an origin; `Infinity` if there is no other. */
  acknowledgedByAll(origin: string): number {
    const ledger = this.#ledger(origin);
    if (ledger === undefined) return 0;
    const others = ledger.acknowledged.filter((_, node) => node !== ledger.node);
    return Math.min(...others);
  }

  /** Pages of the keys that are known, each from an offset on. */
  poll(offsets: Readonly<Record<string, number>>, limits?: PageLimits): Record<string, readonly Placed[]> {
    const wanted: [key: string, log: KeyedLog, from: number][] = [];
    for (const [key, from] of Object.entries(offsets)) {
      const log = this.#logs.get(key);
      if (log !== undefined) wanted.push([key, log, from]);
    }
    return pages(wanted, limits);
  }

  /** The log of a key; undefined if nothing was ever sent to it. */
  log(key: string): KeyedLog | undefined {
    return this.#logs.get(key);
  }

  /** How many sends wait for some node's acknowledgement. */
  get outstanding(): number {
    let count = 0;
    for (const { sends } of this.#ledgers.values()) count += sends.length;
    return count;
  }

  #log(key: string): KeyedLog {
    let log = this.#logs.get(key);
    if (log === undefined) this.#logs.set(key, log = new KeyedLog(this.#options));
    return log;
  }

  #ledger(origin: string): Ledger | undefined {
    let ledger = this.#ledgers.get(origin);
    if (ledger !== undefined) return ledger;
    const node = this.#options.nodeOf(origin);
    if (node === undefined) return undefined;
    const acknowledged = Array.from({ length: this.#options.nodes }, () => 0);
    this.#ledgers.set(origin, ledger = { node, first: 1, sends: [], acknowledged });
    return ledger;
  }

  /** Forgets the sends that every node has acknowledged; this one and their author have what was delivered here. */
  #forget(ledger: Ledger): void {
    let all = Infinity;
    for (let node = 0; node < ledger.acknowledged.length; node++) {
      if (node !== ledger.node && node !== this.#options.node) {
        all = Math.min(all, ledger.acknowledged[node] ?? 0);
      }
    }
    const count = Math.min(ledger.sends.length, all + 1 - ledger.first);
    if (count <= 0) return;
    ledger.sends.splice(0, count);
    ledger.first += count;
  }
}

function isSend(entry: readonly Json[]): entry is readonly [string, Placed] {
  const [key, placed] = entry;
  return typeof key === "string" && Array.isArray(placed) && placed.length === 2 &&
    Number.isSafeInteger(placed[0]) && placed[0] >= 0;
}
