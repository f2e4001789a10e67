/**
 * Loads a workload from a file: its code runs in this thread, like the bench's own.
 *
 * Tested by `tests/bench/workloads/workload_file_test.ts`.
 */

import { isObject } from "../../protocol/schema.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import { importFile, moduleProblem, readModule } from "../cluster/node_module.ts";
import { messageOf } from "../errors.ts";
import { isFile } from "../store/files.ts";
import "../workloads/mod.ts"; // loads the modules that a workload may import
import { findWorkload, registerWorkload, type WorkloadSource } from "../workloads/registry.ts";
import { partPlace, placeOf } from "./workload_place.ts";
import type { Workload } from "../workloads/workload.ts";

/** Returns true if the value of `--workload` is the path of a file rather than a name. */
export function isWorkloadFile(given: string): boolean {
  return /\.[cm]?[jt]s$/.test(given) || given.includes("/");
}

/** Loads every file that a command line names with `-w` or `--workload`. Throws `ArgumentError`. */
export async function loadWorkloadsOf(args: readonly string[]): Promise<void> {
  for (const [i, arg] of args.entries()) {
    if (arg === "--") return;
    const [, joined] = /^(?:-w|--workload)=(.*)$/.exec(arg) ?? [];
    const given = arg === "-w" || arg === "--workload" ? args[i + 1] : joined;
    if (given !== undefined && isWorkloadFile(given)) await loadWorkload(given);
  }
}

/** Loads a workload from a path, and registers it. Throws `ArgumentError` with the file, the line and the reason. */
export async function loadWorkload(path: string): Promise<void> {
  if (findWorkload(path) !== undefined) return;
  const { source } = await readModule(path, "workload");
  await importWorkload(source);
}

/** Loads the workload of a recorded run, if it has a file. Throws `ArgumentError` if the file is not there any more. */
export async function loadRecordedWorkload(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  if (!isFile(path)) {
    throw new ArgumentError(`the run's workload was ${path}, which is not there. Give its file with -w`);
  }
  await loadWorkload(path);
}

/** Loads a workload whose code was read, unless this thread has it already. */
export async function importWorkload(source: WorkloadSource): Promise<void> {
  if (findWorkload(source.name)?.source?.url === source.url) return;
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await importFile(source);
  } catch (error) {
    const thrown = placeOf(error, source);
    throw new ArgumentError(
      thrown === undefined
        ? moduleProblem(error, source)
        : `cannot load ${source.name}: ${thrown}: ${messageOf(error)}`,
    );
  }
  const workload = onlyWorkload(exported, source);
  if (findWorkload(workload.name)?.source === undefined && findWorkload(workload.name) !== undefined) {
    throw problem(source, "name", `there is a built-in workload ${workload.name}. Choose another name`);
  }
  registerWorkload(workload, source);
}

/** The required parts of a workload, with the form that each must have. */
const PARTS: readonly (readonly [part: keyof Workload, form: string, fits: (value: unknown) => boolean])[] = [
  ["name", "a name of letters, digits, - and _", (value) => /^[a-z0-9][\w-]*$/i.test(String(value))],
  ["description", "a string", (value) => typeof value === "string"],
  ["messages", "a list of declarations that rpc() returned", isList(isDeclaration)],
  ["operations", "a list of the operations' names", isList((each) => typeof each === "string")],
  ["generator", "a function", isFunction],
  ["client", "a function", isFunction],
  ["judge", "a function", isFunction],
];

/** The optional parts. */
const OPTIONAL_PARTS: typeof PARTS = [
  ["finalGenerator", "a function", isFunction],
  ["setup", "a function", isFunction],
  ["recordFailure", "a function", isFunction],
  ["problem", "a function", isFunction],
  ["concurrency", "a string such as 2n", (value) => typeof value === "string"],
  [
    "progress",
    "an object with a function request",
    (value) => isObject(value) && isFunction(value["request"]),
  ],
];

function onlyWorkload(exported: Readonly<Record<string, unknown>>, source: WorkloadSource): Workload {
  const candidates = Object.values(exported).filter((value) => isObject(value) && "generator" in value);
  const [workload] = candidates;
  if (workload === undefined || candidates.length > 1) {
    throw new ArgumentError(
      `${source.name} must export one workload, an object with a generator, but exports ${candidates.length}`,
    );
  }
  if (isWorkload(workload, source)) return workload;
  throw new ArgumentError(`${source.name} exports no workload`);
}

/** Checks each part of a workload. Throws `ArgumentError` for the first that does not have its form. */
function isWorkload(value: unknown, source: WorkloadSource): value is Workload {
  if (!isObject(value)) return false;
  for (const [part, form, fits] of PARTS) {
    if (value[part] === undefined) {
      throw problem(source, "generator", `the workload has no ${part}, which must be ${form}`);
    }
    if (!fits(value[part])) throw problem(source, part, `${part} must be ${form}`);
  }
  for (const [part, form, fits] of OPTIONAL_PARTS) {
    if (value[part] !== undefined && !fits(value[part])) {
      throw problem(source, part, `${part} must be ${form}`);
    }
  }
  return true;
}

function problem(source: WorkloadSource, part: string, text: string): ArgumentError {
  return new ArgumentError(`cannot load ${partPlace(source, part)}: ${text}`);
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isList(fits: (element: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.length > 0 && value.every(fits);
}

function isDeclaration(value: unknown): boolean {
  return isObject(value) && typeof value["type"] === "string" && isObject(value["request"]) &&
    isObject(value["reply"]) && isObject(value["replyBody"]);
}
