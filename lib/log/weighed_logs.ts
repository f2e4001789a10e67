/** Logs by origin whose deltas are bounded in bytes as well as in entries: a message of a megabyte counts for many. */

import type { Delta, Replica, Vector } from "../gossip/replica.ts";
import type { OriginLogs } from "./origin_logs.ts";
import { weigh } from "./weight.ts";

/** An entry counts as one for each so many bytes that it begins. */
export const BYTES_PER_UNIT = 256;

/** A replica that hands out the logs' deltas. */
export class WeighedLogs implements Replica {
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
      const units = Math.ceil(weigh(entry) / BYTES_PER_UNIT);
      if (end > after && size + units > sizeMax) break;
      size += units;
      end++;
    }
    return { ...this.#logs.delta(origin, after, end - after), size };
  }

  merge(origin: string, payload: unknown): number {
    return this.#logs.merge(origin, payload);
  }
}
