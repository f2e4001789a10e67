/** Connects a state machine that Accord replicates to a node. Tested by `tests/nodes/txn_list_append_test.ts`. */

import type { Node } from "../../runtime/node.ts";
import type { Replicated } from "../driver.ts";
import { type LeaderlessOptions, replicateWithoutLeader } from "../leaderless/driver.ts";
import { ACCORD_FORMS, accordMessage, toMessage } from "./messages.ts";
import { AccordReplica } from "./replica.ts";

/** Replicates a state machine over all nodes that `init` named. */
export function replicateByAccord(node: Node, options: LeaderlessOptions): Replicated {
  return replicateWithoutLeader(node, options, {
    forms: ACCORD_FORMS,
    spec: accordMessage,
    toMessage,
    start: (config, surroundings) => new AccordReplica(config, surroundings),
  });
}
