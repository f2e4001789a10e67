/** The node runtime: from lines to handlers and back. */

import { decodedFields, type Encodable, encodeFields } from "../protocol/encoded.ts";
import { CODE, InvariantError, RpcError } from "../protocol/errors.ts";
import { stringifyExactJson } from "../protocol/exact_json.ts";
import { init } from "../protocol/init.ts";
import {
  type Body,
  hasEnvelope,
  isMessage,
  type JsonFields,
  type MalformedLine,
  type Message,
  type MessageSpec,
  parseMessage,
  type Rpc,
} from "../protocol/message.ts";
import { isObject, show, type WholeNumber } from "../protocol/schema.ts";
import { DeferredReply } from "./deferred_reply.ts";
import { handlerFailureLine } from "./handler_failure.ts";
import { NodeStore } from "./node_store.ts";
import { PendingRpcs } from "./pending_rpcs.ts";
import { type Cancel, DamagedStoreError, type Host, type Random, type Storage } from "./host.ts";

/** The number of rpcs of a node that may wait for a reply; the next one is refused with code 11. */
export const PENDING_RPCS_MAX = 100_000;
/** The number of timers of a node, besides timeouts of rpcs; one more ends the node, because only a leak needs that many. */
export const TIMERS_MAX = 100_000;
/** The default timeout of an rpc, in ms. */
const RPC_TIMEOUT_MS_DEFAULT = 1000;

/** The node as its program sees it. */
export interface Node {
  /** This node's id; never changes. */
  readonly id: string;
  /** All nodes' ids, this one's too, in the order that `init` gave. */
  readonly ids: readonly string[];
  /** All other nodes' ids. */
  readonly peers: readonly string[];
  /** Random numbers. Programs use no others, so that a simulated run can be repeated. */
  readonly random: Random;
  /** The durable store, if the node was started with one. Throws {@linkcode DamagedStoreError} if it is damaged. */
  readonly storage: Storage | undefined;
  /**
   * Sets the store aside if it is damaged, opens an empty one in its place, and returns the damage. A program that does not
   * call this ends with a damaged store; one that does must know how to go on as if it had lost everything.
   */
  replaceDamagedStorage(): DamagedStoreError | undefined;
  /** Monotonic time in ms. */
  now(): number;
  /** Calls `fire` once after `delayMs`; ends with the node. */
  after(delayMs: number, fire: () => void | Promise<void>): Cancel;
  /** Calls `fire` every `intervalMs`, the first time after one interval; ends with the node. */
  every(intervalMs: number, fire: () => void | Promise<void>): Cancel;
  /** Writes a line to the node's log. */
  log(text: string): void;
  /**
   * Registers a part of the node's state for the report of a recorded run: a name, and a function that returns a small JSON value.
   * The function is called after each turn of such a run, and never otherwise.
   */
  watch(name: string, value: () => unknown): void;
  /** Registers a function that describes the node's current state, for example `leader`. */
  setStateDescription(describe: () => string): void;
  /**
   * Handles a request. The handler gets the checked body and the sender's id, and returns the reply's own fields, or a promise of
   * them. Throwing `RpcError` replies with its code; any other error replies with 13.
   */
  on<Q, R>(
    declared: Rpc<Q, R>,
    handler: (body: Q & Body, from: string) => Encodable<R> | Promise<Encodable<R>>,
  ): void;
  /** Handles a one-way message. */
  on<Q>(
    declared: MessageSpec<Q, never>,
    handler: (body: Q & Body, from: string) => void | Promise<void>,
  ): void;
  /** The same by the type's name alone, with an unchecked body; returning nothing sends no reply. */
  on(
    type: string,
    handler: (body: Body, from: string) => JsonFields | void | Promise<JsonFields | void>,
  ): void;
  /** Returns a reply that is given later: the handler returns its promise. It leaves in the turn in which it is given. */
  deferReply<T>(): DeferredReply<T>;
  /** Sends a message that needs no answer. */
  send(dest: string, body: Body): void;
  /**
   * Sends a request and resolves to the reply's body. Rejects with `RpcError`: the code that was answered, or 0 when
   * `timeoutMs` (default 1000) went by without an answer.
   */
  rpc(dest: string, body: Body, options?: { readonly timeoutMs?: number }): Promise<Body>;
}

/** A program: called once, after `init`. */
export type Program<S = void> = (node: Node, settings: S) => void;

type Handler = {
  readonly problem: (body: Body) => string | undefined;
  readonly answers: boolean;
  readonly run: (body: Body, from: string) => unknown;
};

