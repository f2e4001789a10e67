/** The nodes that can run in this process: the built-in ones, and any module of the same form. */

import type { WorkloadName } from "../checkers/workloads.ts";
import type { Node } from "../runtime/node.ts";
import { ArgumentError, parseSettings, type Settings } from "../runtime/settings.ts";
import { importModule } from "./node_module.ts";
import * as broadcast from "../../nodes/broadcast.ts";
import * as echo from "../../nodes/echo.ts";
import * as gCounter from "../../nodes/g_counter.ts";
import * as gSet from "../../nodes/g_set.ts";
import * as kafka from "../../nodes/kafka.ts";
import * as linKv from "../../nodes/lin_kv.ts";
import * as pnCounter from "../../nodes/pn_counter.ts";
import * as txnListAppend from "../../nodes/txn_list_append.ts";
import * as txnRwRegister from "../../nodes/txn_rw_register.ts";
import * as uniqueIds from "../../nodes/unique_ids.ts";

/** A program with its arguments, ready to run on a node. */
export type BoundProgram = (node: Node) => void;

const BUILT_IN: Readonly<Record<WorkloadName, Readonly<Record<string, unknown>>>> = {
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
};

/** The consistency models that a workload's built-in node claims, where those are not the bench's default. */
export function claimedModels(workload: WorkloadName): readonly string[] | undefined {
  const claimed = BUILT_IN[workload]["consistencyModels"];
  return Array.isArray(claimed) ? claimed.map(String) : undefined;
}

/**
 * The program of a workload's built-in node, or of a module: its one exported function, with its exported `settings`
 * read from `args`. Throws `ArgumentError` when it cannot be loaded or the arguments are wrong.
 */
export async function loadProgram(
  options: {
    readonly workload: WorkloadName;
    readonly module?: string | undefined;
    readonly args: readonly string[];
  },
): Promise<BoundProgram> {
  const { workload, module, args } = options;
  const exported = module === undefined ? BUILT_IN[workload] : await importModule(module);
  const programs = Object.values(exported).filter((value) => typeof value === "function");
  const [program] = programs;
  if (program === undefined || programs.length > 1) {
    throw new ArgumentError(
      `${module ?? workload} must export one function, the program, but exports ${programs.length}`,
    );
  }
  const settings = settingsOf((exported["settings"] ?? {}) as Settings, args);
  return (node) => program(node, settings);
}

function settingsOf(settings: Settings, args: readonly string[]): unknown {
  try {
    return parseSettings(settings, args);
  } catch (error) {
    throw error instanceof ArgumentError
      ? new ArgumentError(`the node (what stands after --): ${error.message}`)
      : error;
  }
}
