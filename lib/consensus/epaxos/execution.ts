/**
 * Execution: finds the instances of which all dependencies are known. Tested by `tests/consensus/epaxos/simulation_test.ts`.
 *
 * Both steps are taken once per instance: a dependency that is not committed is remembered until it is, and the dependencies of an instance
 * are final when all are committed.
 */

import { invariant } from "../../protocol/errors.ts";
import { conflict, type EpaxosCore, type Instance } from "./core.ts";
import { executionOrder, type Readiness } from "./execution_order.ts";
import type { InstanceId } from "../leaderless/types.ts";

/** Returns the instances that can be executed, in order, and takes them for executed. */
export function executable(core: EpaxosCore): Instance[] {
  const pending = [...core.unexecuted].map(({ id }) => id);
  return executionOrder(pending, (id) => readinessOf(core, id), core.rules.compare).map((id) => {
    const instance = core.instances.get(id);
    invariant(instance !== undefined, () => `instance ${id} is executed after its record was deleted`);
    core.executed.add(id);
    core.unexecuted.delete(instance);
    return instance;
  });
}

function readinessOf(core: EpaxosCore, id: InstanceId): Readiness {
  if (core.executed.has(id)) return { kind: "executed" };
  const instance = core.instances.get(id);
  if (instance?.phase !== "committed") return { kind: "open" };
  if (instance.blocker !== undefined && core.open.has(instance.blocker)) return { kind: "open" };
  instance.blocker = undefined;
  instance.order ??= orderOf(core, instance);
  return instance.order === undefined ? { kind: "open" } : { kind: "committed", deps: instance.order };
}

/**
 * Returns the dependencies of a committed instance that are not executed; undefined if one of them is not committed. A dependency counts if
 * its commands conflict. One that is not committed may show them already: they do not change any more, except to none.
 */
function orderOf(core: EpaxosCore, instance: Instance): readonly InstanceId[] | undefined {
  if (instance.commands === null) return [];
  for (const other of core.open) {
    if (other.number > (instance.deps[other.coordinator] ?? 0)) continue;
    if (other.uses.size > 0 && !conflict(instance.uses, other.uses)) continue;
    if (!core.rules.waitsForOpen()) continue;
    instance.blocker = other;
    return undefined;
  }
  return [...core.keys.unexecutedDeps(instance, core.executed)];
}
