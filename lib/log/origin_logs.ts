/**
 * Logs by origin: the entries of each origin in the order in which it wrote them, each exactly once, although messages are
 * lost, duplicated and reordered. A version vector says how far each log is known, so two copies find what either lacks by
 * exchanging one number per origin (Parker et al., "Detection of mutual inconsistency in distributed systems", 1983; as an
 * exchange of logs: Petersen et al., "Flexible update propagation for weakly consistent replication", SOSP 1997).
 *
 * A delta is encoded as `[after, entry, entry, …]`: the entries numbered after + 1, after + 2, …
 */

import type { Delta, Replica, Vector } from "../gossip/replica.ts";
import type { Json } from "../protocol/schema.ts";

/** Receives each entry once, in the order of its origin. `index` counts from 1. */
export type Deliver = (entry: Json, from: { readonly origin: string; readonly index: number }) => void;

/** The configuration of {@linkcode OriginLogs}. */
export interface OriginLogsOptions {
  /** The origin that this node writes. No other node, and no other incarnation without memory, may write it. */
  readonly origin: string;
  /** Receives each entry from another node, but not those that are appended here. */
  readonly deliver: Deliver;
}

/** The log of one origin. */
interface Log {
  readonly entries: Json[];
  /** The last two deltas, because a hub sends the same ones to all nodes: to those that acknowledged the last one, and to the rest. */
  delta: Delta;
  previousDelta: Delta;
}

const NO_DELTA: Delta = { payload: [], upTo: -1, size: 0 };

/** A copy of the logs of all origins. */
export class OriginLogs implements Replica {
  readonly #logs = new Map<string, Log>();
  readonly #vector = new Map<string, number>();
  readonly #deliver: Deliver;
  readonly origin: string;

  constructor(options: OriginLogsOptions) {
    this.origin = options.origin;
    this.#deliver = options.deliver;
  }

  get vector(): Vector {
    return this.#vector;
  }

  isOwn(origin: string): boolean {
    return origin === this.origin;
  }

  /** Appends an entry to this node's own log, and returns its index, from 1. */
  append(entry: Json): number {
    return this.#push(this.origin, this.#log(this.origin), entry);
  }

  /** Returns the entries of an origin, oldest first. */
  entries(origin: string): readonly Json[] {
    return this.#logs.get(origin)?.entries ?? [];
  }

  delta(origin: string, after: number, sizeMax: number): Delta {
    const log = this.#log(origin);
    const upTo = Math.min(log.entries.length, after + sizeMax);
    const size = upTo - after;
    const { delta, previousDelta } = log;
    if (delta.upTo === upTo && delta.size === size) return delta;
    log.previousDelta = delta;
    return log.delta = previousDelta.upTo === upTo && previousDelta.size === size
      ? previousDelta
      : { payload: [after, ...log.entries.slice(after, upTo)], upTo, size };
  }

  merge(origin: string, payload: unknown): number {
    if (!Array.isArray(payload)) return 0;
    const entries: readonly Json[] = payload;
    const after: unknown = entries[0];
    if (typeof after !== "number" || !Number.isSafeInteger(after) || after < 0) return 0;
    const upTo = after + entries.length - 1;
    const log = this.#log(origin);
    const known = log.entries.length;
    if (after > known || upTo <= known) return upTo;
    for (let i = known - after + 1; i < entries.length; i++) {
      const entry = entries[i];
      if (entry !== undefined) this.#deliver(entry, { origin, index: this.#push(origin, log, entry) });
    }
    return upTo;
  }

  #log(origin: string): Log {
    let log = this.#logs.get(origin);
    if (log === undefined) {
      this.#logs.set(origin, log = { entries: [], delta: NO_DELTA, previousDelta: NO_DELTA });
    }
    return log;
  }

  #push(origin: string, { entries }: Log, entry: Json): number {
    const index = entries.push(entry);
    this.#vector.set(origin, index);
    return index;
  }
}
