/** The protocol's error codes, and the error that carries one. */

/** The meaning of a code. */
export interface ErrorKind {
  /** Its name, as Maelstrom has it: `key-does-not-exist`. */
  readonly name: string;
  /** True if it promises that the operation did not happen and never will. */
  readonly definite: boolean;
  /** Its meaning, in a sentence. */
  readonly meaning: string;
}

/** A code that the protocol defines. */
export type ErrorCode = 0 | 1 | 10 | 11 | 12 | 13 | 14 | 20 | 21 | 22 | 30;

/** Every code that the protocol defines; codes from 1000 on are a node's own, and indefinite. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorKind>> = {
  0: { name: "timeout", definite: false, meaning: "no reply came within the time allowed" },
  1: { name: "node-not-found", definite: true, meaning: "the message was for a node that does not exist" },
  10: { name: "not-supported", definite: true, meaning: "this node does not know that kind of request" },
  11: {
    name: "temporarily-unavailable",
    definite: true,
    meaning: "the request cannot be served now; try again later",
  },
  12: { name: "malformed-request", definite: true, meaning: "the request's form is wrong" },
  13: {
    name: "crash",
    definite: false,
    meaning: "an unexpected error occurred while handling the request; the operation may have taken effect",
  },
  14: { name: "abort", definite: true, meaning: "the request was aborted and did not happen" },
  20: { name: "key-does-not-exist", definite: true, meaning: "the key does not exist" },
  21: { name: "key-already-exists", definite: true, meaning: "the key exists already" },
  22: {
    name: "precondition-failed",
    definite: true,
    meaning: "a precondition of the request does not hold, such as the expected value of a cas",
  },
  30: {
    name: "txn-conflict",
    definite: true,
    meaning: "the transaction conflicts with another one and did not happen",
  },
};

/** The codes by name, so that code reads `throw new RpcError(CODE.keyDoesNotExist, …)`. */
export const CODE: {
  readonly timeout: 0;
  readonly nodeNotFound: 1;
  readonly notSupported: 10;
  readonly temporarilyUnavailable: 11;
  readonly malformedRequest: 12;
  readonly crash: 13;
  readonly abort: 14;
  readonly keyDoesNotExist: 20;
  readonly keyAlreadyExists: 21;
  readonly preconditionFailed: 22;
  readonly txnConflict: 30;
} = {
  timeout: 0,
  nodeNotFound: 1,
  notSupported: 10,
  temporarilyUnavailable: 11,
  malformedRequest: 12,
  crash: 13,
  abort: 14,
  keyDoesNotExist: 20,
  keyAlreadyExists: 21,
  preconditionFailed: 22,
  txnConflict: 30,
};

function kindOf(code: number): ErrorKind | undefined {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined;
}

/**
 * The name of a code; `unknown` for those that the protocol does not define.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CODE, errorName } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(errorName(CODE.timeout), "timeout");
 * assertEquals(errorName(1000), "unknown");
 * ```
 */
export function errorName(code: number): string {
  return kindOf(code)?.name ?? "unknown";
}

/**
 * Returns true if a code promises that the operation did not happen and never will. Unknown codes promise nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CODE, isDefinite } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(isDefinite(CODE.preconditionFailed), true);
 * assertEquals(isDefinite(CODE.timeout), false); // it may have happened
 * ```
 */
export function isDefinite(code: number): boolean {
  return kindOf(code)?.definite ?? false;
}

/**
 * A failure that travels as an `error` message. A handler that throws one answers with its code; `node.rpc` rejects with
 * the one it was answered (code 0 when no answer came in time).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CODE, RpcError } from "@charybdis/charybdis";
 *
 * const error = new RpcError(CODE.keyDoesNotExist, "there is no key 7");
 * assertEquals(error.code, 20);
 * assertEquals(error.definite, true);
 * ```
 */
export class RpcError implements Error {
  /** The name of this class. */
  readonly name = "RpcError";
  /** The text for people. */
  readonly message: string;
  /** See {@linkcode ERRORS}. */
  readonly code: number;

  /** Makes an error with a code and a text for people. */
  constructor(code: number, text: string) {
    this.code = code;
    this.message = text;
  }

  /** True if the operation did not happen and never will. */
  get definite(): boolean {
    return isDefinite(this.code);
  }
}

// Not `extends Error`: its constructor records the stack, which takes longer than the rest of a request. A reply has no use for it.
Object.setPrototypeOf(RpcError.prototype, Error.prototype);

/**
 * Something that the program takes for granted does not hold. It is never sent as a reply: the node logs it and
 * ends with a non-zero status.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { InvariantError } from "@charybdis/charybdis";
 *
 * assertEquals(new InvariantError("two leaders in term 3").name, "InvariantError");
 * ```
 */
export class InvariantError extends Error {
  /** An error that names the broken invariant. */
  constructor(text: string) {
    super(text);
    this.name = "InvariantError";
  }
}

/**
 * Ends the node with {@linkcode InvariantError} unless `condition` holds.
 *
 * @param text the text of the error. Give a function if the text contains values, because most invariants hold.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { invariant, InvariantError } from "@charybdis/charybdis";
 *
 * function pop<T>(queue: T[]): T {
 *   const first = queue.shift();
 *   invariant(first !== undefined, "the queue is not empty here");
 *   return first;
 * }
 *
 * assertEquals(pop([1, 2]), 1);
 * try {
 *   pop([]);
 * } catch (error) {
 *   assertEquals(error instanceof InvariantError, true);
 * }
 * ```
 */
export function invariant(condition: boolean, text: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantError(typeof text === "string" ? text : text());
}
