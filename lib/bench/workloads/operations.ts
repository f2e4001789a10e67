/** What clients do in a test: operations, where they come from, and how a client carries one out. */

import { CODE, RpcError } from "../../protocol/errors.ts";
import type { Rpc } from "../../protocol/message.ts";
import { show } from "../../protocol/schema.ts";
import type { Event } from "../../checkers/history.ts";
import type { SeededRandom } from "../../sim/random.ts";

/** How long a node may take to answer `init`, in ms. */
export const INIT_TIMEOUT_MS = 10_000;

/** An operation that is to be done. */
export interface Operation {
  readonly f: string;
  readonly value: unknown;
  /** Set on what is done after the recovery at the end. */
  readonly final?: boolean;
  /** What else its client is to know; recorded with the operation. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** What a generator sees when it is asked for an operation. */
export interface GeneratorContext {
  /** Ms since the test began. */
  readonly timeMs: number;
  /** The threads that have nothing to do; at least one. */
  readonly free: readonly number[];
  /** The process that a thread works as now: another one after each indeterminate operation. */
  readonly processOf: (thread: number) => number;
  readonly random: SeededRandom;
}

/** An operation, and the thread that is to do it. */
export type ThreadOperation = Operation & { readonly thread: number };

/** That nothing is to be done until so much time has passed, or a thread becomes free. */
export interface Wait {
  readonly waitMs: number;
}

/** Where operations come from. */
export interface Generator {
  /** An operation for one of the free threads; what to wait for if there is none for any of them now; undefined at the end. */
  next(context: GeneratorContext): ThreadOperation | "pending" | Wait | undefined;
  /** Told of each event that a client's operation causes. */
  update?(event: Event, thread: number): void;
  /** The operations after the recovery where they depend on what was seen; else they are the workload's. */
  final?(): Generator;
}

/** One request of a client. The client gets the reply's body. */
export interface Request {
  readonly body: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number | undefined;
}

/** The body of a reply, before it was checked. */
export type Reply = Readonly<Record<string, unknown>>;

/** The steps of a client for one operation, request by request; they return the operation's value. */
export type Steps<T> = globalThis.Generator<Request, T, Reply>;

/** A request's fields as a client sends them: a whole number that a node gave out may be of any size. */
export type Sent<Q> = Q extends number ? number | bigint
  : Q extends readonly (infer E)[] ? readonly Sent<E>[]
  : Q extends object ? { readonly [K in keyof Q]: Sent<Q[K]> }
  : Q;

/** Sends a request and returns its reply's fields. Throws `RpcError` or {@linkcode MalformedReplyError} at the caller. */
export function* call<Q, R>(
  declared: Rpc<Q, R>,
  fields: Sent<Q>,
  options: { readonly timeoutMs?: number } = {},
): Steps<R> {
  const body = { ...fields, type: declared.type };
  const reply = yield { body, timeoutMs: options.timeoutMs };
  if (declared.wholeReply.is(reply)) return reply;
  const problem = declared.wholeReply.problem(reply, "") ?? "malformed";
  throw new MalformedReplyError(body, { declared, reply, problem });
}

/** Tells a node who it is. Only the reply's type counts, as on Maelstrom. */
export function* introduce(
  fields: { readonly node_id: string; readonly node_ids: readonly string[] },
): Steps<void> {
  const reply = yield { body: { type: "init", ...fields }, timeoutMs: INIT_TIMEOUT_MS };
  if (reply["type"] !== "init_ok") throw new Error(`it answered ${show(reply)}`);
}

/** A reply that does not have the declared form. */
export class MalformedReplyError extends Error {
  constructor(
    request: Reply,
    details: { readonly declared: Rpc<unknown, unknown>; readonly reply: Reply; readonly problem: string },
  ) {
    const { declared, reply, problem } = details;
    super(
      `malformed reply: ${problem}. Received ${show(reply)} to ${
        show(request)
      }, expected {type: "${declared.type}_ok", in_reply_to: an integer, …} with ${declared.reply.form}`,
    );
    this.name = "MalformedReplyError";
  }
}

/** One process's client. */
export interface Client {
  /** Carries out an operation and returns its value in the history. */
  invoke(operation: Operation): Steps<unknown>;
}

/** How an operation that failed is recorded. */
export interface Failure {
  readonly type: "fail" | "info";
  readonly error?: unknown;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * How a workload's clients record failures, as Maelstrom's do: a definite error is `fail`, anything else `info`, but an
 * idempotent operation that may have failed is `fail` too.
 */
export function recordFailure(
  error: unknown,
  operation: Operation,
  idempotent: ReadonlySet<string> = NONE,
): Failure {
  if (error instanceof RpcError) {
    const type = error.definite || idempotent.has(operation.f) ? "fail" : "info";
    if (error.code === CODE.timeout && error.message === "") return { type, error: "net-timeout" };
    return { type, error: [errorLabel(error.code), error.message] };
  }
  return { type: "info", error: error instanceof Error ? error.message : String(error) };
}

/** How clients record failures that handle none: everything is `info`. */
export function recordEverythingIndeterminate(error: unknown): Failure {
  return { type: "info", error: `indeterminate: ${error instanceof Error ? error.message : String(error)}` };
}

function errorLabel(code: number): string {
  const found = Object.entries(CODE).find(([, each]) => each === code)?.[0] ?? "unknown";
  return found.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
