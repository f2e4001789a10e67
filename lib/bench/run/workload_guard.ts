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
  type Client,
  type Failure,
  type Generator,
  type GeneratorContext,
  MalformedReplyError,
  type Operation,
  recordFailure,
  type Reply,
  type RequestSequence,
} from "../workloads/operations.ts";
import { RpcError } from "../../protocol/errors.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import type { RegisteredWorkload, WorkloadSource } from "../workloads/registry.ts";
import type { Workload, WorkloadOptions } from "../workloads/workload.ts";
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

/** The parts of a user's files that may not return, in the order of their numbers in shared memory. */
export const WORKLOAD_PARTS = [
  "generator",
  "finalGenerator",
  "setup",
  "client",
  "recordFailure",
  "progress",
  "judge",
  "invariant",
] as const;

/** A part of a workload, or an invariant, that may not return. */
export type WorkloadPart = typeof WORKLOAD_PARTS[number];

/** Returns a workload that reports problems of its file with their place; a built-in workload as it is. */
export function guarded(
  { workload, source }: RegisteredWorkload,
  { fail, enter }: { readonly fail: Fail; readonly enter: Enter },
): Workload {
  if (source === undefined) return workload;
  const guard = new Guard(source, { operations: workload.operations, fail, enter });
  const { finalGenerator, setup, progress } = workload;
  return {
    ...workload,
    generator: (options, random) => guard.generator("generator", () => workload.generator(options, random)),
    ...(finalGenerator === undefined ? {} : {
      finalGenerator: (options) => guard.generator("finalGenerator", () => finalGenerator(options)),
    }),
    ...(setup === undefined ? {} : { setup: (options) => guard.setup(() => setup(options)) }),
    ...(progress === undefined ? {} : {
      progress: { ...progress, request: () => guard.steps("progress", () => progress.request()) },
    }),
    client: (options, context) => guard.client(() => workload.client(options, context)),
    recordFailure: (error, operation) => guard.failure(workload.recordFailure, error, operation),
  };
}

/** Returns the reason why a workload does not fit options, if there is one. Throws `ArgumentError` if its file throws. */
export function optionsProblem(
  { workload, source }: RegisteredWorkload,
  options: WorkloadOptions,
): string | undefined {
  try {
    return workload.problem?.(options);
  } catch (error) {
    if (source === undefined) throw error;
    const place = placeOf(error, source) ?? partPlace(source, "problem");
    throw new ArgumentError(`${place}: problem threw ${messageOf(error)}`);
  }
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
      this.#threw(part, error);
      return undefined;
    }
  }

  #threw(part: WorkloadPart, error: unknown): void {
    const place = placeOf(error, this.#source) ?? partPlace(this.#source, part);
    this.#fail(`${place}: ${part} threw ${messageOf(error)}`);
  }

  /** Ends the run because of a value that does not have its form. A run that an exception ended keeps that reason. */
  #returned(part: WorkloadPart, problem: string): void {
    this.#fail(`${partPlace(this.#source, part)}: ${part} returned ${problem}`);
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

  client(make: () => Client): Client {
    const client = this.run("client", make);
    const { invoke } = isObject(client) ? client : {};
    if (typeof invoke !== "function") this.#returned("client", "no object with a function `invoke`");
    if (client === undefined || typeof invoke !== "function") return { *invoke() {} };
    return { invoke: (operation) => this.#invoke(client, operation) };
  }

  *#invoke(client: Client, operation: Operation): ReturnType<Client["invoke"]> {
    const value = (yield* this.steps("client", () => client.invoke(operation))) ?? null;
    if (isJson(value)) return value;
    throw new TypeError(`${partPlace(this.#source, "client")}: client returned a value that is not JSON`);
  }

  /** Runs the setup. An error reply of a node is the node's, and every other exception ends the run. */
  *setup(make: () => RequestSequence<void>): RequestSequence<void> {
    try {
      yield* this.steps("setup", make);
    } catch (error) {
      if (isFromNode(error)) throw error;
      this.#threw("setup", error);
    }
  }

  /** Runs the steps of a part of the workload. A step that is not a request ends the run. */
  *steps<T>(part: WorkloadPart, make: () => RequestSequence<T>): RequestSequence<T | undefined> {
    const steps = this.watched(part, make);
    if (!isObject(steps) || typeof steps.next !== "function") {
      this.#returned(part, "no sequence of requests. Write a generator function with yield* call(…)");
      return undefined;
    }
    let step = this.watched(part, () => steps.next({}));
    while (step.done !== true) {
      const request = step.value;
      if (!isObject(request) || !isObject(request.body)) {
        this.#returned(part, "a step that is not a request. Use yield* call(…)");
        return undefined;
      }
      let reply: Reply;
      try {
        reply = yield request;
      } catch (error) {
        step = this.watched(part, () => steps.throw(error));
        continue;
      }
      step = this.watched(part, () => steps.next(reply));
    }
    return step.value;
  }

  /** Returns the record of an error, with its place if the workload's file threw it. */
  failure(record: Workload["recordFailure"], error: unknown, operation: Operation): Failure {
    const byDefault = recordFailure(error, operation);
    const failure = record === undefined
      ? byDefault
      : this.run("recordFailure", () => record(error, operation));
    if (!isObject(failure) || (failure.type !== "fail" && failure.type !== "info")) {
      this.#returned("recordFailure", 'neither { type: "fail", … } nor { type: "info", … }');
      return byDefault;
    }
    const place = isFromNode(error) ? undefined : placeOf(error, this.#source);
    return place === undefined ? failure : { ...failure, error: `${messageOf(error)} (${place})` };
  }

  generator(part: WorkloadPart, make: () => Generator): Generator {
    const made = this.run(part, make);
    const inner = isObject(made) && typeof made.next === "function" ? made : undefined;
    if (inner === undefined) this.#returned(part, "no object with a function `next`");
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
          this.#returned(part, problem);
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

/** Returns true for an error that a node caused: it replied with the error, did not reply, or its reply has another form. */
function isFromNode(error: unknown): boolean {
  return error instanceof RpcError || error instanceof MalformedReplyError;
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
