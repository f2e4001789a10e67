/**
 * The results of the checks of transactions in the form of Elle's result map.
 *
 * Tested by `tests/checkers/elle/elle_oracle_test.ts`.
 */

import type { Fields } from "../jepsen_fields.ts";
import type { JepsenResult } from "../result.ts";
import type { ElleExample } from "./examples.ts";
import type { CycleStep } from "./explain.ts";
import type { ElleAnomaly, ElleResult, NewerFinding } from "./verdict.ts";

/** Returns the result of `checkListAppend` or `checkRwRegister` as Elle's map. */
export function elleToJepsen(result: ElleResult): JepsenResult {
  const { valid, anomalies, not, alsoNot, newerFindings, warnings } = result;
  return {
    valid,
    "anomaly-types": anomalies.map(({ type }) => type),
    anomalies: Object.fromEntries(anomalies.map((anomaly) => [anomaly.type, examplesOf(anomaly)])),
    "anomaly-counts": Object.fromEntries(anomalies.map(({ type, count }) => [type, count])),
    not,
    "also-not": alsoNot,
    ...(newerFindings.length === 0 ? {} : { "newer-findings": newerFindings.map(newerFields) }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function examplesOf({ type, examples }: ElleAnomaly): readonly Fields[] | true {
  return type === "empty-transaction-graph" ? true : examples.map(exampleFields);
}

function newerFields({ kind, elle, count, examples }: NewerFinding): Fields {
  return { kind, elle, count, examples: examples.map(exampleFields) };
}

function exampleFields(example: ElleExample): Fields {
  switch (example.kind) {
    case "cycle":
      return { type: example.type, cycle: example.cycle, steps: example.steps.map(stepFields) };
    case "cycle-exists": {
      const { type, not, sccSize, scc } = example;
      return { type, not, "scc-size": sccSize, scc };
    }
    default: {
      const { kind: _, ...fields } = example;
      return fields;
    }
  }
}

/** The fields of a step that Elle gives other names. */
const STEP_FIELDS: Partial<Readonly<Record<keyof CycleStep, string>>> = {
  nextValue: "value'",
  fromMopIndex: "a-mop-index",
  toMopIndex: "b-mop-index",
  completion: "a'",
  invocation: "b",
};

function stepFields(step: CycleStep): Fields {
  const names: Readonly<Record<string, string>> = STEP_FIELDS;
  return Object.fromEntries(Object.entries(step).map(([name, value]) => [names[name] ?? name, value]));
}
