/** The reply to a poll: a page of each key, limited in messages and bytes. Tested by `tests/log/keyed_log_test.ts`. */

import { sparseRecord } from "../../protocol/sparse_record.ts";
import { estimateJsonBytes } from "../json_size.ts";
import type { KeyedLog, OffsetMessage } from "./keyed_log.ts";

/** The limits of one poll. The next poll returns what is left out. */
export interface PageLimits {
  /** The number of messages per key at most. */
  readonly messagesMax: number;
  /** The approximate number of bytes in total. A single message may exceed it. */
  readonly bytesMax: number;
}

/** The default limits. A client processes such a page quickly, and the reply stays well below the longest line. */
export const PAGE_LIMITS: PageLimits = { messagesMax: 1000, bytesMax: 1_000_000 };

/**
 * Returns a page of each key that has messages from an offset on. The bytes are divided evenly, and later keys get what earlier
 * ones do not use. As long as any bytes are left, each key gets at least one message of any size.
 *
 * Keys without messages are left out, because Jepsen's checker fails if it never sees a message of a key that a reply names.
 */
export function pages(
  wanted: readonly (readonly [key: string, log: KeyedLog, from: number])[],
  { messagesMax, bytesMax }: PageLimits = PAGE_LIMITS,
): Record<string, readonly OffsetMessage[]> {
  let bytesLeft = bytesMax;
  let keysLeft = wanted.length;
  const found: [key: string, page: readonly OffsetMessage[]][] = [];
  for (const [key, log, from] of wanted) {
    const start = log.indexOf(from);
    if (start === log.stable.length) {
      keysLeft--;
      continue;
    }
    const quota = bytesLeft / keysLeft--;
    let bytes = 0;
    let end = start;
    while (end - start < messagesMax) {
      const message = log.stable[end];
      if (message === undefined || bytesLeft <= 0) break;
      const size = estimateJsonBytes(message);
      if (end > start && bytes + size > quota) break;
      bytes += size;
      end++;
    }
    bytesLeft -= bytes;
    if (end > start) found.push([key, log.stable.slice(start, end)]);
  }
  return sparseRecord(found);
}
