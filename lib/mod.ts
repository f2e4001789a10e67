/**
 * The runtime, errors and settings that every Maelstrom node needs. Other parts have modules of their own, such
 * as the services' clients from `runtime/clients.ts`: each module costs every start a part of a millisecond.
 *
 * @example A whole node
 * ```ts
 * import { type Node, serve } from "@charybdis/charybdis";
 *
 * function echo(node: Node): void {
 *   node.on("echo", ({ echo }) => ({ echo: String(echo) }));
 * }
 *
 * if (import.meta.main) await serve(echo);
 * ```
 *
 * @module
 */

export { RawJson } from "./protocol/encoded.ts";
export { CODE, invariant, InvariantError, RpcError } from "./protocol/errors.ts";
export type { Body, Message } from "./protocol/message.ts";
export type { Json } from "./protocol/schema.ts";
export type { Cancel, DamagedStoreError, Random, Storage } from "./runtime/host.ts";
export type { DeferredReply } from "./runtime/deferred_reply.ts";
export type { Node } from "./runtime/node.ts";
export { serve, type ServeOptions } from "./runtime/serve.ts";
export { choice, flag, number, type Setting, type Settings, text, type Values } from "./runtime/setting.ts";
