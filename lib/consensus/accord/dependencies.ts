/** Sets of dependencies. Tested by `tests/consensus/accord/dependencies_test.ts`. */

import { isUpTo } from "../leaderless/instance_ids.ts";
import type { InstanceId } from "../leaderless/types.ts";
import type { Dependencies } from "./types.ts";

/** No dependencies. */
export const NO_DEPENDENCIES: Dependencies = { ids: [], floor: {} };

/** Returns the union of sets of dependencies. */
export function unionOf(sets: readonly Dependencies[]): Dependencies {
  const floor: Record<string, number> = {};
  for (const each of sets) {
    for (const [node, number] of Object.entries(each.floor)) {
      if (number > (floor[node] ?? 0)) floor[node] = number;
    }
  }
  const ids = new Set<InstanceId>();
  for (const each of sets) for (const id of each.ids) if (!isUpTo(floor, id)) ids.add(id);
  return { ids: [...ids], floor };
}

/** Returns the ids of one set that another one lacks, with the floor of the former. */
export function withoutCovered({ ids, floor }: Dependencies, known: Dependencies): Dependencies {
  const others = new Set(known.ids);
  return { ids: ids.filter((id) => !others.has(id) && !isUpTo(known.floor, id)), floor };
}
