/** An election that is right: a compare-and-set in the service lin-kv decides which node leads the next term. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kvClient } from "@charybdis/charybdis/clients";

const ROUND_MS = 200;
/** The number of rounds without a beat of the leader after which a node replaces it. */
const ROUNDS_MAX = 5;

export function leader(node: Node): void {
  const store = kvClient(node, { service: "lin-kv" });
  let known: { term: number; leader: string; beat: number } | undefined;
  let quiet = 0;
  const round = async () => {
    const stored = await store.read("leader");
    const [term = 0, name = "", beat = 0] = Array.isArray(stored) ? stored : [];
    quiet = known?.beat === beat && known?.term === term ? quiet + 1 : 0;
    known = { term: Number(term), leader: String(name), beat: Number(beat) };
    const next = name === node.id
      ? [Number(term), node.id, Number(beat) + 1]
      : term === 0 || quiet > ROUNDS_MAX + node.random.below(ROUNDS_MAX)
      ? [Number(term) + 1, node.id, 0]
      : undefined;
    if (next !== undefined) await store.cas("leader", { from: stored ?? null, to: next, create: true });
  };
  node.every(ROUND_MS, () => round().catch((error) => node.log(String(error))));
  node.on("leader", () => {
    if (known === undefined || known.term === 0) {
      throw new RpcError(CODE.temporarilyUnavailable, "no leader yet");
    }
    return { leader: known.leader, term: known.term };
  });
}

if (import.meta.main) await serve(leader);
