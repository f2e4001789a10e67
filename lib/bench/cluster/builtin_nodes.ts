/** The built-in nodes, which run in this process. Tested by `tests/bench/cli/messages_test.ts`. */

import { ArgumentError } from "../../runtime/settings.ts";
import { type NodeProgram, programOf } from "./program.ts";

type Exports = Readonly<Record<string, unknown>>;

/** Loads the module of each node, so that a run does not wait for the modules of the others. */
const BUILT_IN: ReadonlyMap<string, () => Promise<Exports>> = new Map(Object.entries({
  "echo": () => import("../../../nodes/echo.ts"),
  "unique-ids": () => import("../../../nodes/unique_ids.ts"),
  "broadcast": () => import("../../../nodes/broadcast.ts"),
  "g-set": () => import("../../../nodes/g_set.ts"),
  "g-counter": () => import("../../../nodes/g_counter.ts"),
  "pn-counter": () => import("../../../nodes/pn_counter.ts"),
  "kafka": () => import("../../../nodes/kafka.ts"),
  "lin-kv": () => import("../../../nodes/lin_kv.ts"),
  "txn-list-append": () => import("../../../nodes/txn_list_append.ts"),
  "txn-rw-register": () => import("../../../nodes/txn_rw_register.ts"),
}));

/** The consistency models that a built-in node claims, where they differ from the bench's default. */
const CLAIMED: ReadonlyMap<string, readonly string[]> = new Map(Object.entries({
  "txn-rw-register": ["strong-session-read-committed", "monotonic-view", "causal-cerone"],
}));

/** Returns the strongest consistency models that hold for a workload's built-in node with its default settings, under all faults. */
export function modelsClaimedBy(workload: string): readonly string[] | undefined {
  return CLAIMED.get(workload);
}

/** Returns the program of a workload's built-in node. Rejects with `ArgumentError` if the arguments are wrong. */
export async function loadProgram(
  { workload, args }: { readonly workload: string; readonly args: readonly string[] },
): Promise<NodeProgram> {
  const load = BUILT_IN.get(workload);
  if (load === undefined) {
    throw new ArgumentError(`there is no built-in node for ${workload}. Give --module FILE, or --bin FILE`);
  }
  return programOf(await load(), { name: workload, args });
}
