/** Actions of a program: rpcs, sends and timers, also at the end of input. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CODE, InvariantError, RpcError } from "../../lib/protocol/errors.ts";
import type { Body, JsonFields } from "../../lib/protocol/message.ts";
import { type Node, PENDING_RPCS_MAX, TIMERS_MAX } from "../../lib/runtime/node.ts";
import { MemoryNode, microtasks } from "./memory_host.ts";

/** A node with access to its internals. */
function inside(): { readonly memory: MemoryNode; readonly node: Node } {
  const nodes: Node[] = [];
  const memory = MemoryNode.started((each) => nodes.push(each));
  const [node] = nodes;
  assert(node !== undefined);
  return { memory, node };
}

Deno.test("an rpc resolves to the whole body of its reply", async () => {
  const { memory, node } = inside();
  const reply = node.rpc("lin-kv", { type: "read", key: "a" });
  const [request] = memory.take();
  assertEquals([request?.src, request?.dest], ["n1", "lin-kv"]);
  memory.give({ type: "read_ok", in_reply_to: request?.body.msg_id ?? -1, value: 3 }, "lin-kv");
  assertEquals((await reply)["value"], 3);
  assertEquals(memory.host.clock.waiting, 0, "its time-out is gone");
});

Deno.test("an rpc with an error reply rejects with its code and text", async () => {
  const { memory, node } = inside();
  const answers: ReadonlyArray<readonly [fields: object, code: number, text: string]> = [
    [{ code: 20, text: "no such key" }, 20, "no such key"],
    [{ code: 1007 }, 1007, ""],
    [{ code: 20, text: 7 }, 20, ""],
    [{ text: "?" }, 13, "n2 answered an error without a code"],
    [{ code: "20" }, 13, "n2 answered an error without a code"],
  ];
  for (const [fields, code, text] of answers) {
    const reply = node.rpc("n2", { type: "read" });
    const [request] = memory.take();
    memory.give({ type: "error", in_reply_to: request?.body.msg_id ?? -1, ...fields }, "n2");
    const error = await assertRejects(() => reply, RpcError);
    assertEquals([error.code, error.message], [code, text]);
  }
});

Deno.test("an unanswered rpc rejects with code 0 after 1000 ms or the given timeout", async () => {
  const { memory, node } = inside();
  for (const [options, ms] of [[{}, 1000], [{ timeoutMs: 30 }, 30]] as const) {
    let error: unknown;
    node.rpc("n2", { type: "read" }, options).catch((each) => error = each);
    memory.host.clock.advance(ms - 1);
    await microtasks();
    assertEquals(error, undefined);
    memory.host.clock.advance(1);
    await microtasks();
    assert(error instanceof RpcError);
    assertEquals([error.code, error.definite], [0, false]);
    assertEquals(error.message, `n2 did not answer read within ${ms} ms`);
  }
});

Deno.test("a late, repeated or foreign reply is ignored", async () => {
  const { memory, node } = inside();
  const settled: unknown[] = [];
  node.rpc("n2", { type: "read" }).then(
    (body) => settled.push(body["value"]),
    (error) => settled.push(error.code),
  );
  const msgId = memory.take()[0]?.body.msg_id ?? -1;
  memory.give({ type: "read_ok", in_reply_to: msgId, value: "wrong node" }, "n3");
  memory.give({ type: "read_ok", in_reply_to: msgId, value: 1 }, "n2");
  memory.give({ type: "read_ok", in_reply_to: msgId, value: 2 }, "n2");
  await microtasks();
  assertEquals(settled, [1]);
  node.rpc("n2", { type: "read" }).catch((error) => settled.push(error.code));
  memory.host.clock.advance(2000);
  memory.give({ type: "read_ok", in_reply_to: memory.take()[0]?.body.msg_id ?? -1, value: 3 }, "n2");
  await microtasks();
  assertEquals(settled, [1, 0]);
  assertEquals(memory.host.logged.length, 3);
});

Deno.test("every rpc has a msg_id of its own", () => {
  const { memory, node } = inside();
  node.rpc("n2", { type: "a", msg_id: 1 }).catch(() => {});
  node.rpc("n3", { type: "a", msg_id: 1 }).catch(() => {});
  const ids = memory.take().map(({ body }) => body.msg_id);
  assertEquals(new Set([1, ...ids]).size, 3);
});

Deno.test("a one-way message has no msg_id, and a node can send it to itself", () => {
  const { memory, node } = inside();
  node.send("n2", { type: "gossip", values: [1] });
  node.send("n1", { type: "gossip" });
  assertEquals(memory.take(), [
    { src: "n1", dest: "n2", body: { type: "gossip", values: [1] } },
    { src: "n1", dest: "n1", body: { type: "gossip" } },
  ]);
});

