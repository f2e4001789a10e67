/** An election that is wrong: the smallest node that was heard lately leads, and each node counts terms on its own. */

import { type Node, serve } from "@charybdis/charybdis";

const ROUND_MS = 200;
const QUIET_MS = 1000;

export function leader(node: Node): void {
  const heard = new Map<string, number>();
  let current = { leader: node.id, term: 0 };
  const elect = () => {
    const alive = node.ids.filter((id) =>
      id === node.id || node.now() - (heard.get(id) ?? -Infinity) < QUIET_MS
    );
    const [smallest = node.id] = alive.sort();
    if (smallest !== current.leader) current = { leader: smallest, term: current.term + 1 };
  };
  node.every(ROUND_MS, () => {
    for (const peer of node.peers) node.send(peer, { type: "alive" });
    elect();
  });
  node.on("alive", (_, from) => void heard.set(from, node.now()));
  node.on("leader", () => current);
}

if (import.meta.main) await serve(leader);
