/**
 * The operations of clients: their type, their generators, and their execution.
 *
 * Tested by `tests/bench/workloads/txn_test.ts`.
 */

import { CODE, RpcError } from "../../protocol/errors.ts";
import type { Rpc } from "../../protocol/message.ts";
import { show } from "../../protocol/schema.ts";
import type { Event } from "../../checkers/history.ts";
import type { SeededRandom } from "../../sim/random.ts";

/** The error of an operation without a reply in time, as Maelstrom records it. */
export const TIMEOUT_ERROR = "net-timeout";
/** Timeout for a node's answer to `init`, in ms. */
export const INIT_TIMEOUT_MS = 10_000;

/** Timeout of the requests by which liveness is checked, in ms. */
export const PROGRESS_TIMEOUT_MS = 1000;

/** An operation to execute. */
export interface Operation {
  /** The name. */
  readonly f: string;
  /** The arguments. */
  readonly value: unknown;
  /** True for an operation after the recovery at the end. */
  readonly final?: boolean;
  /** Additional data for the client, recorded with the operation. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The arguments of a generator's request for an operation. */
export interface GeneratorContext {
  /** Ms since the start of the test. */
  readonly timeMs: number;
  /** The idle threads; at least one. */
  readonly free: readonly number[];
  /** The current process of a thread, which changes after each indeterminate operation. */
  readonly processOf: (thread: number) => number;
  /** The random numbers of the phase. */
  readonly random: SeededRandom;
  /** Chooses one of several idle threads: at random in virtual time, in turn with processes. */
  readonly pick: (threads: readonly number[]) => number;
}

/** Returns the choice of {@linkcode GeneratorContext.pick} that is random. */
export function pickAtRandom(random: SeededRandom): GeneratorContext["pick"] {
  return (threads) => random.pick(threads);
}

/** An operation, and the thread that executes it. */
export type ThreadOperation = Operation & { readonly thread: number };

/** A request to wait until a time has passed, or a thread becomes free. */
export interface Wait {
  /** The time to wait, in ms. */
  readonly waitMs: number;
}

/** A source of operations. */
export interface Generator {
  /** Returns an operation for one of the free threads, or a wait if there is none for any of them now; undefined at the end. */
  next(context: GeneratorContext): ThreadOperation | "pending" | Wait | undefined;
  /** Receives each event that a client's operation causes. */
  update?(event: Event, thread: number): void;
  /**
   * The operations after the recovery, if they depend on the observations; undefined if there are none, so that nothing waits
   * for the recovery. By default, the workload provides them.
   */
  final?(): Generator | undefined;
}

/** One request of a client. The client receives the reply's body. */
export interface Request {
  /** The body, with its type. The bench adds `msg_id`. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The time after which the request fails with error 0, in ms; undefined for the default of 5 s. */
  readonly timeoutMs: number | undefined;
}

/** The body of a reply before validation. */
export type Reply = Readonly<Record<string, unknown>>;

/** The steps of a client for one operation, request by request. They return the operation's value. */
export type RequestSequence<T> = globalThis.Generator<Request, T, Reply>;

/** A request's fields as a client sends them. A whole number from a node may have any size. */
export type Sent<Q> = Q extends number ? number | bigint
  : Q extends readonly (infer E)[] ? readonly Sent<E>[]
  : Q extends object ? { readonly [K in keyof Q]: Sent<Q[K]> }
  : Q;

/**
 * Sends a request and returns its reply's fields. Throws `RpcError` or {@linkcode MalformedReplyError} at the caller.
 *
 * @param options.timeoutMs the time after which the request fails with error 0, in ms; 5 s by default
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { call, natural, rpc } from "@charybdis/charybdis/workload";
 *
 * const next = rpc("next", { description: "Asks for a number.", request: {}, reply: { number: natural } });
 *
 * const steps = call(next, {});
 * assertEquals(steps.next({}).value, { body: { type: "next" }, timeoutMs: undefined });
 * assertEquals(steps.next({ type: "next_ok", in_reply_to: 1, number: 7 }).done, true);
 * ```
 */
export function* call<Q, R>(
  declared: Rpc<Q, R>,
  fields: Sent<Q>,
  options: { readonly timeoutMs?: number } = {},
): RequestSequence<R> {
  const body = { ...fields, type: declared.type };
  const reply = yield { body, timeoutMs: options.timeoutMs };
  if (declared.replyBody.is(reply)) return reply;
  const problem = declared.replyBody.problem(reply, "") ?? "malformed";
  throw new MalformedReplyError(body, { declared, reply, problem });
}

/** Sends `init` to a node. Only the reply's type counts, as in Maelstrom. */
export function* introduce(
  fields: { readonly node_id: string; readonly node_ids: readonly string[] },
): RequestSequence<void> {
  const reply = yield { body: { type: "init", ...fields }, timeoutMs: INIT_TIMEOUT_MS };
  if (reply["type"] !== "init_ok") throw new Error(`it answered ${show(reply)}`);
}

/** The error for a reply that does not match the declared form. */
export class MalformedReplyError extends Error {
  constructor(
    request: Reply,
    details: { readonly declared: Rpc<unknown, unknown>; readonly reply: Reply; readonly problem: string },
  ) {
    const { declared, reply, problem } = details;
    super(
      `malformed reply: ${problem}. Received ${show(reply)} to ${
        show(request)
      }, expected {type: "${declared.type}_ok", in_reply_to: an integer, …} with ${declared.reply.description}`,
    );
    this.name = "MalformedReplyError";
  }
}

/** The client of one process. */
export interface Client {
  /** Executes an operation and returns its value in the history. */
  invoke(operation: Operation): RequestSequence<unknown>;
}

/** The record of a failed operation. */
export interface Failure {
  /** `fail`: the operation did not happen. `info`: it may have happened, or may still. */
  readonly type: "fail" | "info";
  /** The reason. */
  readonly error?: unknown;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Returns the record of a failure, as Maelstrom's clients do: a definite error is `fail`, any other error `info`. An
 * idempotent operation that may have failed is also `fail`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CODE, recordFailure, RpcError } from "@charybdis/charybdis/workload";
 *
 * const read = { f: "read", value: null };
 * const timeout = new RpcError(CODE.timeout, "");
 * assertEquals(recordFailure(timeout, read).type, "info");
 * assertEquals(recordFailure(timeout, read, new Set(["read"])).type, "fail");
 * ```
 */
export function recordFailure(
  error: unknown,
  operation: Operation,
  idempotent: ReadonlySet<string> = NONE,
): Failure {
  if (error instanceof RpcError) {
    const type = error.definite || idempotent.has(operation.f) ? "fail" : "info";
    if (error.code === CODE.timeout && error.message === "") return { type, error: TIMEOUT_ERROR };
    return { type, error: [errorLabel(error.code), error.message] };
  }
  return { type: "info", error: error instanceof Error ? error.message : String(error) };
}

/**
 * Records every failure as `info`, for clients that do not handle failures.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { recordEverythingIndeterminate } from "@charybdis/charybdis/workload";
 *
 * assertEquals(recordEverythingIndeterminate(new Error("no")), { type: "info", error: "indeterminate: no" });
 * ```
 */
export function recordEverythingIndeterminate(error: unknown): Failure {
  return { type: "info", error: `indeterminate: ${error instanceof Error ? error.message : String(error)}` };
}

/** The name of each error in Jepsen's spelling, by its code. */
const LABELS: ReadonlyMap<number, string> = new Map(
  Object.entries(CODE).map(([name, code]) => [
    code,
    name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  ]),
);

function errorLabel(code: number): string {
  return LABELS.get(code) ?? "unknown";
}
