/** The built-in nodes, which run in this process. Tested by `tests/bench/cli/messages_test.ts`. */

import { ArgumentError } from "../../runtime/settings.ts";
import { type NodeProgram, programOf } from "./program.ts";
import * as broadcast from "../../../nodes/broadcast.ts";
import * as echo from "../../../nodes/echo.ts";
import * as gCounter from "../../../nodes/g_counter.ts";
import * as gSet from "../../../nodes/g_set.ts";
import * as kafka from "../../../nodes/kafka.ts";
import * as linKv from "../../../nodes/lin_kv.ts";
import * as pnCounter from "../../../nodes/pn_counter.ts";
import * as txnListAppend from "../../../nodes/txn_list_append.ts";
import * as txnRwRegister from "../../../nodes/txn_rw_register.ts";
import * as uniqueIds from "../../../nodes/unique_ids.ts";

type Exports = Readonly<Record<string, unknown>>;

const BUILT_IN: ReadonlyMap<string, Exports> = new Map(Object.entries<Exports>({
  "echo": echo,
  "unique-ids": uniqueIds,
  "broadcast": broadcast,
  "g-set": gSet,
  "g-counter": gCounter,
  "pn-counter": pnCounter,
  "kafka": kafka,
  "lin-kv": linKv,
  "txn-list-append": txnListAppend,
  "txn-rw-register": txnRwRegister,
}));

/** The consistency models of each workload's built-in node that differ from the bench's default. */
export function modelsClaimedBy(workload: string): readonly string[] | undefined {
  const claimed = BUILT_IN.get(workload)?.["consistencyModels"];
  return Array.isArray(claimed) ? claimed.map(String) : undefined;
}

/** Returns the program of a workload's built-in node. Throws `ArgumentError` if the arguments are wrong. */
export function loadProgram(
  { workload, args }: { readonly workload: string; readonly args: readonly string[] },
): NodeProgram {
  const exported = BUILT_IN.get(workload);
  if (exported === undefined) {
    throw new ArgumentError(`there is no built-in node for ${workload}. Give --module FILE, or --bin FILE`);
  }
  return programOf(exported, { name: workload, args });
}
