/** The table of reductions in the README: executions of the same scopes by each search. */

import { assert, assertEquals } from "@std/assert";
import { explore, exploreStates, type Scope } from "../../../lib/bench/explore/explore.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { sliceOf, soaking } from "../../seeds.ts";
import { scopeOf } from "./scopes.ts";
import { paxos } from "./support/paxos.ts";
import { paxosScope } from "./support/paxos_scope.ts";

const README = new URL("../../../lib/bench/explore/README.md", import.meta.url);

/** Tells the other nodes each value once. */
function gossip(node: Node): void {
  const known = new Set<number>();
  node.watch("known", () => [...known].sort());
  node.on("topology", () => ({}));
  node.on("broadcast", ({ message }) => {
    known.add(Number(message));
    for (const peer of node.peers) node.send(peer, { type: "gossip", message });
    return {};
  });
  node.on("gossip", ({ message }) => void known.add(Number(message)));
  node.on("read", () => ({ messages: [...known].sort() }));
}

function gossipScope(operationCount: number, bounds: Partial<Scope["bounds"]> = {}): Scope {
  return scopeOf("broadcast", { operationCount, program: gossip, settleMs: 0, bounds });
}

interface Row {
  readonly name: string;
  readonly scope: Scope;
  /** True if all orders take more than a second. */
  readonly isLong?: boolean;
}

const ROWS: readonly Row[] = [
  { name: "Paxos, 2 servers, 2 writes", scope: paxosScope(paxos, 2, { nodes: 2 }) },
  { name: "with a lost message", scope: paxosScope(paxos, 2, { nodes: 2, bounds: { drops: 1 } }) },
  { name: "with a partition", scope: paxosScope(paxos, 2, { nodes: 2, bounds: { partitions: 1 } }) },
  { name: "Paxos, 3 servers, 1 write", scope: paxosScope(paxos, 1), isLong: true },
  { name: "with a lost message", scope: paxosScope(paxos, 1, { bounds: { drops: 1 } }), isLong: true },
  { name: "Gossip, 3 nodes, 2 values", scope: gossipScope(2) },
  { name: "with a duplicate", scope: gossipScope(2, { duplicates: 1 }) },
  { name: "Gossip, 3 nodes, 3 values", scope: gossipScope(3), isLong: true },
];

Deno.test("the README states the executions of each search", async () => {
  const rows = Deno.readTextFileSync(README).replaceAll(/ +/g, " ").split("\n");
  const stopped = () => false;
  for (const { name, scope, isLong = false } of sliceOf(ROWS, 2)) {
    const [orders, states] = [await explore(scope, { stopped }), await exploreStates(scope, { stopped })];
    const counts = [orders.schedules + orders.pruned, states.schedules + states.pruned, states.states];
    const text = counts.map((count) => count.toLocaleString("en")).join(" | ");
    if (isLong && !soaking) {
      assert(
        rows.some((row) => row.startsWith(`| ${name} |`) && row.endsWith(`| ${text} |`)),
        `${name}: ${text}`,
      );
      continue;
    }
    const all = await explore(scope, { stopped, reduces: false });
    for (const { failing, exhausted } of [all, orders, states]) {
      assertEquals([failing, exhausted], [undefined, true]);
    }
    assert(
      rows.includes(`| ${name} | ${all.schedules.toLocaleString("en")} | ${text} |`),
      `${name}: ${text}`,
    );
  }
});
