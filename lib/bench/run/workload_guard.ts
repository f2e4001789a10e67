/**
 * Guards the run against the code of a workload file: an exception, a malformed operation, or final operations without
 * end end the run early, with the place in the file. The history so far is kept.
 *
 * Tested by `tests/bench/workloads/workload_file_test.ts`.
 */

import type { Judge } from "../../checkers/check_history.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";
import { isObject } from "../../protocol/schema.ts";
import { messageOf } from "../errors.ts";
import {
  type Generator,
  type GeneratorContext,
  MalformedReplyError,
  recordFailure,
} from "../workloads/operations.ts";
import { RpcError } from "../../protocol/errors.ts";
import type { RegisteredWorkload, WorkloadSource } from "../workloads/registry.ts";
import type { Workload } from "../workloads/workload.ts";
import { partPlace, placeOf } from "./workload_place.ts";

/** Maximum duration of the final operations, in ms. */
const FINAL_MS_MAX = 60_000;
/** Maximum number of final operations. */
const FINAL_OPERATIONS_MAX = 20_000;
/** Minimum wait that a generator can ask for, in ms. A shorter one would stop the clock. */
const WAIT_MS_MIN = 1;

/** Receives the problem that ends a run. */
export type Fail = (text: string) => void;

/** Receives the part of the workload that runs now; undefined if none does. */
export type Enter = (part: WorkloadPart | undefined) => void;

/** The parts of a workload that may not return, in the order of their numbers in shared memory. */
export const WORKLOAD_PARTS = ["generator", "finalGenerator", "client", "judge"] as const;

/** A part of a workload that may not return. */
export type WorkloadPart = typeof WORKLOAD_PARTS[number];

/** Returns a workload that reports problems of its file with their place; a built-in workload as it is. */
export function guarded(
  { workload, source }: RegisteredWorkload,
  { fail, enter }: { readonly fail: Fail; readonly enter: Enter },
): Workload {
  if (source === undefined) return workload;
  const guard = new Guard(source, { operations: workload.operations, fail, enter });
  const { finalGenerator } = workload;
  return {
    ...workload,
    generator: (options, random) => guard.generator("generator", () => workload.generator(options, random)),
    ...(finalGenerator === undefined ? {} : {
      finalGenerator: (options) => guard.generator("finalGenerator", () => finalGenerator(options)),
    }),
    client: (options, context) => {
      const client = guard.run("client", () => workload.client(options, context));
      if (client === undefined) return { *invoke() {} };
      const place = partPlace(source, "client");
      return {
        *invoke(operation) {
          const steps = client.invoke(operation);
          let step = guard.watched("client", () => steps.next());
          while (step.done !== true) {
            let reply: unknown;
            try {
              reply = yield step.value;
            } catch (error) {
              step = guard.watched("client", () => steps.throw(error));
              continue;
            }
            step = guard.watched("client", () => steps.next(isObject(reply) ? reply : {}));
          }
          const value = step.value ?? null;
          if (!isJson(value)) throw new TypeError(`${place}: client returned a value that is not JSON`);
          return value;
        },
      };
    },
    recordFailure: (error, operation) => {
      const failure = (workload.recordFailure ?? recordFailure)(error, operation);
      const isExpected = error instanceof RpcError || error instanceof MalformedReplyError;
      const place = isExpected ? undefined : placeOf(error, source);
      return place === undefined ? failure : { ...failure, error: `${messageOf(error)} (${place})` };
    },
  };
}

/** Returns a judge that reports its exceptions. */
export function guardedJudge(
  inner: Judge,
  { fail, enter }: { readonly fail: Fail; readonly enter: Enter },
): Judge {
  return {
    ...inner,
    judge: (history, options) => {
      enter("judge");
      try {
        return inner.judge(history, options);
      } catch (error) {
        fail(messageOf(error));
        throw error;
      } finally {
        enter(undefined);
      }
    },
  };
}

class Guard {
  readonly #source: WorkloadSource;
  readonly #operations: readonly string[];
  readonly #fail: Fail;
  readonly #enter: Enter;

  constructor(
    source: WorkloadSource,
    options: { readonly operations: readonly string[]; readonly fail: Fail; readonly enter: Enter },
  ) {
    this.#source = source;
    this.#operations = options.operations;
    this.#fail = options.fail;
    this.#enter = options.enter;
  }

  /** Runs a part of the workload. Its exception ends the run. */
  run<T>(part: WorkloadPart, work: () => T): T | undefined {
    try {
      return this.watched(part, work);
    } catch (error) {
      this.#fail(
        `${placeOf(error, this.#source) ?? partPlace(this.#source, part)}: ${part} threw ${messageOf(error)}`,
      );
      return undefined;
    }
  }

  /** Runs a part of the workload under the watch of the bench. */
  watched<T>(part: WorkloadPart, work: () => T): T {
    this.#enter(part);
    try {
      return work();
    } finally {
      this.#enter(undefined);
    }
  }

  generator(part: WorkloadPart, make: () => Generator): Generator {
    const inner = this.run(part, make);
    const isFinal = part === "finalGenerator";
    let endsAtMs: number | undefined;
    let left = isFinal ? FINAL_OPERATIONS_MAX : Infinity;
    return {
      next: (context) => {
        if (inner === undefined) return undefined;
        endsAtMs ??= context.timeMs + (isFinal ? FINAL_MS_MAX : Infinity);
        if (context.timeMs >= endsAtMs || left-- <= 0) {
          this.#fail(
            `${
              partPlace(this.#source, part)
            }: ${part} did not end after ${FINAL_OPERATIONS_MAX} operations or ` +
              `${FINAL_MS_MAX / 1000} s. Return undefined from its \`next\` when all is done.`,
          );
          return undefined;
        }
        const operation = this.run(part, () => inner.next(context));
        const problem = operationProblem(operation, context, this.#operations);
        if (problem !== undefined) {
          this.#fail(`${partPlace(this.#source, part)}: ${part} returned ${problem}`);
          return undefined;
        }
        if (typeof operation === "object" && "waitMs" in operation) {
          return { waitMs: Math.max(WAIT_MS_MIN, operation.waitMs) };
        }
        return operation;
      },
      update: (event, thread) => this.run(part, () => inner?.update?.(event, thread)),
      ...(inner?.final === undefined ? {} : {
        final: () => this.generator("finalGenerator", () => inner.final?.() ?? NOTHING),
      }),
    };
  }
}

const NOTHING: Generator = { next: () => undefined };

/** Returns true if a value can be recorded in a history. */
function isJson(value: unknown): boolean {
  try {
    return stringifyExactJson(value) !== undefined;
  } catch {
    return false; // it refers to itself
  }
}

/** Returns the problem of a generator's operation; undefined if it has none. */
function operationProblem(
  operation: unknown,
  { free }: GeneratorContext,
  names: readonly string[],
): string | undefined {
  if (operation === undefined || operation === "pending") return undefined;
  if (!isObject(operation)) return "neither an operation, a wait, pending nor undefined";
  const { f, value, thread, waitMs } = operation;
  if (waitMs !== undefined) return typeof waitMs === "number" ? undefined : "a waitMs that is not a number";
  if (typeof f !== "string") return "an operation without f, its name";
  if (!names.includes(f)) return `an operation ${f}, which is not in the list \`operations\``;
  if (value === undefined) return `an operation ${f} without a value. Use null for none`;
  if (!isJson(value)) return `an operation ${f} whose value is not JSON`;
  return typeof thread === "number" && free.includes(thread)
    ? undefined
    : `an operation ${f} for thread ${String(thread)}, which is not free`;
}