Deno.test("a message without a receiver or a type is an error, and nothing is sent", async () => {
  const { memory, node } = inside();
  const unknown: Record<string, string> = {};
  const wrong = [[unknown["leader"], { type: "vote" }], ["n2", undefined], ["n2", {}], ["n2", null], [2, {}]];
  for (const [dest, body] of wrong) {
    assertThrows(() => node.send(dest as string, body as Body), TypeError, "needs");
    await assertRejects(() => node.rpc(dest as string, body as Body), TypeError, "needs");
  }
  assertEquals(memory.take(), []);
});

Deno.test("a delay that is not a number is an error", async () => {
  const { memory, node } = inside();
  for (const delayMs of [NaN, undefined as never]) {
    assertThrows(() => node.after(delayMs, () => {}), RangeError, "number of ms");
    assertThrows(() => node.every(delayMs, () => {}), RangeError, "number of ms");
  }
  await assertRejects(() => node.rpc("n2", { type: "vote" }, { timeoutMs: NaN }), RangeError, "number of ms");
  assertEquals([memory.take(), memory.host.clock.waiting], [[], 0]);
});

Deno.test("timers fire in order of time, and can be canceled", () => {
  const { memory, node } = inside();
  const fired: string[] = [];
  node.after(20, () => void fired.push(`b ${node.now()}`));
  node.after(10, () => void fired.push(`a ${node.now()}`));
  const cancel = node.after(15, () => void fired.push("never"));
  const stop = node.every(8, () => {
    fired.push(`every ${node.now()}`);
    if (node.now() >= 16) stop();
  });
  cancel();
  memory.host.clock.advance(100);
  assertEquals(fired, ["every 8", "a 10", "every 16", "b 20"]);
  assertEquals(memory.host.clock.waiting, 0);
});

Deno.test("timers stop when the node stops, and none can be set after that", () => {
  const { memory, node } = inside();
  let fired = 0;
  node.after(10, () => void fired++);
  node.every(10, () => void fired++);
  memory.runtime.stop();
  node.after(10, () => void fired++);
  memory.host.clock.advance(1000);
  assertEquals([fired, memory.host.clock.waiting], [0, 0]);
});

Deno.test("an error in a timer ends the node, but a failed rpc is only logged", async () => {
  const bug = inside();
  bug.node.after(1, () => {
    throw new Error("a bug");
  });
  bug.node.after(2, () => Promise.reject(new InvariantError("later")));
  bug.memory.host.clock.advance(5);
  await microtasks();
  assertEquals(bug.memory.host.failures.map(String), ["Error: a bug", "InvariantError: later"]);

  const { memory, node } = inside();
  node.every(100, async () => void await node.rpc("n2", { type: "ping" }, { timeoutMs: 50 }));
  for (let i = 0; i < 4; i++) {
    memory.host.clock.advance(100);
    await microtasks();
  }
  assertEquals(memory.host.failures, []);
  assertMatch(memory.host.logged[0] ?? "", /n2 did not answer ping within 50 ms/);
});

Deno.test("when input ends, a reply that waits for a timer is still sent", async () => {
  const memory = MemoryNode.started((node) => {
    node.on(
      "wait",
      () => new Promise<JsonFields>((resolve) => void node.after(50, () => resolve({ waited: 50 }))),
    );
  });
  memory.give({ type: "wait", msg_id: 5 });
  memory.runtime.drain();
  memory.host.clock.advance(50);
  await microtasks();
  assertEquals(memory.take().map(({ body }) => body["waited"]), [50]);
});

Deno.test("when input has ended, a new rpc fails with code 0 in the next turn", async () => {
  const { memory, node } = inside();
  memory.runtime.drain();
  const refused = assertRejects(() => node.rpc("n2", { type: "a" }), RpcError);
  memory.host.clock.advance(0);
  assertEquals((await refused).code, CODE.timeout);
  assertEquals(memory.take(), []);
});

Deno.test("an rpc above the limit is refused with code 11, whether timers run or not", async () => {
  const { memory, node } = inside();
  node.every(1_000_000, () => {});
  for (let i = 0; i < PENDING_RPCS_MAX; i++) node.rpc("n2", { type: "a" }).catch(() => {});
  memory.host.sent = [];
  const error = await assertRejects(() => node.rpc("n2", { type: "a" }), RpcError);
  assertEquals([error.code, error.definite], [CODE.temporarilyUnavailable, true]);
  assertEquals([memory.take(), memory.host.failures], [[], []]);
});

Deno.test("a timer above the limit ends the node", () => {
  const { memory, node } = inside();
  node.after(0, () => {
    for (let i = 0; i <= TIMERS_MAX; i++) node.after(1_000_000, () => {});
  });
  memory.host.clock.advance(0);
  assertStringIncludes(String(memory.host.failures[0]), `more than ${TIMERS_MAX} timers are running`);
});
