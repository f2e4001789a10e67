/**
 * Clients of Maelstrom's services: the stores lin-kv, seq-kv and lww-kv, and the timestamp oracle lin-tso.
 *
 * @module
 */

import { CODE, RpcError } from "../protocol/errors.ts";
import type { Body, Rpc } from "../protocol/message.ts";
import * as kv from "../protocol/kv.ts";
import type { Json } from "../protocol/schema.ts";
import type { Node } from "./node.ts";

/** A store's operations. Each rejects with `RpcError`: the store's code, or 0 after `timeoutMs` (default 1000). */
export interface KvClient {
  /** The value under `key`; undefined if there is none. */
  read(key: Json): Promise<Json | undefined>;
  /** Sets `key` to `value` unconditionally. */
  write(key: Json, value: Json): Promise<void>;
  /** Sets `key` to `to` if it is `from`. Resolves to false if it is not, or (unless `create`) if the key does not exist. */
  cas(
    key: Json,
    change: { readonly from: Json; readonly to: Json; readonly create?: boolean },
  ): Promise<boolean>;
}

/**
 * A client of the store named `service`: `lin-kv`, `seq-kv` or `lww-kv` (which knows no `create`).
 *
 * @example
 * ```ts
 * import { type Node, serve } from "@charybdis/charybdis";
 * import { kvClient } from "@charybdis/charybdis/clients";
 *
 * // Counts in the service seq-kv and tries again after a concurrent change.
 * function counter(node: Node): void {
 *   const store = kvClient(node, { service: "seq-kv" });
 *   node.on("add", async ({ delta }) => {
 *     for (;;) {
 *       const from = Number(await store.read("sum") ?? 0);
 *       if (await store.cas("sum", { from, to: from + Number(delta), create: true })) return {};
 *     }
 *   });
 * }
 *
 * if (import.meta.main) await serve(counter);
 * ```
 */
export function kvClient(
  node: Node,
  options: { readonly service: string; readonly timeoutMs?: number },
): KvClient {
  const call = <Q, R>(declared: Rpc<Q, R>, fields: Q) => callService(node, { ...options, declared, fields });
  return {
    async read(key) {
      try {
        return (await call(kv.read, { key })).value;
      } catch (error) {
        if (error instanceof RpcError && error.code === CODE.keyDoesNotExist) return undefined;
        throw error;
      }
    },
    async write(key, value) {
      await call(kv.write, { key, value });
    },
    async cas(key, { from, to, create }) {
      try {
        await call(kv.cas, {
          key,
          from,
          to,
          ...(create === undefined ? {} : { create_if_not_exists: create }),
        });
        return true;
      } catch (error) {
        const refused = error instanceof RpcError &&
          (error.code === CODE.preconditionFailed || error.code === CODE.keyDoesNotExist);
        if (refused) return false;
        throw error;
      }
    },
  };
}

/**
 * The next number of the timestamp oracle: greater than all previous ones.
 *
 * @example
 * ```ts
 * import { type Node, serve } from "@charybdis/charybdis";
 * import { nextTimestamp } from "@charybdis/charybdis/clients";
 *
 * function ids(node: Node): void {
 *   node.on("generate", async () => ({ id: await nextTimestamp(node, { timeoutMs: 500 }) }));
 * }
 *
 * if (import.meta.main) await serve(ids);
 * ```
 */
export async function nextTimestamp(
  node: Node,
  options: { readonly service?: string; readonly timeoutMs?: number } = {},
): Promise<number> {
  const { service = "lin-tso", ...rest } = options;
  return (await callService(node, { ...rest, service, declared: kv.ts, fields: {} })).ts;
}

async function callService<Q, R>(
  node: Node,
  { service, declared, fields, timeoutMs }: {
    readonly service: string;
    readonly declared: Rpc<Q, R>;
    readonly fields: Q;
    readonly timeoutMs?: number;
  },
): Promise<R> {
  const request: Body = { ...fields, type: declared.type };
  const reply = await node.rpc(service, request, timeoutMs === undefined ? {} : { timeoutMs });
  if (declared.replyBody.is(reply)) return reply;
  throw new RpcError(
    CODE.crash,
    `${service} answered ${declared.type}: ${declared.replyBody.problem(reply, "")}`,
  );
}
