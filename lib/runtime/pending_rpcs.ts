/** The requests of a node that wait for a reply. */

import { CODE, RpcError } from "../protocol/errors.ts";
import type { Body } from "../protocol/message.ts";
import type { WholeNumber } from "../protocol/schema.ts";
import type { Cancel } from "./host.ts";

/** One request that waits for a reply. */
export interface PendingRpc {
  readonly dest: string;
  readonly resolve: (body: Body) => void;
  readonly reject: (error: RpcError) => void;
  readonly cancelTimeout: Cancel;
}

/** Pending requests by their `msg_id`. */
export class PendingRpcs {
  readonly #pending = new Map<WholeNumber, PendingRpc>();

  /** The number of pending requests. */
  get size(): number {
    return this.#pending.size;
  }

  /** Adds a request. */
  add(msgId: WholeNumber, rpc: PendingRpc): void {
    this.#pending.set(msgId, rpc);
  }

  /** Settles a request with its reply. Returns false if no request to that node waits for it. */
  settle(msgId: WholeNumber, body: Body, src: string): boolean {
    const pending = this.#pending.get(msgId);
    if (pending === undefined || pending.dest !== src) return false;
    this.#pending.delete(msgId);
    pending.cancelTimeout();
    if (body.type === "error") pending.reject(errorOf(body, src));
    else pending.resolve(body);
    return true;
  }

  /** Rejects one request. */
  fail(msgId: WholeNumber, error: RpcError): void {
    this.#pending.get(msgId)?.reject(error);
    this.#pending.delete(msgId);
  }

  /** Rejects all requests, because no reply will arrive any more. */
  rejectAll(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const rpc of pending) {
      rpc.cancelTimeout();
      rpc.reject(new RpcError(CODE.timeout, "the node was stopped before the answer came"));
    }
  }
}

function errorOf({ code, text }: Body, src: string): RpcError {
  return typeof code === "number"
    ? new RpcError(code, typeof text === "string" ? text : "")
    : new RpcError(CODE.crash, `${src} answered an error without a code`);
}