/** Runs a program on a host: give it each line that arrives, and `stop` at the end. */
export class Runtime {
  readonly #host: Host;
  readonly #start: (node: Node) => void;
  readonly #handlers = new Map<string, Handler>();
  readonly #rpcs = new PendingRpcs();
  readonly #timers = new Set<Cancel>();
  #node: Node | undefined;
  #self = "";
  #prefix = ""; // the beginning of every message that this node sends
  #lastDest = ""; // the head of the last reply is cached, because most replies have the same destination as the previous one
  #lastType = "";
  #lastHead = "";
  #nextMsgId = 1;
  #describe: () => string = () => "running";
  #unfinished = 0; // handlers whose promise is not settled yet
  #async = false;
  #drained = false;
  #stopped = false;

  constructor(host: Host, start: (node: Node) => void) {
    this.#host = host;
    this.#start = start;
  }

  /** The number of handlers that have not replied yet. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** The state that the program describes. */
  get state(): string {
    return this.#node === undefined ? "starting" : this.#describe();
  }

  /** Returns true if a promise was created or settled since the last call, and resets the flag. If so, microtasks must run before the turn ends. */
  consumeAsyncFlag(): boolean {
    const was = this.#async;
    this.#async = false;
    return was;
  }

  /**
   * Handles one line. `suspect` is false if the caller knows that the line holds no number that needs care. Never throws.
   */
  receive(line: string, suspect = true): void {
    if (this.#drained || line === "") return;
    const message = parseMessage(line, suspect);
    if (isMessage(message)) this.#handle(message);
    else this.#refuse(message, line);
  }

  /** Handles a parsed message, which the node may keep. Never throws. */
  receiveMessage(message: unknown): void {
    if (this.#drained) return;
    if (hasEnvelope(message)) this.#handle(message);
    else this.receive(stringifyExactJson(message));
  }

  /** Ends all timers, and all rpcs as {@linkcode drain} does. */
  stop(): void {
    this.drain();
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  /**
   * Says that no message will arrive any more: pending rpcs are rejected and new ones refused (code 0). Handlers that
   * waited for those may still answer, and timers go on, since an answer may wait for one.
   */
  drain(): void {
    if (this.#drained) return;
    this.#drained = true;
    this.#rpcs.rejectAll();
  }

  #handle(message: Message): void {
    const { src, dest, body } = message;
    const node = this.#node;
    if (node !== undefined && dest !== node.id) {
      this.#host.log.line(`ignored a message for ${dest}: this is ${node.id}`);
      return;
    }
    if (body.in_reply_to !== undefined) {
      this.#settle(body.in_reply_to, body, src);
      return;
    }
    if (body.type === "init") {
      this.#init(message);
      return;
    }
    if (node === undefined) {
      this.#sendError(
        message,
        CODE.temporarilyUnavailable,
        "not initialised yet: the first message must be init",
      );
      return;
    }
    const handler = this.#handlers.get(body.type);
    if (handler === undefined) {
      const known = [...this.#handlers.keys()].join(", ");
      this.#sendError(
        message,
        CODE.notSupported,
        `unknown type ${show(body.type)}; this node knows ${known || "nothing but init"}`,
      );
      return;
    }
    const problem = handler.problem(body);
    if (problem !== undefined) {
      this.#sendError(message, CODE.malformedRequest, `${body.type}: ${problem}`);
      return;
    }
    this.#run(handler, message);
  }

  #run(handler: Handler, { src, body }: Message): void {
    let result: unknown;
    try {
      result = handler.run(body, src);
    } catch (error) {
      this.#answerError(src, body, error);
      return;
    }
    if (!(result instanceof Promise)) {
      this.#answer(handler, { src, body, fields: result });
      return;
    }
    this.#async = true;
    this.#unfinished++;
    result.then(
      (fields) => this.#answer(handler, { src, body, fields }),
      (error) => this.#answerError(src, body, error),
    ).finally(() => this.#unfinished--);
  }

  #answer(handler: Handler, { src, body, fields }: { src: string; body: Body; fields: unknown }): void {
    if (body.msg_id === undefined || !handler.answers || fields === undefined) return;
    try {
      this.#sendReply(src, body.type, body.msg_id, fields);
    } catch (error) { // a value that cannot be encoded, such as one nested too deeply
      this.#answerError(src, body, error);
    }
  }

  #sendReply(dest: string, type: string, msgId: WholeNumber, fields: unknown): void {
    if (!isObject(fields)) throw new TypeError("a handler returns an object with the reply's fields");
    if (
      fields["type"] !== undefined || fields["in_reply_to"] !== undefined || fields["msg_id"] !== undefined
    ) {
      throw new TypeError("a handler must not set type, in_reply_to or msg_id: the runtime does");
    }
    const { transport } = this.#host;
    if (transport.sendMessage !== undefined) {
      this.#encode(dest, {
        type: `${type}_ok`,
        in_reply_to: msgId,
        msg_id: this.#nextMsgId++,
        ...fields,
      });
      return;
    }
    // Built from text for speed: the parts that never change are encoded once.
    const own = encodeFields(fields);
    const rest = own === "{}" ? "}}" : `,${own.slice(1)}}`;
    const head = `${this.#replyHead(dest, type)}${msgId},"msg_id":${this.#nextMsgId++}`;
    transport.send(head + rest);
  }

  #replyHead(dest: string, type: string): string {
    if (dest !== this.#lastDest || type !== this.#lastType) {
      this.#lastDest = dest;
      this.#lastType = type;
      const body = `{"type":${JSON.stringify(`${type}_ok`)},"in_reply_to":`;
      this.#lastHead = `${this.#prefix}${JSON.stringify(dest)},"body":${body}`;
    }
    return this.#lastHead;
  }

  #answerError(dest: string, request: Body, error: unknown): void {
    if (error instanceof InvariantError) {
      this.#host.fail(error);
      return;
    }
    const known = error instanceof RpcError;
    if (!known) this.#host.log.line(handlerFailureLine(request.type, error));
    if (request.msg_id === undefined) return;
    const text = error instanceof Error ? error.message : String(error);
    this.#encode(dest, {
      type: "error",
      in_reply_to: request.msg_id,
      code: known ? error.code : CODE.crash,
      text,
    });
  }

  #sendError({ src, dest, body }: Message, code: number, text: string): void {
    this.#host.log.line(`refused a message from ${src}: ${text}`);
    if (body.msg_id === undefined) return;
    const error = { type: "error", in_reply_to: body.msg_id, code, text };
    if (this.#node === undefined) {
      this.#sendAs(dest, src, error);
    } else this.#encode(src, error);
  }

  #refuse({ problem, src, dest, msgId }: MalformedLine, line: string): void {
    const begin = line.length > 200 ? `${line.slice(0, 200)}… (${line.length} characters)` : line;
    this.#host.log.line(`malformed line: ${problem}: ${begin}`);
    const self = this.#node?.id ?? dest;
    if (
      src === undefined || msgId === undefined || self === undefined || (dest !== undefined && dest !== self)
    ) return;
    const body = { type: "error", in_reply_to: msgId, code: CODE.malformedRequest, text: problem };
    this.#sendAs(self, src, body);
  }

  #encode(dest: string, body: Body): void {
    requireMessage(dest, body);
    const { transport } = this.#host;
    if (transport.sendMessage !== undefined) this.#sendAs(this.#self, dest, body);
    else transport.send(`${this.#prefix}${JSON.stringify(dest)},"body":${stringifyExactJson(body)}}`);
  }

  /** Sends under the id to which the answered message was sent, because this node may not have an id yet. */
  #sendAs(src: string, dest: string, body: Body): void {
    const { transport } = this.#host;
    if (transport.sendMessage === undefined) transport.send(stringifyExactJson({ src, dest, body }));
    else transport.sendMessage({ src, dest, body: decodedFields(body) });
  }

  #init(message: Message): void {
    const { src, dest, body } = message;
    const refuse = (problem: string) => this.#sendError(message, CODE.malformedRequest, `init: ${problem}`);
    const problem = init.request.problem(body, "");
    if (problem !== undefined || !init.request.is(body)) return refuse(problem ?? "malformed");
    if (dest !== body.node_id) return refuse(`sent to ${dest}, but names ${body.node_id}`);
    if (!body.node_ids.includes(body.node_id)) {
      return refuse(`node_ids lacks ${body.node_id}, the node itself`);
    }
    const node = this.#node;
    if (node === undefined) {
      this.#self = body.node_id;
      this.#prefix = `{"src":${JSON.stringify(body.node_id)},"dest":`;
      try {
        const store = new NodeStore(this.#host, body.node_id);
        this.#node = this.#makeNode(body.node_id, { ids: [...body.node_ids], store });
        this.#start(this.#node);
        store.requireSound();
      } catch (error) {
        this.#host.fail(error);
        return;
      }
    } else if (!sameMembers(node.ids, body.node_ids)) {
      return refuse(`this node is ${node.id} of ${node.ids.join(", ")} already`);
    }
    if (body.msg_id !== undefined) this.#sendReply(src, body.type, body.msg_id, {});
  }

  #settle(msgId: WholeNumber, body: Body, src: string): void {
    if (this.#rpcs.settle(msgId, body, src)) this.#async = true;
    else this.#host.log.line(`ignored a reply from ${src} to ${msgId}, which no request waits for`);
  }

  #setTimer(delayMs: number, fire: () => void | Promise<void>): Cancel {
    if (this.#stopped) return () => {};
    if (this.#timers.size - this.#rpcs.size >= TIMERS_MAX) {
      throw new InvariantError(`more than ${TIMERS_MAX} timers are running`);
    }
    const delay = Math.max(0, delayMs);
    if (Number.isNaN(delay)) throw new RangeError(`a delay must be a number of ms, but is ${delayMs}`);
    const cancelHost = this.#host.clock.after(delay, () => {
      if (this.#timers.delete(cancel)) this.#guard(fire); // else it was canceled while the node was paused
    });
    const cancel = () => {
      this.#timers.delete(cancel);
      cancelHost();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /**
   * Handles an error of a timer or of a promise that is not awaited. A failed rpc is expected and is logged. Any other error is a
   * bug in the program and ends the node.
   */
  onUnhandledError(error: unknown): void {
    if (error instanceof RpcError) {
      this.#host.log.line(`an rpc failed that is not awaited: ${error.message}`);
    } else this.#host.fail(error);
  }

  #guard(run: () => void | Promise<void>): void {
    try {
      const result = run();
      if (result instanceof Promise) {
        this.#async = true;
        result.catch((error) => this.onUnhandledError(error));
      }
    } catch (error) {
      this.onUnhandledError(error);
    }
  }

  /** Rejects an rpc of a node that ends, in a later turn. Otherwise, a program that tries again would never let it end. */
  #refuseRpc(): Promise<never> {
    return new Promise((_resolve, reject) => {
      this.#setTimer(0, () => reject(new RpcError(CODE.timeout, "the node is stopped")));
    });
  }

  #rpc(dest: string, body: Body, timeoutMs: number): Promise<Body> {
    if (this.#drained) return this.#refuseRpc();
    if (this.#rpcs.size >= PENDING_RPCS_MAX) {
      const text = `more than ${PENDING_RPCS_MAX} rpcs wait for an answer`;
      return Promise.reject(new RpcError(CODE.temporarilyUnavailable, text));
    }
    const msgId = this.#nextMsgId++;
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#setTimer(timeoutMs, () => {
        this.#async = true;
        this.#rpcs.fail(
          msgId,
          new RpcError(CODE.timeout, `${dest} did not answer ${body.type} within ${timeoutMs} ms`),
        );
      });
      this.#rpcs.add(msgId, { dest, resolve, reject, cancelTimeout });
      this.#encode(dest, { ...body, msg_id: msgId });
    });
  }

  #makeNode(
    id: string,
    { ids, store }: { readonly ids: readonly string[]; readonly store: NodeStore },
  ): Node {
    const host = this.#host;
    const on = (
      declared: string | MessageSpec<unknown, unknown>,
      run: (body: Body, from: string) => unknown,
    ): void => {
      const byName = typeof declared === "string";
      const type = byName ? declared : declared.type;
      if (this.#handlers.has(type)) throw new InvariantError(`two handlers for ${type}`);
      this.#handlers.set(type, {
        problem: byName ? () => undefined : (body) => declared.request.problem(body, ""),
        answers: byName || declared.reply !== undefined,
        run,
      });
    };
    return {
      id,
      ids,
      peers: ids.filter((each) => each !== id),
      random: host.random,
      get storage() {
        return store.storage;
      },
      replaceDamagedStorage: () => store.replaceDamaged(),
      now: () => host.clock.now(),
      after: (delayMs, fire) => this.#setTimer(delayMs, fire),
      every: (intervalMs, fire) => {
        let cancel: Cancel = () => {};
        const again = () => {
          cancel = this.#setTimer(intervalMs, () => {
            again();
            return fire();
          });
        };
        again();
        return () => cancel();
      },
      log: (text) => host.log.line(text),
      watch: (name, value) => host.watch?.(name, value),
      setStateDescription: (describe) => this.#describe = describe,
      on,
      deferReply: () => new DeferredReply(() => this.#async = true),
      send: (dest, body) => this.#encode(dest, body),
      rpc: (dest, body, options = {}) => this.#rpc(dest, body, options.timeoutMs ?? RPC_TIMEOUT_MS_DEFAULT),
    };
  }
}

/** Throws if a program sends anything but a message, as JavaScript and casts allow. */
function requireMessage(dest: unknown, body: unknown): void {
  if (typeof dest !== "string") {
    throw new TypeError(`a message needs the id of its receiver, not ${show(dest)}`);
  }
  if (!isObject(body) || typeof body["type"] !== "string") {
    throw new TypeError(`the body of a message needs a type, but is ${show(body)}`);
  }
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
