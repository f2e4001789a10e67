/** What one poll is answered: a page of each key, bounded in count and in bytes. */

import { weigh } from "../weight.ts";
import type { KeyedLog, Placed } from "./keyed_log.ts";

/** How much a poll returns at most; what is left out comes with the next. */
export interface PageLimits {
  /** Messages of one key. */
  readonly messagesMax: number;
  /** Roughly, bytes of all; a single message may exceed it. */
  readonly bytesMax: number;
}

/** A page of a key takes a client a moment to process, and a reply stays well below the longest line. */
export const PAGE_LIMITS: PageLimits = { messagesMax: 1000, bytesMax: 1_000_000 };

/**
 * A page of each key, from an offset on. The bytes are shared out evenly, what a key leaves over goes to those after it;
 * as long as there are any left, each key gets a message, whatever its size.
 */
export function pages(
  wanted: readonly (readonly [key: string, log: KeyedLog, from: number])[],
  { messagesMax, bytesMax }: PageLimits = PAGE_LIMITS,
): Record<string, readonly Placed[]> {
  let bytesLeft = bytesMax;
  let keysLeft = wanted.length;
  const found: [key: string, page: readonly Placed[]][] = [];
  for (const [key, log, from] of wanted) {
    const start = log.indexOf(from);
    const share = bytesLeft / keysLeft--;
    let bytes = 0;
    let end = start;
    while (end - start < messagesMax) {
      const placed = log.stable[end];
      if (placed === undefined || bytesLeft <= 0) break;
      const size = weigh(placed);
      if (end > start && bytes + size > share) break;
      bytes += size;
      end++;
    }
    bytesLeft -= bytes;
    found.push([key, log.stable.slice(start, end)]);
  }
  return Object.fromEntries(found); // defines each key, `__proto__` too
}
