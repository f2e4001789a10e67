/** A feed that is wrong: posts go to all nodes at once, and arrive in any order. */

import { type Node, serve } from "@charybdis/charybdis";

export function sequencer(node: Node): void {
  const ids: number[] = [];
  node.on("post", ({ id }) => {
    ids.push(Number(id));
    for (const peer of node.peers) node.send(peer, { type: "copy", id: Number(id) });
    return {};
  });
  node.on("copy", ({ id }) => void ids.push(Number(id)));
  node.on("feed", () => ({ ids: [...ids] }));
}

if (import.meta.main) await serve(sequencer);
