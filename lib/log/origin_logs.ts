/**
 * Logs by origin: each origin's entries in the order in which it wrote them, exactly once, whatever the network loses,
 * doubles or reorders. How far each is known is a vector of counts, so that two copies find out what either lacks by
 * exchanging one number per origin (version vectors: Parker et al., "Detection of mutual inconsistency in distributed
 * systems", 1983; as a log exchange: Petersen et al., "Flexible update propagation for weakly consistent replication",
 * SOSP 1997).
 *
 * On the wire a delta is `[after, entry, entry, …]`: the entries numbered after + 1, after + 2, …
 */

import type { Delta, Replica, Vector } from "../gossip/replica.ts";
import type { Json } from "../protocol/schema.ts";

/** Is told each entry once, in each origin's order. `index` counts from 1. */
export type Deliver = (entry: Json, from: { readonly origin: string; readonly index: number }) => void;

/** How the logs are kept. */
export interface OriginLogsOptions {
  /** The origin that this node writes: never one that another node, or another life without memory, wrote. */
  readonly origin: string;
  /** Told each entry that comes from elsewhere (not those appended here). */
  readonly deliver: Deliver;
}

/** A copy of all origins' logs. */
export class OriginLogs implements Replica {
  readonly #logs = new Map<string, Json[]>();
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

  /** Adds an entry to this node's own log and returns its index, from 1. */
  append(entry: Json): number {
    return this.#push(this.origin, this.#log(this.origin), entry);
  }

  /** The entries of an origin, the first written first. */
  entries(origin: string): readonly Json[] {
    return this.#logs.get(origin) ?? [];
  }

  delta(origin: string, after: number, sizeMax: number): Delta {
    const entries = this.entries(origin);
    const payload: Json[] = [after];
    const upTo = Math.min(entries.length, after + sizeMax);
    for (let i = after; i < upTo; i++) payload.push(entries[i] ?? null);
    return { payload, upTo, size: upTo - after };
  }

  merge(origin: string, payload: unknown): number {
    if (!Array.isArray(payload)) return 0;
    const entries: readonly Json[] = payload;
    const after: unknown = entries[0];
    if (typeof after !== "number" || !Number.isSafeInteger(after) || after < 0) return 0;
    const upTo = after + entries.length - 1;
    const known = this.#vector.get(origin) ?? 0;
    if (after > known || upTo <= known) return upTo;
    const log = this.#log(origin);
    for (let i = known - after + 1; i < entries.length; i++) {
      const entry = entries[i];
      if (entry !== undefined) this.#deliver(entry, { origin, index: this.#push(origin, log, entry) });
    }
    return upTo;
  }

  #log(origin: string): Json[] {
    let log = this.#logs.get(origin);
    if (log === undefined) this.#logs.set(origin, log = []);
    return log;
  }

  #push(origin: string, log: Json[], entry: Json): number {
    const index = log.push(entry);
    this.#vector.set(origin, index);
    return index;
  }
}
