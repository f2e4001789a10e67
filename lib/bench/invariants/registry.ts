/**
 * The invariants of a thread: the built-in ones, and those that were loaded from files.
 *
 * Tested by `tests/bench/invariants/invariants_test.ts`.
 */

import { ArgumentError } from "../../runtime/settings.ts";
import { type ModuleSource } from "../cluster/module/messages.ts";
import { importFile, moduleProblem, readModule } from "../cluster/node_module.ts";
import type { Invariant } from "../workloads/invariant.ts";
import * as raft from "./raft.ts";

/** Invariants by the names of the functions. */
export type Invariants = ReadonlyMap<string, Invariant>;

interface Loaded {
  readonly invariants: Invariants;
  /** The file, ready to load in another thread; absent for built-in ones. */
  readonly source?: ModuleSource;
}

const known = new Map<string, Loaded>([["raft", { invariants: new Map(Object.entries(raft)) }]]);

/** Loads every file that a command line names with `--invariant`. Throws `ArgumentError`. */
export async function loadInvariantsOf(args: readonly string[]): Promise<void> {
  for (const [i, arg] of args.entries()) {
    if (arg === "--") return;
    const given = arg === "--invariant" ? args[i + 1] : /^--invariant=(.*)$/.exec(arg)?.[1];
    if (given !== undefined) await loadInvariants(given);
  }
}

/** Reads the invariants of a file, unless they are built in or known. Throws `ArgumentError`. */
export async function loadInvariants(name: string): Promise<void> {
  if (known.has(name)) return;
  const { source } = await readModule(name, "workload");
  await importInvariants(source);
}

/** Loads invariants whose code was read, unless this thread has them already. */
export async function importInvariants(source: ModuleSource): Promise<void> {
  if (known.get(source.name)?.source?.url === source.url) return;
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await importFile(source);
  } catch (error) {
    throw new ArgumentError(moduleProblem(error, source));
  }
  const invariants = new Map(Object.entries(exported).filter(isInvariant));
  if (invariants.size === 0) {
    throw new ArgumentError(`${source.name} exports no function. Export each invariant as a function`);
  }
  known.set(source.name, { invariants, source });
}

function isInvariant(exported: [string, unknown]): exported is [string, Invariant] {
  return typeof exported[1] === "function";
}

/** Returns the invariants that were loaded by a name; empty if there are none. */
export function invariantsOf(name: string | undefined): Invariants {
  return known.get(name ?? "")?.invariants ?? new Map();
}

/** Returns the file of loaded invariants, for another thread; undefined if they are built in. */
export function invariantSource(name: string | undefined): ModuleSource | undefined {
  return known.get(name ?? "")?.source;
}
