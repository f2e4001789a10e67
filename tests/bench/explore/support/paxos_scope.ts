/** Small clusters of single-decree Paxos. */

import type { Scope } from "../../../../lib/bench/explore/explore.ts";
import type { Bounds } from "../../../../lib/bench/explore/world_options.ts";
import type { Generator } from "../../../../lib/bench/workloads/operations.ts";
import type { Node } from "../../../../lib/runtime/node.ts";
import { scopeOf } from "../scopes.ts";

/** Lets each thread write its own value, and then read. */
function writeThenRead(): Generator {
  const hasWritten = new Set<number>();
  return {
    next: ({ free: [thread = 0] }) => {
      const isRead = hasWritten.has(thread);
      hasWritten.add(thread);
      return { f: isRead ? "read" : "write", value: [0, isRead ? null : thread + 1], thread };
    },
  };
}

/** Returns a scope of servers with two clients, each of which writes and then reads. */
export function paxosScope(
  program: (node: Node) => void,
  operationCount: number,
  { nodes = 3, bounds = {} }: { readonly nodes?: number; readonly bounds?: Partial<Bounds> } = {},
): Scope {
  const scope = scopeOf("lin-kv", { nodes, operationCount, program, settleMs: 0, bounds });
  return {
    ...scope,
    test: { ...scope.test, concurrency: 2 },
    workload: { ...scope.workload, generator: writeThenRead },
  };
}
