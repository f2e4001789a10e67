/**
 * Linearizable registers: one per key in the lin-kv workload, or a single one.
 *
 * Tested by `tests/checkers/linearizable_test.ts`.
 */

import { type Event, type History, NEMESIS } from "../history.ts";
import { emptyHistoryWarning, type Operation, pairOperations } from "../operations.ts";
import { type CheckControl, mergeValidity, type Validity } from "../result.ts";
import { compareValues, type ValueKey, valueKey } from "../value_key.ts";
import { checkKeyValue, isKeyValueHistory } from "./key_value.ts";
import { checkPartition, limitText, type LinearizabilityOptions } from "./check_partition.ts";
import { scheduleSize } from "./schedule.ts";
import { checkZones } from "./zones.ts";
import {
  isReadOnly,
  type RegisterAction,
  registerSearchModel,
  relevantOperations,
  unwrittenValue,
} from "./register.ts";
import {
  linearizedPrefix,
  type RecordedOperation,
  registerContradiction,
  type RegisterEvidence,
} from "./counterexample.ts";
import type { ModelPartResult } from "./model.ts";

/** An operation whose value does not have the form that its name requires. */
export interface MalformedLinKvOperation {
  /** The operation. */
  readonly op: Event;
  /** The reason. */
  readonly because: string;
}

