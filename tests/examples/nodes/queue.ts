/**
 * A queue that is right under partitions, loss and duplicates: the first node alone has the elements. Each request has an id,
 * and its answer is kept, so that a duplicate has no effect.
 */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";

export function queue(node: Node): void {
  const elements: number[] = [];
  const answers = new Map<string, number | undefined>();
  const [first = node.id] = node.ids;
  let requests = 0;
  /** Adds an element, or takes one. */
  const change = (id: string, element: unknown) => {
    if (!answers.has(id)) {
      answers.set(id, typeof element === "number" ? void elements.push(element) : elements.shift());
    }
    return answers.get(id);
  };
  const ask = async (element?: number): Promise<number | undefined> => {
    const id = `${node.id} ${++requests}`;
    if (first === node.id) return change(id, element);
    const fields = element === undefined ? { id } : { id, element };
    const reply = await node.rpc(first, { type: "change", ...fields });
    return typeof reply["element"] === "number" ? reply["element"] : undefined;
  };
  node.on("change", ({ id, element }) => ({ element: change(String(id), element) }));
  node.on("enqueue", async ({ element }) => {
    await ask(Number(element));
    return {};
  });
  node.on("dequeue", async () => {
    const element = await ask();
    if (element === undefined) throw new RpcError(CODE.keyDoesNotExist, "the queue is empty");
    return { element };
  });
}

if (import.meta.main) await serve(queue);
