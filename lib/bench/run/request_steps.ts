/** Runs the steps of a client, request by request. Tested by `tests/bench/run/request_steps_test.ts`. */

import { RpcError } from "../../protocol/errors.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";
import type { Reply, Request, RequestSequence } from "../workloads/operations.ts";

/** The outcome of a client's steps. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** The continuations of a request. One of them is called, once. */
export interface Continuations {
  /** Receives the reply's body, or that of an error. */
  readonly reply: (body: Reply) => void;
  readonly fail: (error: RpcError) => void;
}

/** The default code of an error reply. Maelstrom calls such an error unknown, and it is indefinite. */
const NO_CODE = -1;

/** Executes steps in order with `send`, and calls `done` once at the end. */
export function runSteps<T>(
  steps: RequestSequence<T>,
  send: (request: Request, then: Continuations) => void,
  done: (outcome: Outcome<T>) => void,
): void {
  const advance = (resume: () => IteratorResult<Request, T>): void => {
    let result: ReturnType<typeof resume>;
    try {
      result = resume();
    } catch (error) {
      done({ error });
      return;
    }
    if (result.done) {
      done({ value: result.value });
      return;
    }
    const fail = (error: RpcError) => advance(() => steps.throw(error));
    send(result.value, {
      reply: (body) => body["type"] === "error" ? fail(errorOf(body)) : advance(() => steps.next(body)),
      fail,
    });
  };
  advance(() => steps.next({}));
}

/** Reads an error reply. A text that is not a string is shown as JSON. */
function errorOf({ code, text }: Reply): RpcError {
  const said = text ?? "";
  const shown = typeof said === "string" ? said : stringifyExactJson(said);
  return new RpcError(typeof code === "number" ? code : NO_CODE, shown);
}
