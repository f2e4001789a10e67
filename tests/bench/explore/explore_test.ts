/** Explorations of small clusters: built-in nodes are correct in every schedule, and planted mistakes are found. */

import { assert, assertEquals } from "@std/assert";
import { explore, rerun, type Scope, simplest } from "../../../lib/bench/explore/explore.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { RpcError } from "../../../lib/protocol/errors.ts";
import type { Json } from "../../../lib/protocol/schema.ts";
import { failureKinds } from "../../../lib/bench/replay/case.ts";
import { isInSlice, longTest } from "../../seeds.ts";
import { NO_FAULTS, scopeOf, stopped } from "./scopes.ts";

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

Deno.test("broadcast holds in every schedule of two operations, a lost message and a late timer", {
  ignore: !isInSlice(0, 3),
}, async () => {
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
  const program = register((node, values) => {
    node.on("read", ({ key }) => {
      if (!values.has(String(key))) throw new RpcError(20, "absent");
      return { value: values.get(String(key)) as Json };
    });
  });
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
  const program = (node: Node) => {
    const known = new Set<unknown>();
    node.on("topology", () => ({}));
    node.on("broadcast", ({ message }) => {
      known.add(message);
      for (const peer of node.peers) node.send(peer, { type: "gossip", message });
      return {};
    });
    node.on("gossip", ({ message }) => void known.add(message));
    node.on("read", () => ({ messages: [...known] as number[] }));
  };
  const scope = scopeOf("broadcast", { operationCount: 2, seed: 1, program, settleMs: 0 });
  await exhausts(scope);
  const found = await explore({ ...scope, bounds: { ...NO_FAULTS, drops: 1 } }, { stopped });
  assertEquals(found.failing?.steps.filter((step) => step.startsWith("drop")).length, 1);
});

longTest("nodes that answer each other forever do not keep an exploration from ending", async () => {
  const program = (node: Node) => {
    node.on("echo", ({ echo }) => {
      for (const peer of node.peers) node.send(peer, { type: "ping" });
      return { echo: String(echo) };
    });
    node.on("ping", (_body, from) => node.send(from, { type: "ping" }));
  };
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

Deno.test("a value that one node alone has in the end is lost, whichever node it is", async () => {
  for (const only of ["n0", "n1"]) {
    const program = (node: Node) => {
      const known = new Set<number>();
      node.on("topology", () => ({}));
      node.on("broadcast", ({ message }) => {
        if (node.id === only) known.add(Number(message));
        return {};
      });
      node.on("read", () => ({ messages: [...known] }));
    };
    const scope = scopeOf("broadcast", { nodes: 2, operationCount: 2, program, settleMs: 0 });
    const { failing } = await explore(scope, { stopped });
    assert(failing !== undefined, `only ${only} has the value`);
    assertEquals([...failureKinds(failing.result)], ["lost"]);
    const again = await rerun(scope, failing.steps);
    assertEquals(again.explored.history, failing.explored.history);
  }
});

Deno.test("an operation that never ends after the last step is a failure", async () => {
  // The answer of the other node may be lost, and the request is not sent again.
  const program = (node: Node) => {
    node.on("echo", async ({ echo }) => {
      const [peer = node.id] = node.peers;
      await node.rpc(peer, { type: "ping" }, { timeoutMs: 1e9 });
      return { echo: String(echo) };
    });
    node.on("ping", () => ({}));
  };
  const args = ["--progress-within", "10"];
  const scope = scopeOf("echo", { nodes: 2, operationCount: 1, program, settleMs: 0, args });
  assertEquals((await explore(scope, { stopped })).failing, undefined);
  const { failing } = await explore({ ...scope, bounds: { ...NO_FAULTS, drops: 1 } }, { stopped });
  assertEquals([...failureKinds(failing?.result ?? Object.create(null))], ["no-progress"]);
  const { progressWithinS: _, ...test } = scope.test;
  const unbounded = await explore({ ...scope, test, bounds: { ...NO_FAULTS, drops: 1 } }, { stopped });
  assertEquals(unbounded.failing, undefined, "no bound, no check");
});

Deno.test("an operation that a retransmission completes is not a failure", async () => {
  const program = (node: Node) => {
    node.on("echo", async ({ echo }) => {
      const [peer = node.id] = node.peers;
      for (let answered = false; !answered;) {
        answered = await node.rpc(peer, { type: "ping" }, { timeoutMs: 100 }).then(() => true, () => false);
      }
      return { echo: String(echo) };
    });
    node.on("ping", () => ({}));
  };
  const args = ["--progress-within", "10"];
  const scope = scopeOf("echo", {
    nodes: 2,
    operationCount: 1,
    program,
    settleMs: 0,
    args,
    bounds: { drops: 2 },
  });
  await exhausts(scope);
});
