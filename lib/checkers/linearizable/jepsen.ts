/**
 * The results of linearizability checks in the form of Jepsen's and Knossos's result maps.
 *
 * Tested by `tests/checkers/linearizable_test.ts`.
 */

import { countedList, type Fields, textOfKey, warningField } from "../jepsen_fields.ts";
import type { JepsenResult } from "../result.ts";
import type { LinearizedPrefix, RegisterEvidence, RegisterState } from "./counterexample.ts";
import type { LinKvResult, RegisterResult } from "./lin_kv.ts";
import type { ModelEvidence, ModelPartResult, ModelResult } from "./model.ts";

/** Returns the result of `checkLinKv` as the map of Jepsen's `independent` checker. */
export function linKvToJepsen(result: LinKvResult): JepsenResult {
  const results = result.results.map(({ key, linearizable }) =>
    [textOfKey(key), {
      valid: linearizable.valid,
      linearizable: linearizable.kind === "register"
        ? registerToJepsen(linearizable)
        : partToJepsen(linearizable),
    }] as const
  );
  return {
    valid: result.valid,
    results: Object.fromEntries(results),
    failures: result.failures,
    ...countedList("malformed", result.malformed),
    ...warningField(result.warning),
  };
}

/** Returns the result of `checkRegister` as the map of Knossos's checker. */
export function registerToJepsen({ valid, evidence, malformed, warning }: RegisterResult): JepsenResult {
  return {
    valid,
    ...evidenceFields(evidence),
    ...countedList("malformed", malformed),
    ...warningField(warning),
  };
}

/** Returns the result of `checkLinearizable` as a map. */
export function modelToJepsen({ valid, parts }: ModelResult): JepsenResult {
  return { valid, results: parts.map((part) => ({ key: part.key, ...partToJepsen(part) })) };
}

function partToJepsen({ valid, evidence }: ModelPartResult): JepsenResult {
  return { valid, ...evidenceFields(evidence) };
}

function evidenceFields(evidence: RegisterEvidence | ModelEvidence): Fields {
  switch (evidence.kind) {
    case "order":
      return { "op-count": evidence.operationCount };
    case "limit":
      return { error: evidence.error, ...prefixFields(evidence.prefix) };
    case "contradiction": {
      const { op, because, prefix } = evidence;
      const states = "states" in evidence ? { states: evidence.states } : stateFields(evidence.state);
      return { op, because, ...states, ...prefixFields(prefix) };
    }
  }
}

function stateFields(state: RegisterState | null): Fields {
  return state === null ? {} : {
    "previous-ok": state.previousOk,
    "last-op": state.lastOp,
    configs: state.possibleValues.map((value) => ({ model: { value } })),
    "pending-count": state.pendingCount,
    pending: state.pending,
  };
}

function prefixFields(prefix: LinearizedPrefix<unknown> | null): Fields {
  return prefix === null ? {} : { "linearized-count": prefix.count, linearized: prefix.last };
}
