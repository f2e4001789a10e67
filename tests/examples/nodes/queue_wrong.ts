/** A queue that is wrong: without compare-and-set, two nodes overwrite each other's changes. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kvClient } from "@charybdis/charybdis/clients";

export function queue(node: Node): void {
  const store = kvClient(node, { service: "lin-kv" });
  const read = async () => {
    const stored = await store.read("queue");
    return Array.isArray(stored) ? stored.map(Number) : [];
  };
  node.on("enqueue", async ({ element }) => {
    await store.write("queue", [...await read(), Number(element)]);
    return {};
  });
  node.on("dequeue", async () => {
    const [element, ...rest] = await read();
    if (element === undefined) throw new RpcError(CODE.keyDoesNotExist, "the queue is empty");
    await store.write("queue", rest);
    return { element };
  });
}

if (import.meta.main) await serve(queue);
