/** The recorded and the actual state of a run. Tested by `tests/bench/store/run_store_test.ts`. */

import process from "node:process";
import { isObject } from "../../protocol/schema.ts";

/** The bench process of a run, recorded in test.json, so that others can check if it is alive. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** Returns the current process. */
export function thisOwner(): Owner {
  return { pid: Deno.pid, host: hostname() };
}

/** Returns the state in test.json; `died` for a run whose bench process ended without recording an end. */
export function stateOf(head: Readonly<Record<string, unknown>>): string {
  const { state, owner } = head;
  if (state !== "running" || !isOwner(owner) || owner.host !== hostname() || isAlive(owner.pid)) {
    return typeof state === "string" ? state : "?";
  }
  return "died";
}

function isOwner(value: unknown): value is Owner {
  return isObject(value) && Number.isInteger(value["pid"]) && typeof value["host"] === "string" &&
    Number(value["pid"]) > 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // sends no signal
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

function hostname(): string {
  try {
    return Deno.hostname();
  } catch {
    return "";
  }
}
