import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CODE, RpcError } from "../../lib/protocol/errors.ts";
import type { Body } from "../../lib/protocol/message.ts";
import { type KvClient, kvClient, nextTimestamp } from "../../lib/runtime/clients.ts";
import type { Node } from "../../lib/runtime/node.ts";
import { MemoryNode } from "./memory_host.ts";

/** A node with a client of `seq-kv`, and the service that answers it. */
function withService(): {
  readonly memory: MemoryNode;
  readonly node: Node;
  readonly kv: KvClient;
  /** Answers the pending request, and returns its receiver and body. */
  readonly answer: (
    reply: Body,
  ) => readonly [dest: string | undefined, request: Readonly<Record<string, unknown>>];
} {
  const nodes: Node[] = [];
  const memory = MemoryNode.started((each) => nodes.push(each));
  const [node] = nodes;
  assert(node !== undefined);
  return {
    memory,
    node,
    kv: kvClient(node, { service: "seq-kv", timeoutMs: 500 }),
    answer: (reply) => {
      const [request] = memory.take();
      const { msg_id: msgId, ...asked } = request?.body ?? { type: "nothing" };
      memory.give({ ...reply, in_reply_to: msgId ?? -1 }, request?.dest);
      return [request?.dest, asked];
    },
  };
}

Deno.test("a read resolves to the value, or to undefined for a missing key", async () => {
  const { kv, answer } = withService();
  const found = kv.read("a");
  assertEquals(answer({ type: "read_ok", value: [1] }), ["seq-kv", { type: "read", key: "a" }]);
  assertEquals(await found, [1]);
  const missing = kv.read(7);
  answer({ type: "error", code: CODE.keyDoesNotExist, text: "no key" });
  assertEquals(await missing, undefined);
});

Deno.test("a write resolves when it is acknowledged", async () => {
  const { kv, answer } = withService();
  const written = kv.write("a", { b: null });
  assertEquals(answer({ type: "write_ok" }), ["seq-kv", { type: "write", key: "a", value: { b: null } }]);
  assertEquals(await written, undefined);
});

Deno.test("a cas resolves to its success, and creates a key only with createIfNotExists", async () => {
  const { kv, answer } = withService();
  const done = kv.cas("a", { from: 1, to: 2 });
  assertEquals(answer({ type: "cas_ok" })[1], { type: "cas", key: "a", from: 1, to: 2 });
  assertEquals(await done, true);
  for (const code of [CODE.preconditionFailed, CODE.keyDoesNotExist]) {
    const refused = kv.cas("a", { from: 1, to: 2, create: true });
    assertEquals(answer({ type: "error", code })[1]["create_if_not_exists"], true);
    assertEquals(await refused, false);
  }
});

Deno.test("every other error rejects with its code, and a timeout with 0", async () => {
  const { kv, answer, memory } = withService();
  const operations: ReadonlyArray<() => Promise<unknown>> = [
    () => kv.read("a"),
    () => kv.write("a", 1),
    () => kv.cas("a", { from: 1, to: 2 }),
  ];
  for (const operation of operations) {
    const refused = assertRejects(operation, RpcError);
    answer({ type: "error", code: CODE.temporarilyUnavailable, text: "not now" });
    assertEquals((await refused).code, 11);
    const late = assertRejects(operation, RpcError);
    memory.host.clock.advance(500);
    memory.take();
    assertEquals((await late).code, 0);
  }
});

Deno.test("a malformed reply rejects with the problem", async () => {
  const { kv, answer } = withService();
  const wrong: ReadonlyArray<readonly [reply: Body, problem: string]> = [
    [{ type: "read_ok" }, "value must be any JSON value, but is missing"],
    [{ type: "write_ok" }, "value must be"],
    [{ type: "write_ok", value: 1 }, 'type must be "read_ok"'],
    [{ type: "read_ok", value: 1, more: 2 }, "more is not expected here"],
  ];
  for (const [reply, problem] of wrong) {
    const read = assertRejects(() => kv.read("a"), RpcError);
    answer(reply);
    const { code, message } = await read;
    assertEquals(code, CODE.crash);
    assertStringIncludes(message, `seq-kv answered read: ${problem}`);
  }
});

Deno.test("a call of the timestamp oracle resolves to the next timestamp", async () => {
  const { node, answer } = withService();
  const next = nextTimestamp(node);
  assertEquals(answer({ type: "ts_ok", ts: 41 }), ["lin-tso", { type: "ts" }]);
  assertEquals(await next, 41);
});
