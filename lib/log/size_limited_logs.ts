/**
 * Logs by origin whose deltas are limited in bytes as well as in entries, because one entry may have a megabyte.
 *
 * Tested by `tests/log/replicas_test.ts`.
 */

import type { Delta, Replica, Vector } from "../gossip/replica.ts";
import { estimateJsonBytes } from "./json_size.ts";
import type { OriginLogs } from "./origin_logs.ts";

/** An entry counts as one change per started unit of this many bytes. */
export const BYTES_PER_CREDIT = 256;

/** A replica of the given logs with smaller deltas. */
export class SizeLimitedLogs implements Replica {
  readonly #logs: OriginLogs;

  constructor(logs: OriginLogs) {
    this.#logs = logs;
  }

  get vector(): Vector {
    return this.#logs.vector;
  }

  isOwn(origin: string): boolean {
    return this.#logs.isOwn(origin);
  }

  delta(origin: string, after: number, sizeMax: number): Delta {
    const entries = this.#logs.entries(origin);
    let size = 0;
    let end = after;
    while (size < sizeMax) {
      const entry = entries[end];
      if (entry === undefined) break;
      const credits = Math.ceil(estimateJsonBytes(entry) / BYTES_PER_CREDIT);
      if (end > after && size + credits > sizeMax) break;
      size += credits;
      end++;
    }
    return { ...this.#logs.delta(origin, after, end - after), size };
  }

  merge(origin: string, payload: unknown): number {
    return this.#logs.merge(origin, payload);
  }
}
