/**
 * The messages between a simulation and the worker in which a module runs.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

import { isObject } from "../../../protocol/schema.ts";

/** A module's code, ready to be imported. */
export interface ModuleSource {
  /** The module's name in error messages. */
  readonly name: string;
  /** A `data:` URL, or in development the URL of a file that imports others. */
  readonly url: string;
}

/** A message from the simulation. The worker answers each with one {@linkcode FromModule} of a kind other than `storage`. */
export type ToModule =
  | { readonly kind: "load"; readonly source: ModuleSource; readonly args: readonly string[] }
  | {
    readonly kind: "start";
    readonly incarnation: number;
    readonly seed: string;
    readonly now: number;
    /** True if the node's watched state is recorded. */
    readonly isWatched: boolean;
  }
  | { readonly kind: "line"; readonly incarnation: number; readonly line: string; readonly now: number }
  | { readonly kind: "timer"; readonly incarnation: number; readonly timer: number; readonly now: number }
  | { readonly kind: "stop"; readonly incarnation: number }
  /** Changes the seed of the random numbers of all incarnations. */
  | { readonly kind: "redraw"; readonly seed: number }
  /** The end of a run. Pending work of the run must not reach the next one. */
  | { readonly kind: "end" };

/** The actions that a node requests from its host during a turn. */
export type HostAction =
  | { readonly kind: "send"; readonly line: string }
  | { readonly kind: "after"; readonly timer: number; readonly delayMs: number }
  | { readonly kind: "cancel"; readonly timer: number }
  | { readonly kind: "log"; readonly text: string }
  | { readonly kind: "fail"; readonly text: string };

/** A message from the module's worker. */
export type FromModule =
  | { readonly kind: "loaded" }
  | { readonly kind: "refused"; readonly problem: string }
  | {
    readonly kind: "done";
    readonly actions: readonly HostAction[];
    readonly state: string;
    /** The watched values that changed, as JSON by name. */
    readonly watched: readonly (readonly [name: string, json: string])[];
  }
  /** A call of the node's store. The simulation answers with a {@linkcode StorageAnswer}. */
  | { readonly kind: "storage"; readonly call: StorageCall };

/** A call of the node's store, or a request to open it. */
export type StorageCall = {
  readonly method: (typeof STORAGE_METHODS)[number];
  readonly name: string;
  readonly value: string;
  readonly index: number;
};

/** The calls of a store. */
const STORAGE_METHODS = [
  "open",
  "replace",
  "get",
  "put",
  "remove",
  "append",
  "read",
  "truncate",
  "discard",
  "sync",
] as const;

/** The answer to a call of the store. */
export type StorageAnswer =
  | { readonly kind: "value"; readonly value?: unknown }
  /** The store is damaged. */
  | { readonly kind: "damaged"; readonly file: string; readonly problem: string };

/** Returns true for a message that a module's worker may send. The module may have written the message itself. */
export function isFromModule(value: unknown): value is FromModule {
  if (!isObject(value)) return false;
  switch (value["kind"]) {
    case "loaded":
      return true;
    case "refused":
      return typeof value["problem"] === "string";
    case "done":
      return typeof value["state"] === "string" && Array.isArray(value["actions"]) &&
        value["actions"].every(isAction) && Array.isArray(value["watched"]) &&
        value["watched"].every(isWatched);
    case "storage":
      return isStorageCall(value["call"]);
    default:
      return false;
  }
}

function isWatched(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "string";
}

function isAction(value: unknown): value is HostAction {
  if (!isObject(value)) return false;
  switch (value["kind"]) {
    case "send":
      return typeof value["line"] === "string";
    case "after":
      return typeof value["timer"] === "number" && typeof value["delayMs"] === "number";
    case "cancel":
      return typeof value["timer"] === "number";
    case "log":
    case "fail":
      return typeof value["text"] === "string";
    default:
      return false;
  }
}

function isStorageCall(value: unknown): value is StorageCall {
  return isObject(value) && STORAGE_METHODS.some((method) => method === value["method"]) &&
    typeof value["name"] === "string" && typeof value["value"] === "string" &&
    typeof value["index"] === "number";
}
