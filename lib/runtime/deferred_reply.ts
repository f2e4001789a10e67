/** Replies that a handler sends after it has returned. */

/**
 * A reply that is given later. The handler returns `promise`; the reply leaves the node in the turn in which `send` or `fail` is
 * called, together with everything else that this turn sends.
 *
 * @example Wait for a second before replying
 * ```ts
 * import type { Node } from "@charybdis/charybdis";
 *
 * export function slow(node: Node): void {
 *   node.on("ping", () => {
 *     const reply = node.deferReply<{ readonly pong: true }>();
 *     node.after(1000, () => reply.send({ pong: true }));
 *     return reply.promise;
 *   });
 * }
 * ```
 */
export class DeferredReply<T> {
  /** The return value of the handler. */
  readonly promise: Promise<T>;
  readonly #settle: { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void };
  readonly #onSettled: () => void;

  /** `onSettled` is called with each settlement: microtasks must then run before the turn ends. */
  constructor(onSettled: () => void) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.promise = promise;
    this.#settle = { resolve, reject };
    this.#onSettled = onSettled;
  }

  /** Sends the reply. Later calls of `send` and `fail` do nothing. */
  send(value: T): void {
    this.#onSettled();
    this.#settle.resolve(value);
  }

  /** Replies with an error, as a handler does that throws it. */
  fail(error: Error): void {
    this.#onSettled();
    this.#settle.reject(error);
  }
}
