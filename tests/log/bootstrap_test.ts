import { assertEquals, assertThrows } from "@std/assert";
import { Bootstrap } from "../../lib/log/bootstrap.ts";
import { OriginLogs } from "../../lib/log/origin_logs.ts";
import { RpcError } from "../../lib/protocol/errors.ts";
import type { Json } from "../../lib/protocol/schema.ts";
import { MemoryNode, microtasks } from "../runtime/memory_host.ts";

const QUIET_MS = 200;

interface Started {
  readonly node: MemoryNode;
  readonly bootstrap: Bootstrap;
  readonly logs: OriginLogs;
}

/** Starts a node with two peers, whose log is new unless stated otherwise. */
function started(isNew = true): Started {
  const logs = new OriginLogs({ origin: "n1.x", deliver: () => {} });
  const found: Bootstrap[] = [];
  const node = MemoryNode.started((node) => {
    found.push(new Bootstrap(node, { replica: logs, isNew, quietMs: QUIET_MS }));
  });
  const [bootstrap] = found;
  if (bootstrap === undefined) throw new Error("the program did not run");
  return { node, bootstrap, logs };
}

/** Answers the requests for vectors that the node has sent. */
async function answer(node: MemoryNode, known: Readonly<Record<string, Json>>): Promise<void> {
  for (const { dest, body } of node.take()) {
    node.give({ type: "known_ok", known, in_reply_to: body.msg_id ?? 0 }, dest);
  }
  await microtasks();
}

Deno.test("a node that has its stored log may write at once", () => {
  assertEquals(started(false).bootstrap.ready(), undefined);
});

Deno.test("a new node asks its peers after the quiet time, or when a write arrives", () => {
  const quiet = started();
  quiet.node.host.clock.advance(QUIET_MS - 1);
  assertEquals(quiet.node.take(), []);
  quiet.node.host.clock.advance(1);
  assertEquals(quiet.node.take().map(({ dest }) => dest), ["n2", "n3"]);
  const writing = started();
  writing.bootstrap.ready();
  assertEquals(writing.node.take().map(({ dest }) => dest), ["n2", "n3"]);
});

Deno.test("a new node may write once it has everything that its peers have", async () => {
  const { node, bootstrap, logs } = started();
  bootstrap.ready();
  await answer(node, { "n2.y": 2 });
  assertEquals(bootstrap.ready() === undefined, false);
  logs.merge("n2.y", [0, "a", "b"]);
  bootstrap.progress();
  assertEquals(bootstrap.ready(), undefined);
});

Deno.test("a new node waits for nothing that a malformed answer names", async () => {
  const { node, bootstrap } = started();
  bootstrap.ready();
  await answer(node, { "n2.y": "5" });
  assertEquals(bootstrap.ready(), undefined);
});

Deno.test("a new node may write if it learns nothing for half a second", async () => {
  const { node, bootstrap } = started();
  bootstrap.ready();
  await answer(node, { "n2.y": 2 });
  node.host.clock.advance(500);
  assertEquals(bootstrap.ready(), undefined);
});

Deno.test("a write is refused while the bootstrap takes longer than a second", async () => {
  const { node, bootstrap, logs } = started();
  bootstrap.ready();
  await answer(node, { "n2.y": 9 });
  for (let i = 0; i < 4; i++) { // it makes progress, so it is not abandoned
    node.host.clock.advance(400);
    logs.merge("n2.y", [i, i]);
    bootstrap.progress();
  }
  assertThrows(() => bootstrap.ready(), RpcError, "still learning");
});
