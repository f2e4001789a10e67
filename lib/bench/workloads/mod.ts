/** All workloads, by name. */

import type { WorkloadName } from "../../checkers/workloads.ts";
import { broadcastWorkload } from "./broadcast.ts";
import { gCounterWorkload, pnCounterWorkload } from "./counter.ts";
import { echoWorkload } from "./echo.ts";
import { gSetWorkload } from "./g_set.ts";
import { kafkaWorkload } from "./kafka/workload.ts";
import { linKvWorkload } from "./lin_kv.ts";
import { txnListAppendWorkload } from "./txn_list_append.ts";
import { txnRwRegisterWorkload } from "./txn_rw_register.ts";
import { uniqueIdsWorkload } from "./unique_ids.ts";
import type { Workload } from "./workload.ts";

const ALL = [
  echoWorkload,
  uniqueIdsWorkload,
  broadcastWorkload,
  gSetWorkload,
  gCounterWorkload,
  pnCounterWorkload,
  kafkaWorkload,
  linKvWorkload,
  txnListAppendWorkload,
  txnRwRegisterWorkload,
] as const;

/** Returns the workload of that name. */
export function workloadOf(name: WorkloadName): Workload {
  const found = ALL.find((workload) => workload.name === name);
  if (found === undefined) throw new RangeError(`unknown workload ${name}`);
  return found;
}
