/**
 * All workloads by name: the built-in ones, and those that were loaded from files.
 *
 * Tested by `tests/bench/workloads/workload_file_test.ts`.
 */

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

const BUILT_IN: ReadonlyMap<string, Workload> = new Map(
  [
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
  ].map((workload) => [workload.name, workload]),
);

/** The file of a workload, ready to load in another thread. */
export interface WorkloadSource {
  /** The path as the user gave it. */
  readonly name: string;
  /** The address of its code. */
  readonly url: string;
}

/** A workload, and its file unless it is built in. */
export interface RegisteredWorkload {
  readonly workload: Workload;
  readonly source?: WorkloadSource;
}

/** The workloads of files, by the name of the workload. One thread seldom loads more than one. */
const loaded = new Map<string, RegisteredWorkload>();

/** Makes the workload of a file known by its name and by its path. */
export function registerWorkload(workload: Workload, source: WorkloadSource): void {
  loaded.set(workload.name, { workload, source });
}

/** Returns the files of all loaded workloads, for another thread. */
export function loadedSources(): readonly WorkloadSource[] {
  return [...loaded.values()].flatMap(({ source }) => source ?? []);
}

/** Returns the workload of that name, or that was loaded from that path; undefined if there is none. */
export function findWorkload(name: string): RegisteredWorkload | undefined {
  const workload = BUILT_IN.get(name);
  if (workload !== undefined) return { workload };
  return loaded.get(name) ?? [...loaded.values()].find(({ source }) => source?.name === name);
}

/** Returns the workload of that name, with its file. */
export function registeredWorkload(name: string): RegisteredWorkload {
  const found = findWorkload(name);
  if (found === undefined) throw new RangeError(`unknown workload ${name}`);
  return found;
}

/** Returns the workload of that name. */
export function workloadOf(name: string): Workload {
  return registeredWorkload(name).workload;
}
