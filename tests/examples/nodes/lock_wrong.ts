/** A lock that is wrong: each node grants it on its own. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";

const LEASE_MS = 1000;

export function lock(node: Node): void {
  let token = 0;
  let heldUntil = 0;
  node.on("acquire", () => {
    if (node.now() < heldUntil) {
      throw new RpcError(CODE.temporarilyUnavailable, "another client holds the lock");
    }
    heldUntil = node.now() + LEASE_MS;
    return { token: ++token };
  });
  node.on("release", (body) => {
    if (Number(body["token"]) !== token) throw new RpcError(CODE.preconditionFailed, "this token is old");
    heldUntil = 0;
    return {};
  });
}

if (import.meta.main) await serve(lock);
