/**
 * Finds the places of a workload's parts and errors in its file.
 *
 * Tested by `tests/bench/workloads/workload_file_test.ts`.
 */

import type { WorkloadSource } from "../workloads/registry.ts";

/** Returns the file of a workload with the line in which a part of it begins: `bank.ts, line 12`. */
export function partPlace({ name, url }: WorkloadSource, part: string): string {
  const [, code] = /^data:text\/javascript;base64,(.*)$/.exec(url) ?? [];
  const lines = code === undefined ? [] : new TextDecoder().decode(bytesOf(code)).split("\n");
  const line = lines.findIndex((each) => new RegExp(`^\\s+[*]?\\s*${part}\\s*[(:,]`).test(each));
  return line < 0 ? name : `${name}, line ${line + 1}`;
}

/** Returns the innermost place of an error in a workload's file: `bank.ts, line 12`; undefined if it is elsewhere. */
export function placeOf(error: unknown, { name, url }: WorkloadSource): string | undefined {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  // Deno shortens data addresses in stack traces.
  const pattern = url.startsWith("data:") ? /data:text\/javascript;base64,[^:\s)]*:(\d+):\d+/ : undefined;
  const line = pattern === undefined ? stack.split(url)[1]?.match(/^:(\d+)/)?.[1] : pattern.exec(stack)?.[1];
  return line === undefined ? undefined : `${name}, line ${line}`;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
}
