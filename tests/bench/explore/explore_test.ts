/** Explorations of small clusters: built-in nodes are correct in every schedule, and planted mistakes are found. */

import { assert, assertEquals } from "@std/assert";
import { programOf } from "../../../lib/bench/cluster/program.ts";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { explore, rerun, type Scope, simplest } from "../../../lib/bench/explore/explore.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { workloadOf } from "../../../lib/bench/workloads/registry.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { RpcError } from "../../../lib/protocol/errors.ts";
import type { Json } from "../../../lib/protocol/schema.ts";

const NO_FAULTS = { drops: 0, duplicates: 0, crashes: 0, timeouts: 0 };
const EXECUTIONS_MAX = 20_000;

function scopeOf(
  workload: string,
  { nodes = 3, operationCount, program, ...more }:
    & { readonly nodes?: number; readonly operationCount: number }
    & Partial<Pick<Scope, "program" | "bounds" | "seed" | "settleMs" | "storage">>,
): Scope {
  const { test } = parseTest(["-w", workload, "--virtual", "--node-count", String(nodes)]);
  return {
    test,
    workload: workloadOf(workload),
    program: program ?? loadProgram({ workload, args: [] }),
    seed: 1,
    storage: false,
    settleMs: 1000,
    bounds: NO_FAULTS,
    operationCount,
    ...more,
  };
}

const stopped = ({ schedules, pruned }: { readonly schedules: number; readonly pruned: number }) =>
  schedules + pruned >= EXECUTIONS_MAX;

async function exhausts(scope: Scope): Promise<number> {
  const found = await explore(scope, { stopped });
  assertEquals(found.failing?.steps, undefined);
  assert(found.exhausted);
  assert(found.hasSucceeded, "an operation succeeds, so that something is tested");
  return found.schedules;
}

Deno.test("unique-ids holds in every schedule of three operations and a crash", async () => {
  assertEquals(await exhausts(scopeOf("unique-ids", { operationCount: 3 })), 6);
  await exhausts(scopeOf("unique-ids", { operationCount: 3, bounds: { ...NO_FAULTS, crashes: 1 } }));
});

Deno.test("lin-kv holds in every schedule of two operations and a crash", async () => {
  const schedules = await exhausts(
    scopeOf("lin-kv", { operationCount: 2, seed: 4, storage: true, bounds: { ...NO_FAULTS, crashes: 1 } }),
  );
  assert(schedules > 10);
});

Deno.test("broadcast holds in every schedule of two operations, a lost message and a late timer", async () => {
  await exhausts(
    scopeOf("broadcast", { operationCount: 2, bounds: { ...NO_FAULTS, drops: 1, timeouts: 1 } }),
  );
});

/** Keeps a register at the first node. The others forward to it, and `reads` answers reads. */
function register(reads: (node: Node, copy: ReadonlyMap<string, unknown>) => void) {
  return (node: Node) => {
    const first = node.ids[0] ?? "";
    const values = new Map<string, unknown>();
    node.on("write", async ({ key, value }) => {
      if (node.id !== first) await node.rpc(first, { type: "write", key, value });
      else for (const peer of node.peers) node.send(peer, { type: "copy", key, value });
      values.set(String(key), value);
      return {};
    });
    node.on("copy", ({ key, value }) => void values.set(String(key), value));
    node.on("cas", () => {
      throw new RpcError(22, "no");
    });
    reads(node, values);
  };
}

Deno.test("a stale read is found, and the simplest schedule replays to the same history", async () => {
  const program = programOf({
    program: register((node, values) => {
      node.on("read", ({ key }) => {
        if (!values.has(String(key))) throw new RpcError(20, "absent");
        return { value: values.get(String(key)) as Json };
      });
    }),
  }, { name: "stale", args: [] });
  const scope = scopeOf("lin-kv", { nodes: 2, operationCount: 8, program, settleMs: 0, seed: 13 });
  const found = await explore(scope, { stopped });
  assert(found.failing !== undefined, "a node reads its own copy, which may be old");
  const simple = await simplest(scope, found.failing);
  const again = await rerun(scope, simple.steps);
  assertEquals(again.explored.history, simple.explored.history);
  assertEquals(again.steps, simple.steps);
  assertEquals(simple.result.valid, false);
});

Deno.test("a lost message is found only if messages may be lost", async () => {
  const program = programOf({
    program: (node: Node) => {
      const known = new Set<unknown>();
      node.on("topology", () => ({}));
      node.on("broadcast", ({ message }) => {
        known.add(message);
        for (const peer of node.peers) node.send(peer, { type: "gossip", message });
        return {};
      });
      node.on("gossip", ({ message }) => void known.add(message));
      node.on("read", () => ({ messages: [...known] as number[] }));
    },
  }, { name: "once", args: [] });
  const scope = scopeOf("broadcast", { operationCount: 2, seed: 1, program, settleMs: 0 });
  await exhausts(scope);
  const found = await explore({ ...scope, bounds: { ...NO_FAULTS, drops: 1 } }, { stopped });
  assertEquals(found.failing?.steps.filter((step) => step.startsWith("drop")).length, 1);
});

Deno.test("nodes that answer each other forever do not keep an exploration from ending", async () => {
  const program = programOf({
    program: (node: Node) => {
      node.on("echo", ({ echo }) => {
        for (const peer of node.peers) node.send(peer, { type: "ping" });
        return { echo: String(echo) };
      });
      node.on("ping", (_body, from) => node.send(from, { type: "ping" }));
    },
  }, { name: "ping", args: [] });
  const scope = scopeOf("echo", { nodes: 2, operationCount: 1, program, settleMs: 0 });
  const found = await explore(scope, { stopped });
  assertEquals([found.failing, found.exhausted, found.hasSucceeded], [undefined, false, true]);
});

Deno.test("the reduction keeps the verdict of a search through all orders", async () => {
  for (const operationCount of [1, 2]) {
    const scope = scopeOf("lin-kv", { operationCount, bounds: { ...NO_FAULTS, drops: 1 } });
    const all = await explore(scope, { stopped, reduces: false });
    const reduced = await explore(scope, { stopped });
    assertEquals([all.exhausted, reduced.exhausted], [true, true]);
    assertEquals([all.failing, reduced.failing], [undefined, undefined]);
    assert(reduced.schedules <= all.schedules, `${reduced.schedules} of ${all.schedules}`);
  }
});
