/** A lock that is right under partitions: the first node alone grants it. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";

const LEASE_MS = 1000;

export function lock(node: Node): void {
  let token = 0;
  let heldUntil = 0;
  const own: Readonly<Record<string, (given: number) => { token?: number }>> = {
    acquire: () => {
      if (node.now() < heldUntil) {
        throw new RpcError(CODE.temporarilyUnavailable, "another client holds the lock");
      }
      heldUntil = node.now() + LEASE_MS;
      return { token: ++token };
    },
    release: (given) => {
      if (given !== token) throw new RpcError(CODE.preconditionFailed, "this token is old");
      heldUntil = 0;
      return {};
    },
  };
  for (const [type, handle] of Object.entries(own)) {
    node.on(type, async (body) => {
      const [first = node.id] = node.ids;
      if (first === node.id) return handle(Number(body["token"]));
      const reply = await node.rpc(first, { type, token: Number(body["token"] ?? 0) });
      return type === "acquire" ? { token: Number(reply["token"]) } : {};
    });
  }
}

if (import.meta.main) await serve(lock);
