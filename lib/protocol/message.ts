/** Envelopes: one JSON object per line, `{src, dest, body}`, and how bodies are declared. */

import { parseExactJson } from "./exact_json.ts";
import {
  type Fields,
  type InferFields,
  isObject,
  type Json,
  object,
  optional,
  type Schema,
  schema,
  show,
  string,
  type WholeNumber,
  wholeNumber,
} from "./schema.ts";

/** A message's content. `msg_id` names a request for its sender, `in_reply_to` the request that a reply answers. */
export interface Body {
  /** The kind of message. A reply's type is the request's with `_ok`, or `error`. */
  readonly type: string;
  /** Identifies a request, so that its sender gets the reply. */
  readonly msg_id?: WholeNumber;
  /** The `msg_id` of the request that this answers. */
  readonly in_reply_to?: WholeNumber;
  /** The fields of its own, not checked. */
  readonly [key: string]: unknown;
}

/** A message as it travels. */
export interface Message {
  /** The id of the sender. */
  readonly src: string;
  /** The id of the receiver. */
  readonly dest: string;
  /** The content. */
  readonly body: Body;
}

/** A line that is not a message: the reason, and what could be understood of it, so that a reply can be sent where one is due. */
export interface MalformedLine {
  /** The reason, in words. */
  readonly problem: string;
  /** The id of the sender, if there was one. */
  readonly src?: string;
  /** The id of the receiver, if there was one. */
  readonly dest?: string;
  /** The `msg_id`, if there was one: an answer is due. */
  readonly msgId?: WholeNumber;
}

/**
 * Reads one line as a message, or returns the reason why it is not one. Never throws. With `suspect` false, the caller
 * knows that the line holds no number that needs care: see {@linkcode isSuspect}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isMessage, parseMessage } from "@charybdis/charybdis/protocol";
 *
 * const parsed = parseMessage('{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1,"echo":"hi"}}');
 * if (isMessage(parsed)) assertEquals(parsed.body["echo"], "hi");
 *
 * const wrong = parseMessage('{"src":"c1","dest":7,"body":{"type":"echo","msg_id":1}}');
 * if (!isMessage(wrong)) assertEquals(wrong.problem, "dest must be a string, but is 7");
 * ```
 */
export function parseMessage(line: string, suspect = true): Message | MalformedLine {
  let value: unknown;
  try {
    value = suspect ? parseExactJson(line) : JSON.parse(line);
  } catch (error) {
    return { problem: `not JSON (${error instanceof Error ? error.message : error})` };
  }
  if (!isObject(value)) {
    return { problem: `a message is an object {src, dest, body}, this is ${show(value)}` };
  }
  return hasEnvelope(value) ? value : explain(value);
}

/**
 * Returns true if a parsed value is a message. Written out, because every line passes here.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hasEnvelope } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(hasEnvelope({ src: "c1", dest: "n1", body: { type: "read" } }), true);
 * ```
 */
export function hasEnvelope(value: unknown): value is Message {
  if (!isObject(value) || typeof value["src"] !== "string" || typeof value["dest"] !== "string") return false;
  const body = value["body"];
  if (!isObject(body) || typeof body["type"] !== "string") return false;
  const msgId = body["msg_id"];
  const inReplyTo = body["in_reply_to"];
  return (msgId === undefined || isMessageId(msgId)) && (inReplyTo === undefined || isMessageId(inReplyTo));
}

/** A message id is an integer of any size. */
function isMessageId(value: unknown): value is WholeNumber {
  return Number.isSafeInteger(value) || typeof value === "bigint";
}

const envelope = object({
  src: string,
  dest: string,
  body: object({ type: string, msg_id: optional(wholeNumber), in_reply_to: optional(wholeNumber) }),
});

function explain(value: Readonly<Record<string, unknown>>): MalformedLine {
  const { src, dest, body } = value;
  const problem = envelope.problem(value, "") ?? "malformed";
  const msgId = isObject(body) ? body["msg_id"] : undefined;
  return {
    problem,
    ...(typeof src === "string" ? { src } : {}),
    ...(typeof dest === "string" ? { dest } : {}),
    ...(wholeNumber.is(msgId) ? { msgId } : {}),
  };
}

