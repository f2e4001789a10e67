/**
 * The order of execution: an instance is executed after its dependencies. Instances that depend on each other are executed in the order of
 * their names. Tested by `tests/consensus/epaxos/execution_order_test.ts`.
 */

import { compareIds } from "../leaderless/instance_ids.ts";
import type { InstanceId } from "../leaderless/types.ts";

/** The state of an instance for the order of execution. */
export type Readiness =
  | { readonly kind: "executed" }
  /** Not committed, so that its dependencies are unknown. */
  | { readonly kind: "open" }
  | { readonly kind: "committed"; readonly deps: readonly InstanceId[] };

interface Visit {
  readonly id: InstanceId;
  readonly deps: readonly InstanceId[];
  readonly index: number;
  low: number;
  next: number;
  isBlocked: boolean;
}

/**
 * Returns the instances that can be executed, in order: those that reach no open instance. The strongly connected components come from
 * Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972), which yields each one after those that it depends on.
 */
export function executionOrder(
  committed: Iterable<InstanceId>,
  readinessOf: (id: InstanceId) => Readiness,
  compare: (a: InstanceId, b: InstanceId) => number = compareIds,
): InstanceId[] {
  const visits = new Map<InstanceId, Visit>();
  const blocked = new Set<InstanceId>();
  const onStack = new Set<InstanceId>();
  const stack: InstanceId[] = [];
  const order: InstanceId[] = [];
  const path: Visit[] = [];
  const enter = (id: InstanceId, deps: readonly InstanceId[]) => {
    const visit = { id, deps, index: visits.size, low: visits.size, next: 0, isBlocked: false };
    visits.set(id, visit);
    stack.push(id);
    onStack.add(id);
    path.push(visit);
  };
  const leave = (visit: Visit) => {
    path.pop();
    const above = path.at(-1);
    if (visit.low === visit.index) {
      const component = stack.splice(stack.lastIndexOf(visit.id));
      for (const id of component) onStack.delete(id);
      if (component.some((id) => visits.get(id)?.isBlocked === true)) {
        for (const id of component) blocked.add(id);
        if (above !== undefined) above.isBlocked = true;
      } else order.push(...component.sort(compare));
    }
    if (above !== undefined) above.low = Math.min(above.low, visit.low);
  };
  const step = (visit: Visit) => {
    const dep = visit.deps[visit.next++];
    if (dep === undefined) return leave(visit);
    const seen = visits.get(dep);
    if (seen !== undefined) {
      if (onStack.has(dep)) visit.low = Math.min(visit.low, seen.index);
      else if (blocked.has(dep)) visit.isBlocked = true;
      return;
    }
    const readiness = readinessOf(dep);
    if (readiness.kind === "open") visit.isBlocked = true;
    else if (readiness.kind === "committed") enter(dep, readiness.deps);
  };
  for (const id of committed) {
    const readiness = visits.has(id) ? undefined : readinessOf(id);
    if (readiness?.kind !== "committed") continue;
    enter(id, readiness.deps);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) step(visit);
  }
  return order;
}
