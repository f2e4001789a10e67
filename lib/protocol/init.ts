/** The first message of every node. Tested by `tests/protocol/message_test.ts`. */

import { type Empty, type Rpc, rpc } from "./message.ts";
import { array, string } from "./schema.ts";

/** Tells a node its own id and the ids of all nodes. Sent first, and again after a restart. */
export const init: Rpc<{ readonly node_id: string; readonly node_ids: readonly string[] }, Empty> = rpc(
  "init",
  {
    description: "Tells a node its own id and the ids of all nodes; the first message that a node receives.",
    request: { node_id: string, node_ids: array(string) },
    reply: {},
    example: { request: { node_id: "n1", node_ids: ["n0", "n1", "n2"] }, reply: {} },
  },
);
