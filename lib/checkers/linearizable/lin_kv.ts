/** Linearizable registers, one a key: the lin-kv workload, and a single register with bare values. */

import { type Event, type History, NEMESIS } from "../history.ts";
import { emptyHistoryWarning, type Operation, pairOperations } from "../operations.ts";
import { type CheckControl, mergeValidity, type Result } from "../result.ts";
import { compareValues, type ValueKey, valueKey, valueText } from "../value_key.ts";
import { checkKeyValue, isKeyValueHistory } from "./key_value.ts";
import { checkPartition, limitText, type LinearizabilityOptions } from "./check_partition.ts";
import { scheduleSize } from "./schedule.ts";
import { checkZones } from "./zones.ts";
import { registerCounterexample } from "./counterexample.ts";
import {
  isReadOnly,
  type RegisterAction,
  registerSearchModel,
  relevantOperations,
  unwrittenValue,
} from "./register.ts";
import type { RecordedOperation } from "./counterexample.ts";

/** An operation whose value is not what its name asks for. */
interface MalformedRegisterOperation {
  readonly op: Event;
  readonly because: string;
}

/** What was done to one register. */
interface RegisterHistory {
  readonly key: unknown;
  readonly operations: RecordedOperation[];
  readonly malformed: MalformedRegisterOperation[];
  /** The last ok event before a position, for the counter-example. */
  readonly oks: { readonly position: number; readonly event: Event }[];
}

/**
 * Checks that each key is a linearizable register. Values are `[key, value]`, for a cas `[key, [from, to]]`, as in
 * Jepsen's `independent`; the result has `results` by key, each with `valid` and `linearizable`, and the `failures`.
 * Operations that failed did not happen, those that ended in doubt may happen at any time or never; a read that returned
 * null may have read anything, as in Knossos. A value of another form makes the result invalid, with its operation.
 *
 * A history with `get`, `put` or `append` is one of a key-value store: a key begins with an empty text, which `append`
 * prolongs.
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
export function checkLinKv(history: History, options: LinearizabilityOptions = {}): Result {
  if (isKeyValueHistory(history)) return checkKeyValue(history, options);
  const registers = new Map<ValueKey, RegisterHistory>();
  const malformed: MalformedRegisterOperation[] = [];
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
  const results: Record<string, Result> = {};
  const failures: unknown[] = [];
  sorted.forEach((register, index) => {
    const control = partOf(options.control ?? {}, index, sorted.length);
    const linearizable = checkOne(register, values, { ...options, control });
    results[keyText(register.key)] = { valid: linearizable.valid, linearizable };
    if (linearizable.valid === false) failures.push(register.key);
  });
  const warning = emptyHistoryWarning(history);
  return {
    valid: malformed.length > 0 ? false : mergeValidity(Object.values(results).map((result) => result.valid)),
    results,
    failures,
    ...(malformed.length === 0 ? {} : { "malformed-count": malformed.length, malformed }),
    ...(warning === null ? {} : { warning }),
  };
}

/**
 * Checks one register whose operations have bare values: null, a value, and for a cas `[from, to]`.
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
export function checkRegister(history: History, options: LinearizabilityOptions = {}): Result {
  const register: RegisterHistory = { key: null, operations: [], malformed: [], oks: [] };
  const values = new ValueNumbers();
  for (const operation of pairOperations(history)) {
    const invoked = operation.invoke.value;
    const completed = operation.completion?.type === "ok" ? operation.completion.value : invoked;
    record(register, operation, { invoked, completed, values });
  }
  const warning = emptyHistoryWarning(history);
  return { ...checkOne(register, values, options), ...(warning === null ? {} : { warning }) };
}

function checkOne(register: RegisterHistory, values: ValueNumbers, options: LinearizabilityOptions): Result {
  const { malformed } = register;
  const operations = relevantOperations(register.operations);
  if (scheduleSize(operations) > SCHEDULE_SIZE_MAX) return checkByZones(register, operations, values);
  const { plan, outcome } = checkPartition(operations, registerSearchModel(operations, values.number(null)), {
    ...options,
    readOnly: (index) => {
      const operation = operations[index];
      return operation !== undefined && isReadOnly(operation);
    },
  });
  const wrong = malformed.length === 0 ? {} : { "malformed-count": malformed.length, malformed };
  if (outcome.end === "linearizable") {
    return { valid: malformed.length === 0, "op-count": register.operations.length, ...wrong };
  }
  const details = registerCounterexample({
    operations,
    plan,
    outcome,
    values: values.all,
    oks: register.oks,
  });
  if (outcome.end === "stuck") return { valid: false, ...details, ...wrong };
  const impossible = unwrittenValue(operations, values.number(null));
  if (impossible !== null) {
    return { valid: false, op: impossible.completion, because: UNWRITTEN, ...wrong };
  }
  return {
    valid: malformed.length === 0 ? "unknown" : false,
    error: `${limitText(outcome.end)}; the first ${outcome.satisfied} operations to return are linearizable`,
    ...details,
    ...wrong,
  };
}

/** Past this many pairs of a return and an operation pending there, a schedule alone takes more memory than a search may. */
const SCHEDULE_SIZE_MAX = 16_000_000;

/** Judges a register with so many concurrent operations that they cannot be searched. */
function checkByZones(
  register: RegisterHistory,
  operations: readonly RecordedOperation[],
  values: ValueNumbers,
): Result {
  const { malformed } = register;
  const wrong = malformed.length === 0 ? {} : { "malformed-count": malformed.length, malformed };
  const verdict = checkZones(operations, values.number(null));
  switch (verdict.kind) {
    case "linearizable":
      return { valid: malformed.length === 0, "op-count": register.operations.length, ...wrong };
    case "impossible": {
      const failed = operations[verdict.operation];
      return { valid: false, op: failed?.completion ?? failed?.invoke, because: verdict.because, ...wrong };
    }
    case "inapplicable":
      break;
  }
  const impossible = unwrittenValue(operations, values.number(null));
  if (impossible !== null) return { valid: false, op: impossible.completion, because: UNWRITTEN, ...wrong };
  return {
    valid: malformed.length === 0 ? "unknown" : false,
    error:
      "too many operations on this key are concurrent: searching their orders takes more memory than is allowed",
    ...wrong,
  };
}

const UNWRITTEN = "it needs a value that nothing invoked before its return could have written";

/** Notes an operation in its register's history, or why it cannot be one. */
function record(
  register: RegisterHistory,
  operation: Operation,
  options: { readonly invoked: unknown; readonly completed: unknown; readonly values: ValueNumbers },
): void {
  const { invoke, completion } = operation;
  const ok = completion !== null && completion.type === "ok";
  if (ok) register.oks.push({ position: completion.index, event: completion });
  if (completion?.type === "fail" || invoke.process === NEMESIS) return;
  const { invoked, completed, values } = options;
  const actual = ok ? completed : invoked;
  if (invoke.f === "read" && (!ok || actual === null || actual === undefined)) return; // it constrains nothing
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

/** Numbers for values: equal values have the same. */
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

function keyText(key: unknown): string {
  return typeof key === "string" ? key : valueText(key);
}

/** The control of one of several equal parts. */
function partOf(control: CheckControl, index: number, count: number): CheckControl {
  const { progress } = control;
  if (progress === undefined) return control;
  return { ...control, progress: (part) => progress((index + part) / count) };
}
