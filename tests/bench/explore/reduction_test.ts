/** The reduced search of a cluster sees what its nodes see in every order: for each kind of fault, with fewer executions. */

import { assert, assertEquals } from "@std/assert";
import { search } from "../../../lib/bench/explore/search.ts";
import { World } from "../../../lib/bench/explore/world.ts";
import type { Bounds, Explored } from "../../../lib/bench/explore/world_options.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { scopeOf } from "./scopes.ts";
import { sliceOf } from "../../seeds.ts";

/** The events of each node of the current execution, in their order. */
const seen = new Map<string, string[]>();

/** Tells the others about each operation, who answer the first time, and sees a timer that the answers cancel. */
function program(node: Node): void {
  const log: string[] = [];
  seen.set(node.id, [...seen.get(node.id) ?? [], "start"]);
  const note = (text: string) => void seen.get(node.id)?.push(text);
  let cancel = () => {};
  node.on("echo", ({ echo }) => {
    note(`echo at ${node.now()}`);
    for (const peer of node.peers) node.send(peer, { type: "told" });
    cancel = node.after(100, () => note(`timer at ${node.now()}`));
    return { echo: String(echo) };
  });
  node.on("told", (_body, from) => {
    note(`told by ${from}`);
    log.push(from);
    if (log.length === 1) node.send(from, { type: "answer" });
  });
  node.on("answer", (_body, from) => {
    note(`answer of ${from}`);
    cancel();
  });
}

/** Returns what the nodes and clients saw in the executions of a search, and the number of executions. */
async function outcomesOf(
  bounds: Partial<Bounds>,
  { nodes, operationCount, reduces, clockDrift }: {
    readonly nodes: number;
    readonly operationCount: number;
    readonly reduces: boolean;
    readonly clockDrift?: number;
  },
) {
  const scope = scopeOf("echo", { nodes, operationCount, program, settleMs: 0, bounds });
  const outcomes = new Set<string>();
  const result = await search<Explored>({
    reduces,
    begin: () => {
      seen.clear();
      return World.begin({ ...scope, clockDrift });
    },
    visit: ({ history }) => {
      const operations = history.flatMap(({ process, type }) =>
        typeof process === "number" ? [`${process} ${type}`] : []
      );
      outcomes.add(JSON.stringify([[...seen], operations]));
      return true;
    },
    stopped: ({ schedules }) => schedules >= 200_000,
  });
  assert(result.exhausted);
  return { outcomes, executions: result.schedules + result.pruned };
}

const FAULTS: readonly (readonly [nodes: number, operationCount: number, bounds: Partial<Bounds>])[] = [
  [2, 2, {}],
  [2, 2, { drops: 1 }],
  [2, 2, { duplicates: 1 }],
  [2, 2, { crashes: 1 }],
  [2, 1, { crashes: 2 }],
  [3, 1, { crashes: 1 }],
  [2, 2, { crashes: 1, drops: 1 }],
  [2, 2, { crashes: 1, timeouts: 1 }],
  [2, 2, { timeouts: 1 }],
  [2, 1, { timeouts: 1, drops: 1 }],
  [3, 1, { partitions: 1 }],
  [2, 2, { partitions: 1 }],
  [2, 2, { partitions: 2 }],
  [3, 1, { partitions: 1, crashes: 1 }],
  [3, 1, { partitions: 1, drops: 1 }],
  [2, 1, { partitions: 1, duplicates: 1 }],
  [2, 2, { partitions: 1, timeouts: 1 }],
];

for (const [nodes, operationCount, bounds] of sliceOf(FAULTS, 3)) {
  const text = Object.entries(bounds).map(([kind, count]) => `${count} ${kind}`).join(", ") || "no faults";
  Deno.test(`${nodes} nodes, ${operationCount} operations and ${text}: each outcome is found`, async () => {
    const all = await outcomesOf(bounds, { nodes, operationCount, reduces: false });
    const reduced = await outcomesOf(bounds, { nodes, operationCount, reduces: true });
    const missing = [...all.outcomes].filter((each) => !reduced.outcomes.has(each));
    assertEquals(missing, []);
    assert(reduced.executions < all.executions);
  });
}

Deno.test("clocks that drift: each outcome is found, also those of unequal clocks", async () => {
  const scope = { nodes: 2, operationCount: 2, clockDrift: 0.1 };
  const all = await outcomesOf({ timeouts: 2 }, { ...scope, reduces: false });
  const reduced = await outcomesOf({ timeouts: 2 }, { ...scope, reduces: true });
  assertEquals([...all.outcomes].filter((each) => !reduced.outcomes.has(each)), []);
  const equal = await outcomesOf({ timeouts: 2 }, { ...scope, clockDrift: 0, reduces: true });
  assert([...reduced.outcomes].some((each) => !equal.outcomes.has(each)));
});
