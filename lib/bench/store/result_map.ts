/** Figures in result maps, which are JSON. */

import { isObject } from "../../protocol/schema.ts";

/** The number that stands in a map under these names, one in the other; undefined if there is none. */
export function numberAt(map: unknown, ...path: readonly string[]): number | undefined {
  let value = map;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return typeof value === "number" ? value : undefined;
}
