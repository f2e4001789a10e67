/**
 * Changes of the membership: requests by which a test removes a node from the cluster and adds it again. They are an extension of
 * Maelstrom's protocol. Nodes without them reply with error 10.
 *
 * Tested by `tests/protocol/message_test.ts`.
 */

import { type Empty, type Rpc, rpc } from "./message.ts";

/** Asks a node to leave the membership. */
export const leave: Rpc<Empty, Empty> = rpc("leave", {
  description:
    "Asks a node to leave the membership; answered once that is committed. The node continues to run and to serve clients. " +
    "Error 0 leaves open whether the change happens, and error 22 refuses it: the last voter cannot leave.",
  request: {},
  reply: {},
  example: { request: {}, reply: {} },
});

/** Asks a node to join the membership again. */
export const join: Rpc<Empty, Empty> = rpc("join", {
  description:
    "Asks a node to join the membership as a voter; answered once that is committed. Error 0 leaves open whether the change happens.",
  request: {},
  reply: {},
  example: { request: {}, reply: {} },
});
