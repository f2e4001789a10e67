/** Small clusters to explore. */

import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { type NodeProgram, programOf } from "../../../lib/bench/cluster/program.ts";
import type { Scope } from "../../../lib/bench/explore/explore.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { workloadOf } from "../../../lib/bench/workloads/registry.ts";
import type { Node } from "../../../lib/runtime/node.ts";

export const NO_FAULTS = { drops: 0, duplicates: 0, crashes: 0, timeouts: 0 };

const BUILT_IN = new Map(
  await Promise.all(
    ["unique-ids", "broadcast", "lin-kv"].map(async (workload) =>
      [workload, await loadProgram({ workload, args: [] })] as const
    ),
  ),
);

function builtIn(workload: string): NodeProgram {
  const program = BUILT_IN.get(workload);
  if (program === undefined) throw new Error(`add ${workload} to the built-in nodes of the scopes`);
  return program;
}

/** Returns a scope of a workload with a built-in node, or with another program. */
export function scopeOf(
  workload: string,
  { nodes = 3, operationCount, program, args = [], bounds, ...more }:
    & {
      readonly nodes?: number;
      readonly operationCount: number;
      readonly program?: (node: Node) => void;
      readonly args?: readonly string[];
      readonly bounds?: Partial<Scope["bounds"]>;
    }
    & Partial<Pick<Scope, "seed" | "settleMs" | "storage">>,
): Scope {
  const { test } = parseTest(["-w", workload, "--virtual", "--node-count", String(nodes), ...args]);
  return {
    test,
    workload: workloadOf(workload),
    program: program === undefined
      ? builtIn(workload)
      : programOf({ program }, { name: "program", args: [] }),
    seed: 1,
    storage: false,
    settleMs: 1000,
    bounds: { ...NO_FAULTS, ...bounds },
    operationCount,
    ...more,
  };
}

const EXECUTIONS_MAX = 20_000;

/** Ends an exploration that takes too long. */
export function stopped(
  { schedules, pruned }: { readonly schedules: number; readonly pruned: number },
): boolean {
  return schedules + pruned >= EXECUTIONS_MAX;
}
