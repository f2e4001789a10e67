/**
 * The logs of all keys at one node, built from entries `[key, [offset, message]]` and from acknowledgements.
 *
 * Tested by `tests/log/keyed_log_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { EntryPosition } from "../causal/causal_order.ts";
import { KeyedLog, type NodeIndex, type OffsetMessage } from "./keyed_log.ts";
import { type PageLimits, pages } from "./poll_pages.ts";

/** A message as the log of its origin contains it. */
export type SendEntry = readonly [key: string, message: OffsetMessage];

/** The configuration of {@linkcode KeyedLogs}. */
export interface KeyedLogsOptions extends NodeIndex {
  /** Returns the index of the node that an origin belongs to; undefined for an unknown node. */
  readonly nodeOf: (origin: string) => number | undefined;
}

/** The sends of one origin, from the first that some node has not acknowledged yet. */
interface PendingAcks {
  readonly node: number;
  /** The index of the first of `sends`. */
  first: number;
  sends: { readonly log: KeyedLog; readonly offset: number }[];
  /** The count that each node has acknowledged, by node index. */
  readonly acknowledged: number[];
}

/** The logs of all keys at one node. */
export class KeyedLogs {
  readonly #options: KeyedLogsOptions;
  readonly #logs = new Map<string, KeyedLog>();
  readonly #keys: string[] = []; // oldest first
  readonly #pendingAcks = new Map<string, PendingAcks>();

  constructor(options: KeyedLogsOptions) {
    this.#options = options;
  }

  /** Returns the latest `countMax` keys with their highest offset, or with the last stable one; -1 if there is none. */
  summary(countMax: number, of: "highest" | "stable"): Record<string, number> {
    return Object.fromEntries(
      this.#keys.slice(-countMax).map((key) => {
        const log = this.#log(key);
        return [key, of === "highest" ? log.highest : log.stable.at(-1)?.[0] ?? -1];
      }),
    );
  }

  /** Returns the entry for this node's next message to a key. */
  entry(key: string, message: Json): SendEntry {
    return [key, [this.#log(key).next, message]];
  }

  /** Adds an entry. A malformed one is ignored. */
  deliver(entry: readonly Json[], { origin, index }: EntryPosition): void {
    const pending = this.#pendingAcksOf(origin);
    if (pending === undefined || !isSend(entry)) return;
    const [key, message] = entry;
    const log = this.#log(key);
    log.add(message, pending.node);
    if (pending.sends.length === 0) pending.first = index;
    while (pending.first + pending.sends.length < index) pending.sends.push({ log, offset: -1 }); // acknowledgements in between
    pending.sends.push({ log, offset: message[0] });
  }

  /** Records that the author of the log `by` has been delivered `origin` up to an index. */
  acknowledged(by: string, known: { readonly origin: string; readonly upTo: number }): void {
    const node = this.#options.nodeOf(by);
    const pending = this.#pendingAcksOf(known.origin);
    if (node === undefined || pending === undefined) return;
    const before = pending.acknowledged[node] ?? 0;
    if (known.upTo <= before) return;
    pending.acknowledged[node] = known.upTo;
    for (let index = Math.max(before + 1, pending.first); index <= known.upTo; index++) {
      const send = pending.sends[index - pending.first];
      send?.log.advance(node, send.offset);
    }
    this.#dropAcknowledged(pending);
  }

  /** Returns the count of an origin that all other nodes have acknowledged; `Infinity` if there are none. */
  acknowledgedByAll(origin: string): number {
    const pending = this.#pendingAcksOf(origin);
    if (pending === undefined) return 0;
    const others = pending.acknowledged.filter((_, node) => node !== pending.node);
    return Math.min(...others);
  }

  /** Returns a page of each key that has messages, starting at the given offsets. */
  poll(
    offsets: Readonly<Record<string, number>>,
    limits?: PageLimits,
  ): Record<string, readonly OffsetMessage[]> {
    const wanted: [key: string, log: KeyedLog, from: number][] = [];
    for (const key of Object.keys(offsets)) {
      const log = this.#logs.get(key);
      if (log !== undefined) wanted.push([key, log, offsets[key] ?? 0]);
    }
    return pages(wanted, limits);
  }

  /** Returns the log of a key; undefined if it never had a message. */
  log(key: string): KeyedLog | undefined {
    return this.#logs.get(key);
  }

  /** The number of sends that some node has not acknowledged. */
  get outstanding(): number {
    let count = 0;
    for (const { sends } of this.#pendingAcks.values()) count += sends.length;
    return count;
  }

  #log(key: string): KeyedLog {
    let log = this.#logs.get(key);
    if (log === undefined) {
      this.#logs.set(key, log = new KeyedLog(this.#options));
      this.#keys.push(key);
    }
    return log;
  }

  #pendingAcksOf(origin: string): PendingAcks | undefined {
    let pending = this.#pendingAcks.get(origin);
    if (pending !== undefined) return pending;
    const node = this.#options.nodeOf(origin);
    if (node === undefined) return undefined;
    const acknowledged = Array.from({ length: this.#options.nodeCount }, () => 0);
    this.#pendingAcks.set(origin, pending = { node, first: 1, sends: [], acknowledged });
    return pending;
  }

  /** Drops the sends that all nodes have acknowledged. This node and their author have them in any case. */
  #dropAcknowledged(pending: PendingAcks): void {
    let all = Infinity;
    for (let node = 0; node < pending.acknowledged.length; node++) {
      if (node !== pending.node && node !== this.#options.node) {
        all = Math.min(all, pending.acknowledged[node] ?? 0);
      }
    }
    const count = Math.min(pending.sends.length, all + 1 - pending.first);
    if (count <= 0) return;
    pending.sends.splice(0, count);
    pending.first += count;
  }
}

function isSend(entry: readonly Json[]): entry is readonly [string, OffsetMessage] {
  const [key, message] = entry;
  return typeof key === "string" && Array.isArray(message) && message.length === 2 &&
    Number.isSafeInteger(message[0]) && message[0] >= 0;
}
