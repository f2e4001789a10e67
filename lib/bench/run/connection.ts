/**
 * A client's connection, which sends requests and waits for replies or timeouts.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import { CODE, RpcError } from "../../protocol/errors.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";
import type { Cancel, Clock } from "../../runtime/host.ts";
import type { Delivery, MessageRouter } from "../../sim/message_router.ts";
import type { Reply, Request, RequestSequence } from "../workloads/operations.ts";
import { type Continuations, type Outcome, runSteps } from "./request_steps.ts";

/** Default timeout for a reply, in ms. A workload may override it. */
const CLIENT_TIMEOUT_MS = 5000;

/** One client of the network, which talks to one node and performs one operation at a time. */
export class Connection {
  readonly #clock: Clock;
  readonly #router: MessageRouter;
  readonly #id: string;
  readonly #node: string;
  #nextMsgId = 1;
  #waiting: { readonly msgId: number; readonly reply: (body: Reply) => void } | undefined;
  #cancelTimeout: Cancel = () => {};

  constructor(
    options: {
      readonly clock: Clock;
      readonly router: MessageRouter;
      readonly id: string;
      readonly node: string;
    },
  ) {
    this.#clock = options.clock;
    this.#router = options.router;
    this.#id = options.id;
    this.#node = options.node;
    options.router.attach(options.id, (delivery) => this.#receive(delivery));
  }

  /** Executes the steps in order, and calls `done` once at the end. */
  run<T>(steps: RequestSequence<T>, done: (outcome: Outcome<T>) => void): void {
    runSteps(steps, (request, then) => this.#request(request, then), done);
  }

  /** Closes the connection. Later replies are undeliverable. */
  close(): void {
    this.#cancelTimeout();
    this.#waiting = undefined;
    this.#router.detach(this.#id);
  }

  #request(
    { body, timeoutMs = CLIENT_TIMEOUT_MS }: Request,
    then: Continuations,
  ): void {
    const msgId = this.#nextMsgId++;
    this.#waiting = { msgId, reply: then.reply };
    this.#cancelTimeout = this.#clock.after(timeoutMs, () => {
      this.#waiting = undefined;
      then.fail(new RpcError(CODE.timeout, ""));
    });
    const message = { src: this.#id, dest: this.#node, body: { ...body, msg_id: msgId } };
    this.#router.send(message);
  }

  #receive(delivery: Delivery): boolean {
    const { src, body } = delivery.message;
    const waiting = this.#waiting;
    const { in_reply_to: inReplyTo } = body;
    if (waiting === undefined || inReplyTo !== waiting.msgId) {
      const problem = waiting === undefined
        ? `${this.#id} does not wait for a reply: it has already received one or timed out`
        : `${this.#id} waits for a reply with "in_reply_to": ${waiting.msgId}, not ${
          typeof inReplyTo === "string" ? "the string " : ""
        }${stringifyExactJson(inReplyTo ?? null)}`;
      this.#router.observe({ kind: "unawaited-reply", node: src, problem, line: delivery.line });
      return true;
    }
    this.#waiting = undefined;
    this.#cancelTimeout();
    waiting.reply(body);
    return true;
  }
}
