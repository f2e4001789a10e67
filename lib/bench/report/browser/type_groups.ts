/** Colors of messages by their types. Tested by `tests/bench/report/type_groups_test.ts`. */

import type { MessageColumns } from "../data/report_data.ts";
import { TYPE_COLORS } from "./theme.ts";

/** Types that share a color: a request and its reply. */
export interface TypeGroups {
  /** The names, in the order of the colors. */
  readonly names: readonly string[];
  /** By type, the number of its group. */
  readonly ofType: Uint8Array;
}

/** Returns the groups: types between servers first, then by their numbers of messages. */
export function typeGroups(messages: MessageColumns, nodes: number): TypeGroups {
  const servers = nodes + messages.services;
  const counts = new Map<string, number>();
  const isServers = new Set<string>();
  for (const [row, type] of messages.type.entries()) {
    const name = requestName(messages.types[type] ?? "");
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if ((messages.src[row] ?? 0) < servers && (messages.dest[row] ?? 0) < servers) isServers.add(name);
  }
  const sorted = [...counts].sort(([a, n], [b, m]) =>
    Number(isServers.has(b)) - Number(isServers.has(a)) || m - n
  ).map(([name]) => name);
  const names = sorted.length <= TYPE_COLORS ? sorted : [...sorted.slice(0, TYPE_COLORS - 1), "other types"];
  const ofType = Uint8Array.from(messages.types, (type) => {
    const at = names.indexOf(requestName(type));
    return at < 0 ? names.length - 1 : at;
  });
  return { names, ofType };
}

/** Returns the type of the request to which a reply belongs. */
export function requestName(type: string): string {
  return type.replace(/_(?:ok|rejected|reply|ack|response)$/, "");
}
