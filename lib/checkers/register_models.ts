/**
 * Registers by key, as the workload lin-kv records them, judged by the consistency model that is asked for.
 *
 * Tested by `tests/checkers/register_models_test.ts`.
 */

import type { Event, History } from "./history.ts";
import type { Judgment } from "./judgment.ts";
import type { ModelOperation } from "./linearizable/history_model.ts";
import { checkLinKv, type LinKvResult } from "./linearizable/lin_kv.ts";
import type { LinearizabilityOptions } from "./linearizable/check_partition.ts";
import { type Model, REFUSED } from "./linearizable/model.ts";
import { checkSequential } from "./sequential.ts";
import { checkSessions, SESSION_GUARANTEES, type SessionGuarantee, type VersionAccess } from "./sessions.ts";
import { sameValue, valueKey } from "./value_key.ts";

/** The session guarantees that a consistency model of registers consists of. */
const GUARANTEES: Readonly<Record<string, readonly SessionGuarantee[]>> = {
  ...Object.fromEntries(SESSION_GUARANTEES.map((guarantee) => [guarantee, [guarantee]])),
  "PRAM": ["read-your-writes", "monotonic-reads", "monotonic-writes"],
};

const SEQUENTIAL = "sequential";

/** The model of a register with compare-and-set, by key. */
const REGISTERS: Model<unknown, ModelOperation, unknown> = {
  initial: () => null,
  step: (state, { f, value }, output) => {
    const [, given] = pairOf(value);
    if (f === "write") return given;
    if (f === "cas") {
      const [from, to] = pairOf(given);
      return sameValue(from, state) ? to : REFUSED;
    }
    const [, read] = pairOf(output);
    return output === undefined || read === null || sameValue(read, state) ? state : REFUSED;
  },
  partition: ({ value }) => valueKey(pairOf(value)[0]),
  isReadOnly: ({ f }) => f === "read",
};

/**
 * Checks registers: as linearizable, unless only weaker models are asked for. Those are `sequential`, `PRAM` and the four session
 * guarantees, which need written values that are distinct per key.
 */
export function checkRegisters(
  history: History,
  { consistencyModels = [], ...options }: LinearizabilityOptions & {
    readonly consistencyModels?: readonly string[];
  } = {},
): LinKvResult | Judgment {
  const isWeak = (model: string) => model === SEQUENTIAL || Object.hasOwn(GUARANTEES, model);
  if (consistencyModels.length === 0 || !consistencyModels.every(isWeak)) return checkLinKv(history, options);
  if (consistencyModels.includes(SEQUENTIAL)) {
    const { limits: { stepsMax } = {}, control } = options;
    return checkSequential(history, REGISTERS, {
      ...(stepsMax === undefined ? {} : { stepsMax }),
      ...(control === undefined ? {} : { control }),
    });
  }
  const guarantees = new Set(consistencyModels.flatMap((model) => GUARANTEES[model] ?? []));
  return checkSessions(history, { guarantees: [...guarantees], accessesOf });
}

/** Returns the accesses of an operation: a cas reads a version and writes another one. */
function accessesOf({ f, value: recorded }: Event): readonly VersionAccess[] {
  const [key, value] = pairOf(recorded);
  if (f === "write") return [{ kind: "write", key, value }];
  if (f === "read") return [{ kind: "read", key, value }];
  const [from, to] = pairOf(value);
  return [{ kind: "read", key, value: from }, { kind: "write", key, value: to }];
}

function pairOf(value: unknown): readonly [first: unknown, second: unknown] {
  return Array.isArray(value) ? [value[0], value[1]] : [null, null];
}
