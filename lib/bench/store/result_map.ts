/** Reads figures from result maps, which are JSON. */

import { isObject } from "../../protocol/schema.ts";

/** Returns the number at a path of nested keys in a map; undefined if there is none. */
export function getNumber(map: unknown, ...path: readonly string[]): number | undefined {
  let value = map;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return typeof value === "number" ? value : undefined;
}