/**
 * Returns true if {@linkcode parseMessage} succeeded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isMessage, parseMessage } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(isMessage(parseMessage("{")), false);
 * ```
 */
export function isMessage(parsed: Message | MalformedLine): parsed is Message {
  return "body" in parsed;
}

/**
 * Returns true if an id belongs to a client. Maelstrom gives clients ids that begin with `c`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isClient } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(["c1", "n1"].map(isClient), [true, false]);
 * ```
 */
export function isClient(id: string): boolean {
  return id.startsWith("c");
}

/** No fields of its own. */
export type Empty = Readonly<Record<never, never>>;

/** A request with its reply, or (without `reply`) a one-way message. */
export interface MessageSpec<Q, R> {
  /** The body's `type`; the reply's is this and `_ok`. */
  readonly type: string;
  /** The meaning of the request, in a sentence. */
  readonly description: string;
  /** The body's own fields; further ones are ignored. */
  readonly request: Schema<Q>;
  /** The reply's own fields; no others are allowed. */
  readonly reply?: Schema<R>;
  /** An example of each, for the reference of all messages. */
  readonly example?: Example<Q, R>;
  /** The whole reply, as a client checks it. */
  readonly replyBody?: Schema<R & Body>;
}

/** The fields of a request, and of the reply to it. */
export interface Example<Q, R> {
  /** The request's own fields. */
  readonly request: Q;
  /** The reply's own fields. */
  readonly reply: R;
}

/** A {@linkcode MessageSpec} that is answered. */
export interface Rpc<Q, R> extends MessageSpec<Q, R> {
  /** The reply's own fields. */
  readonly reply: Schema<R>;
  /** The whole reply, as a client checks it. */
  readonly replyBody: Schema<R & Body>;
}

/**
 * Declares a request and its reply.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { natural, rpc, string } from "@charybdis/charybdis/protocol";
 *
 * const length = rpc("length", {
 *   description: "Asks how long the log of key is.",
 *   request: { key: string },
 *   reply: { length: natural },
 * });
 * assertEquals(length.request.problem({ key: 7 }, ""), "key must be a string, but is 7");
 * assertEquals(length.reply.is({ length: 3 }), true);
 * ```
 */
export function rpc<Q extends Fields, R extends Fields>(
  type: string,
  declared: {
    readonly description: string;
    readonly request: Q;
    readonly reply: R;
    readonly example?: Example<InferFields<Q>, InferFields<R>>;
  },
): Rpc<InferFields<Q>, InferFields<R>> {
  const whole = object(
    { type: string, in_reply_to: wholeNumber, msg_id: optional(wholeNumber), ...declared.reply },
    { closed: true },
  );
  return {
    type,
    description: declared.description,
    ...(declared.example === undefined ? {} : { example: declared.example }),
    request: object(declared.request),
    reply: object(declared.reply, { closed: true }),
    replyBody: schema(whole.description, (value, path) => {
      const problem = whole.problem(value, path);
      if (problem !== undefined || !isObject(value) || value["type"] === `${type}_ok`) return problem;
      return `type must be "${type}_ok", but is ${show(value["type"])}`;
    }),
  };
}

/**
 * Declares a one-way message between nodes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { array, natural, oneWay } from "@charybdis/charybdis/protocol";
 *
 * const gossip = oneWay("gossip", { description: "Tells what is new.", request: { values: array(natural) } });
 * assertEquals(gossip.request.is({ values: [1, 2] }), true);
 * assertEquals(gossip.reply, undefined);
 * ```
 */
export function oneWay<Q extends Fields>(
  type: string,
  declared: { readonly description: string; readonly request: Q },
): MessageSpec<InferFields<Q>, never> {
  return { type, description: declared.description, request: object(declared.request) };
}

/** The fields of a body that JSON can carry. */
export type JsonFields = { readonly [key: string]: Json | undefined };
