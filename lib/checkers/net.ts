/** Messages: how many there were, for each operation. */

import { shortestFloat32 } from "./float32.ts";
import { type History, NEMESIS } from "./history.ts";
import type { Result } from "./result.ts";

/** Messages of one kind: sent, received, and how many different ones. */
export interface MessageCounts {
  /** Messages that were sent. */
  readonly "send-count": number;
  /** Messages that arrived. */
  readonly "recv-count": number;
  /** How many different ones. */
  readonly "msg-count": number;
}

/** All messages; those from or to a client; those that involve no client, service traffic included. */
export interface NetCounts {
  /** All messages. */
  readonly all: MessageCounts;
  /** Those to or from a client. */
  readonly clients: MessageCounts;
  /** Those between servers: nodes and services. */
  readonly servers: MessageCounts;
}

/**
 * Relates message counts to the operations that clients invoked (Maelstrom's net checker). Always valid.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkNet } from "@charybdis/charybdis/checkers";
 *
 * const none = { "send-count": 0, "recv-count": 0, "msg-count": 0 };
 * const result = checkNet([], { counts: { all: none, clients: none, servers: none } });
 * assertEquals(result.valid, true);
 * ```
 */
export function checkNet(
  history: History,
  { counts }: { readonly counts: NetCounts },
): Result {
  let operations = 0;
  for (const event of history) {
    if (event.type === "invoke" && event.process !== NEMESIS) operations++;
  }
  return {
    valid: true,
    all: perOperation(counts.all, operations),
    clients: counts.clients,
    servers: perOperation(counts.servers, operations),
  };
}

function perOperation(counts: MessageCounts, operations: number): MessageCounts {
  if (operations === 0) return counts;
  return { ...counts, ...{ "msgs-per-op": shortestFloat32(counts["msg-count"] / operations) } };
}
