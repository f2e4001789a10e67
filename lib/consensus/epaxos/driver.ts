/** Connects a state machine that EPaxos replicates to a node. Tested by `tests/nodes/lin_kv_test.ts`. */

import type { Node } from "../../runtime/node.ts";
import type { Replicated } from "../driver.ts";
import { type LeaderlessOptions, replicateWithoutLeader } from "../leaderless/driver.ts";
import { EPAXOS_FORMS, epaxosMessage, toMessage } from "./messages.ts";
import { EpaxosReplica } from "./replica.ts";

/** Replicates a state machine over all nodes that `init` named. */
export function replicateByEpaxos(node: Node, options: LeaderlessOptions): Replicated {
  return replicateWithoutLeader(node, options, {
    forms: EPAXOS_FORMS,
    spec: epaxosMessage,
    toMessage,
    start: (config, surroundings) => new EpaxosReplica(config, surroundings),
  });
}
