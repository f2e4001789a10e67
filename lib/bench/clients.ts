/** A client's connection: sends a request, waits for its reply or the time-out. */

import { CODE, RpcError } from "../protocol/errors.ts";
import type { Body, Message } from "../protocol/message.ts";
import type { Cancel, Clock } from "../runtime/host.ts";
import type { World } from "../sim/world.ts";
import type { Steps } from "./operations.ts";

/** How long a client waits for a reply when its workload says nothing else. */
export const CLIENT_TIMEOUT_MS = 5000;

/** How a client's steps ended. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** One client of the network, talking to one node; does one thing at a time. */
export class Connection {
  readonly #clock: Clock;
  readonly #world: World;
  readonly #id: string;
  readonly #node: string;
  #nextMsgId = 1;
  #waiting: { readonly msgId: number; readonly reply: (body: Body) => void } | undefined;
  #cancelTimeout: Cancel = () => {};

  constructor(
    options: { readonly clock: Clock; readonly world: World; readonly id: string; readonly node: string },
  ) {
    this.#clock = options.clock;
    this.#world = options.world;
    this.#id = options.id;
    this.#node = options.node;
    options.world.attach(options.id, (message) => this.#receive(message));
  }

  /** Takes the steps one after the other; calls `done` once, at the end. */
  run<T>(steps: Steps<T>, done: (outcome: Outcome<T>) => void): void {
    const advance = (
      resume: () => IteratorResult<{ body: Body; timeoutMs: number | undefined }, T>,
    ): void => {
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
      const { body, timeoutMs = CLIENT_TIMEOUT_MS } = result.value;
      this.#request(body, timeoutMs, {
        reply: (reply) => advance(() => steps.next(reply)),
        fail: (error) => advance(() => steps.throw(error)),
      });
    };
    advance(() => steps.next({ type: "" }));
  }

  /** Ends the connection: replies that still come are dropped. */
  close(): void {
    this.#cancelTimeout();
    this.#waiting = undefined;
    this.#world.detach(this.#id);
  }

  #request(
    body: Body,
    timeoutMs: number,
    then: { readonly reply: (body: Body) => void; readonly fail: (error: RpcError) => void },
  ): void {
    const msgId = this.#nextMsgId++;
    this.#waiting = {
      msgId,
      reply: (reply) => reply.type === "error" ? then.fail(errorOf(reply)) : then.reply(reply),
    };
    this.#cancelTimeout = this.#clock.after(timeoutMs, () => {
      this.#waiting = undefined;
      then.fail(new RpcError(CODE.timeout, ""));
    });
    const message: Message = { src: this.#id, dest: this.#node, body: { ...body, msg_id: msgId } };
    this.#world.send(message, JSON.stringify(message));
  }

  #receive({ body }: Message): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined || body.in_reply_to !== waiting.msgId) return true; // an answer that nobody waits for any more
    this.#waiting = undefined;
    this.#cancelTimeout();
    waiting.reply(body);
    return true;
  }
}

function errorOf(body: Body): RpcError {
  const { code, text } = body;
  return new RpcError(typeof code === "number" ? code : CODE.crash, typeof text === "string" ? text : "");
}
