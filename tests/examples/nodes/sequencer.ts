/** A feed that is right under partitions: the first node orders all posts, and the others copy its feed from the front. */

import { type Body, type Node, serve } from "@charybdis/charybdis";

const COPY_MS = 200;

export function sequencer(node: Node): void {
  const ids: number[] = [];
  const [first = node.id] = node.ids;
  /** Adds the posts that follow the first `from`. */
  const copy = (reply: Body) => {
    const { from, more } = reply;
    if (Array.isArray(more)) ids.push(...more.slice(ids.length - Number(from)).map(Number));
  };
  node.on("append", ({ id, from }) => {
    if (typeof id === "number" && !ids.includes(id)) ids.push(id);
    return { from: Number(from), more: ids.slice(Number(from)) };
  });
  node.on("post", async ({ id }) => {
    if (first === node.id) ids.push(Number(id));
    else copy(await node.rpc(first, { type: "append", id: Number(id), from: ids.length }));
    return {};
  });
  node.on("feed", () => ({ ids: [...ids] }));
  if (first === node.id) return;
  node.every(COPY_MS, async () => {
    await node.rpc(first, { type: "append", from: ids.length }).then(
      copy,
      (error) => node.log(String(error)),
    );
  });
}

if (import.meta.main) await serve(sequencer);
