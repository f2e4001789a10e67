/** The quiet time after a node's start. Tested by `tests/runtime/process_test.ts`. */

/**
 * The time after its start, in ms, for which a node sends nothing unasked. Maelstrom starts nodes one after the other, and
 * stops reading from a node that sends to a peer it has not registered yet. So a node waits until every peer is likely to
 * be up. A message from a client or a peer proves that they all are, and ends the wait.
 */
export const STARTUP_QUIET_MS = 200;
