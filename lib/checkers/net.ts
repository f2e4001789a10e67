/** Network traffic: the number of messages, in all and per operation. Tested by `tests/checkers/recorded_test.ts`. */

import { shortestFloat32 } from "./float32.ts";
import { type History, NEMESIS } from "./history.ts";

/** The messages of one kind. */
export interface MessageCounts {
  /** The number of messages that were sent. */
  readonly sent: number;
  /** The number of messages that arrived; a duplicate counts again. */
  readonly received: number;
  /** The number of different messages. */
  readonly distinct: number;
}

/** The messages of a test. */
export interface NetCounts {
  /** All messages. */
  readonly all: MessageCounts;
  /** The messages to or from a client. */
  readonly clients: MessageCounts;
  /** The messages between servers: nodes and services. */
  readonly servers: MessageCounts;
}

/** Messages in relation to the operations that caused them. */
export interface MessageRates extends MessageCounts {
  /** The number of different messages per operation; `null` if there was no operation. */
  readonly perOperation: number | null;
}

/** The result of {@linkcode checkNet}. */
export interface NetResult {
  /** The checker. */
  readonly kind: "net";
  /** The checker only informs. */
  readonly valid: true;
  /** All messages. */
  readonly all: MessageRates;
  /** The messages to or from a client. */
  readonly clients: MessageCounts;
  /** The messages between servers: nodes and services. */
  readonly servers: MessageRates;
}

/**
 * Relates message counts to the operations that clients invoked, as Maelstrom's net checker does.
 *
 * @param options.counts the messages of the test, which its history does not contain
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkNet } from "@charybdis/charybdis/checkers";
 *
 * const none = { sent: 0, received: 0, distinct: 0 };
 * const result = checkNet([], { counts: { all: none, clients: none, servers: none } });
 * assertEquals(result.servers.perOperation, null);
 * ```
 */
export function checkNet(
  history: History,
  { counts }: { readonly counts: NetCounts },
): NetResult {
  let operations = 0;
  for (const event of history) {
    if (event.type === "invoke" && event.process !== NEMESIS) operations++;
  }
  return {
    kind: "net",
    valid: true,
    all: perOperation(counts.all, operations),
    clients: counts.clients,
    servers: perOperation(counts.servers, operations),
  };
}

function perOperation(counts: MessageCounts, operations: number): MessageRates {
  return {
    ...counts,
    perOperation: operations === 0 ? null : shortestFloat32(counts.distinct / operations),
  };
}
