/** How a node without memory begins: it learns what the others know before it writes. */

import { CODE, RpcError } from "../../protocol/errors.ts";
import { rpc } from "../../protocol/message.ts";
import { natural, record } from "../../protocol/schema.ts";
import type { Node } from "../../runtime/node.ts";
import type { Replica, Vector } from "../joined_replica.ts";

/** A node without memory goes on if it has learned nothing for so long. */
const PATIENCE_MS = 500;
/** If it takes longer than this, it refuses writes in the meantime, with code 11, so that clients can go elsewhere. */
const WRITES_WAIT_MS = 1000;
/**
 * How long after its start a node asks others, unless it is asked something itself before: Maelstrom stops listening to a
 * node for good that speaks to one which has not been started yet, and nobody asks anything before all are.
 */
const GREETING_MS = 200;

const known = rpc("known", {
  about: "Asks how far a node knows each origin; a node that begins without memory does.",
  request: {},
  reply: { known: record(natural) },
});

/** What a node that begins is asked, and told. */
export interface CatchUp {
  /**
   * To be asked before each write: until when this node must not write. Undefined once it knows what the others know, or
   * cannot be told. Throws an `RpcError` with code 11 if there is so much of it that nobody should wait.
   */
  catchUp(): Promise<void> | undefined;
  /** To be told when something was learned. */
  progress(): void;
}

/**
 * A node without memory may have been here before: what it wrote then, others know, and they rely on what it said it had
 * seen. So it asks each of them what there is, and waits until it has that; but not for those who do not answer, and no
 * longer than `PATIENCE_MS` without learning anything.
 */
export function catchUp(
  node: Node,
  { replica, isNew }: { readonly replica: Replica; readonly isNew: boolean },
): CatchUp {
  node.on(known, () => ({ known: Object.fromEntries(replica.vector) }));
  if (!isNew || node.peers.length === 0) return { catchUp: () => undefined, progress: () => {} };
  const { promise, resolve } = Promise.withResolvers<void>();
  const goal = new Map<string, number>();
  const silent = new Set(node.peers);
  let catchingUp: Promise<void> | undefined = promise;
  let cancel = () => {};
  const end = () => {
    cancel();
    catchingUp = undefined;
    node.after(0, () => {
      resolve();
      return promise; // so that what waits for it goes on within this turn
    });
  };
  const look = () => {
    if (catchingUp === undefined || silent.size > 0) return;
    if (reaches(replica.vector, goal)) return end();
    cancel();
    cancel = node.after(PATIENCE_MS, end);
  };
  const ask = async (peer: string) => {
    try {
      const reply = await node.rpc(peer, { type: known.type }, { timeoutMs: PATIENCE_MS });
      if (!known.wholeReply.is(reply)) return;
      for (const [origin, count] of Object.entries(reply.known)) {
        goal.set(origin, Math.max(goal.get(origin) ?? 0, count));
      }
    } catch { // it is not there, or has not begun either
    } finally {
      silent.delete(peer);
      look();
    }
  };
  let askedAt: number | undefined;
  const askAll = () => {
    if (askedAt !== undefined) return;
    askedAt = node.now();
    for (const peer of node.peers) ask(peer);
  };
  node.after(GREETING_MS, askAll);
  return {
    catchUp: () => {
      if (catchingUp === undefined) return undefined;
      askAll();
      if (node.now() - (askedAt ?? 0) <= WRITES_WAIT_MS) return catchingUp;
      throw new RpcError(CODE.temporarilyUnavailable, "this node is still learning what the others know");
    },
    progress: look,
  };
}

function reaches(vector: Vector, goal: Vector): boolean {
  for (const [origin, count] of goal) if ((vector.get(origin) ?? 0) < count) return false;
  return true;
}
