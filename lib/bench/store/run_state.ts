/** The state of a run, as test.json tells it and as it really is. */

import process from "node:process";
import { isObject } from "../../protocol/schema.ts";

/** The bench that carries out a run: told in test.json, so that others can see if it is still there. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** Returns this process. */
export function thisOwner(): Owner {
  return { pid: Deno.pid, host: hostname() };
}

/** Returns the state in test.json; `died` for a run whose bench is gone without a word. */
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
    process.kill(pid, 0); // sends nothing
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