/** The verdict on one register. */
export interface RegisterResult {
  /** The kind of this result. */
  readonly kind: "register";
  /** True if the register is linearizable. */
  readonly valid: Validity;
  /** The evidence. */
  readonly evidence: RegisterEvidence;
  /** Operations on the register that could not be read. */
  readonly malformed: readonly MalformedLinKvOperation[];
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

/** The verdict on one key. */
export interface KeyResult {
  /** The key. */
  readonly key: unknown;
  /** The verdict on the register, or on the text of a key-value store. */
  readonly linearizable: RegisterResult | ModelPartResult;
}

/** The result of {@linkcode checkLinKv}. */
export interface LinKvResult {
  /** The checker. */
  readonly kind: "lin-kv";
  /** True if every key is linearizable. */
  readonly valid: Validity;
  /** The verdicts by key, ascending. */
  readonly results: readonly KeyResult[];
  /** The keys that are not linearizable. */
  readonly failures: readonly unknown[];
  /** Operations whose key could not be read. */
  readonly malformed: readonly MalformedLinKvOperation[];
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

/** The operations on one register. */
interface RegisterOperations {
  readonly operations: RecordedOperation[];
  readonly malformed: MalformedLinKvOperation[];
  /** The successful completions, for the counterexample. */
  readonly oks: { readonly position: number; readonly event: Event }[];
}

interface RegisterHistory extends RegisterOperations {
  readonly key: unknown;
}

/**
 * Checks that each key is a linearizable register.
 *
 * Values are `[key, value]`, and `[key, [from, to]]` for a cas, as in Jepsen's `independent`. A failed operation did not
 * happen. An indeterminate one may happen at any time after its invocation, or never. A read that returned null may have
 * read any value, as in Knossos. A malformed value makes the result invalid.
 *
 * A history with `get`, `put` or `append` is one of a key-value store. Each key begins with the empty text, which `append`
 * extends.
 *
 * @param options.limits the limits of the search; a register that exceeds them is `unknown`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkLinKv, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "write", value: ["x", 1] },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "write", value: ["x", 1] },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "read", value: ["x", null] },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "read", value: ["x", 2] },
 * ];
 * const { valid, failures } = checkLinKv(history);
 * assertEquals([valid, failures], [false, ["x"]]);
 * ```
 */
export function checkLinKv(history: History, options: LinearizabilityOptions = {}): LinKvResult {
  if (isKeyValueHistory(history)) return checkKeyValue(history, options);
  const registers = new Map<ValueKey, RegisterHistory>();
  const malformed: MalformedLinKvOperation[] = [];
  const values = new ValueNumbers();
  for (const operation of pairOperations(history)) {
    const pair = keyed(operation.invoke.value);
    if (pair === null) {
      malformed.push({ op: operation.invoke, because: "its value is not [key, value]" });
      continue;
    }
    const key = valueKey(pair[0]);
    let register = registers.get(key);
    if (register === undefined) {
      registers.set(key, register = { key: pair[0], operations: [], malformed: [], oks: [] });
    }
    const completed = operation.completion?.type === "ok" ? keyed(operation.completion.value) : pair;
    if (completed === null || valueKey(completed[0]) !== key) {
      malformed.push({
        op: operation.completion ?? operation.invoke,
        because: "its value is not [key, value] with the key that was asked for",
      });
      continue;
    }
    record(register, operation, { invoked: pair[1], completed: completed[1], values });
  }
  const sorted = [...registers.values()].sort((a, b) => compareValues(a.key, b.key));
  const results = sorted.map(({ key, ...register }, index): KeyResult => ({
    key,
    linearizable: checkOne(register, values, {
      ...options,
      control: partOf(options.control ?? {}, index, sorted.length),
    }),
  }));
  return {
    kind: "lin-kv",
    valid: malformed.length > 0
      ? false
      : mergeValidity(results.map(({ linearizable }) => linearizable.valid)),
    results,
    failures: results.filter(({ linearizable }) => linearizable.valid === false).map(({ key }) => key),
    malformed,
    warning: emptyHistoryWarning(history),
  };
}

/**
 * Checks a single register. The values of its operations have no key: null, a value, or `[from, to]` for a cas.
 *
 * @param options.limits the limits of the search; a register that exceeds them is `unknown`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkRegister, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "write", value: 1 },
 *   { index: 1, time: 1000000, process: 1, type: "invoke", f: "read", value: null },
 *   { index: 2, time: 2000000, process: 1, type: "ok", f: "read", value: 1 },
 *   { index: 3, time: 3000000, process: 0, type: "ok", f: "write", value: 1 },
 * ];
 * assertEquals(checkRegister(history).valid, true); // the read may come after the write
 * ```
 */
export function checkRegister(history: History, options: LinearizabilityOptions = {}): RegisterResult {
  const register: RegisterOperations = { operations: [], malformed: [], oks: [] };
  const values = new ValueNumbers();
  for (const operation of pairOperations(history)) {
    const invoked = operation.invoke.value;
    const completed = operation.completion?.type === "ok" ? operation.completion.value : invoked;
    record(register, operation, { invoked, completed, values });
  }
  return { ...checkOne(register, values, options), warning: emptyHistoryWarning(history) };
}

function checkOne(
  register: RegisterOperations,
  values: ValueNumbers,
  options: LinearizabilityOptions,
): RegisterResult {
  const { malformed, oks } = register;
  const operations = relevantOperations(register.operations);
  const order: RegisterEvidence = { kind: "order", operationCount: register.operations.length };
  if (scheduleSize(operations) > SCHEDULE_SIZE_MAX) {
    return resultOf(checkByZones(operations, values, order), malformed);
  }
  const { plan, outcome } = checkPartition(operations, registerSearchModel(operations, values.number(null)), {
    ...options,
    readOnly: (index) => {
      const operation = operations[index];
      return operation !== undefined && isReadOnly(operation);
    },
  });
  if (outcome.end === "linearizable") return resultOf(order, malformed);
  const found = { operations, plan, outcome, values: values.all, oks };
  if (outcome.end === "stuck") return resultOf(registerContradiction(found), malformed);
  const evidence = unwrittenEvidence(operations, values) ?? {
    kind: "limit",
    error: `${limitText(outcome.end)}; the first ${outcome.satisfied} operations to return are linearizable`,
    prefix: linearizedPrefix(found),
  };
  return resultOf(evidence, malformed);
}

function resultOf(
  evidence: RegisterEvidence,
  malformed: readonly MalformedLinKvOperation[],
): RegisterResult {
  const verdict: Record<RegisterEvidence["kind"], Validity> = {
    order: true,
    contradiction: false,
    limit: "unknown",
  };
  const valid = malformed.length > 0 ? false : verdict[evidence.kind];
  return { kind: "register", valid, evidence, malformed, warning: null };
}

/**
 * The number of pairs of a return and an operation that is pending there. Above it, a schedule alone takes more memory than
 * a search may use.
 */
const SCHEDULE_SIZE_MAX = 16_000_000;

/** Judges a register with too many concurrent operations to search their orders. */
function checkByZones(
  operations: readonly RecordedOperation[],
  values: ValueNumbers,
  order: RegisterEvidence,
): RegisterEvidence {
  const verdict = checkZones(operations, values.number(null));
  switch (verdict.kind) {
    case "linearizable":
      return order;
    case "impossible": {
      const failed = operations[verdict.operation];
      const op = failed?.completion ?? failed?.invoke ?? null;
      return { kind: "contradiction", op, because: verdict.because, state: null, prefix: null };
    }
    case "inapplicable":
      return unwrittenEvidence(operations, values) ?? {
        kind: "limit",
        error:
          "too many operations on this key are concurrent: searching their orders takes more memory than is allowed",
        prefix: null,
      };
  }
}

/** Returns the evidence that an operation needs a value that was never written; `null` if none does. */
function unwrittenEvidence(
  operations: readonly RecordedOperation[],
  values: ValueNumbers,
): RegisterEvidence | null {
  const impossible = unwrittenValue(operations, values.number(null));
  if (impossible === null) return null;
  return { kind: "contradiction", op: impossible.completion, because: UNWRITTEN, state: null, prefix: null };
}

const UNWRITTEN = "it needs a value that no operation invoked before its return could have written";

/** Adds an operation to its register, or to the malformed ones. */
function record(
  register: RegisterOperations,
  operation: Operation,
  options: { readonly invoked: unknown; readonly completed: unknown; readonly values: ValueNumbers },
): void {
  const { invoke, completion } = operation;
  const ok = completion !== null && completion.type === "ok";
  if (ok) register.oks.push({ position: completion.index, event: completion });
  if (completion?.type === "fail" || invoke.process === NEMESIS) return;
  const { invoked, completed, values } = options;
  const actual = ok ? completed : invoked;
  if (invoke.f === "read" && (!ok || actual === null || actual === undefined)) return; // it constrains no order
  const action = actionOf(invoke.f, actual, values);
  if (action === null) {
    const because = invoke.f === "cas"
      ? "a cas needs the two values [from, to]"
      : `a register has no operation "${invoke.f}"`;
    register.malformed.push({ op: completion ?? invoke, because });
    return;
  }
  register.operations.push({
    invoke,
    completion,
    action,
    called: invoke.index,
    returned: ok ? completion.index : null,
  });
}

function actionOf(f: string, value: unknown, values: ValueNumbers): RegisterAction | null {
  if (f === "read" || f === "write") return { kind: f, value: values.number(value) };
  if (f !== "cas" || !Array.isArray(value) || value.length !== 2) return null;
  return { kind: "cas", from: values.number(value[0]), to: values.number(value[1]) };
}

/** Assigns numbers to values. Equal values have the same number. */
class ValueNumbers {
  readonly all: unknown[] = [];
  readonly #numbers = new Map<ValueKey, number>();

  number(value: unknown): number {
    const key = valueKey(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.all.length);
    return this.all.push(value ?? null) - 1;
  }
}

function keyed(value: unknown): readonly [unknown, unknown] | null {
  return Array.isArray(value) && value.length === 2 ? [value[0], value[1]] : null;
}

/** Returns the control of one of several checks of equal weight. */
function partOf(control: CheckControl, index: number, count: number): CheckControl {
  const { progress } = control;
  if (progress === undefined) return control;
  return { ...control, progress: (part) => progress((index + part) / count) };
}
