/** The behavior that every node shares. Processes are tested in `process_test.ts`. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CODE, invariant, InvariantError, RpcError } from "../../lib/protocol/errors.ts";
import { echo } from "../../lib/protocol/echo.ts";
import { type Body, oneWay, rpc } from "../../lib/protocol/message.ts";
import { integer, optional, string } from "../../lib/protocol/schema.ts";
import type { Node } from "../../lib/runtime/node.ts";
import { MemoryNode, microtasks } from "./memory_host.ts";

const add = rpc("add", {
  description: "An example.",
  request: { delta: integer, by: optional(string) },
  reply: { sum: integer },
});
const hint = oneWay("hint", { description: "An example.", request: { key: string } });

/** A program with every kind of handler. */
function program(node: Node): void {
  let sum = 0;
  node.on(echo, ({ echo }) => ({ echo }));
  node.on(add, ({ delta }) => ({ sum: sum += delta }));
  node.on(hint, ({ key }) => node.log(`hint ${key}`));
  node.on("throw", ({ what }) => {
    if (what === "rpc") throw new RpcError(CODE.preconditionFailed, "it was 3");
    if (what === "invariant") invariant(false, "one is two");
    throw new Error("a bug");
  });
  node.on("later", async ({ what }) => {
    await Promise.resolve();
    if (what === "rpc") throw new RpcError(1234, "own code");
    if (what === "invariant") throw new InvariantError("later on");
    if (what === "bug") throw new TypeError("a bug later");
    return { late: true };
  });
  node.on("ask", async ({ dest, timeoutMs }) => {
    const options = typeof timeoutMs === "number" ? { timeoutMs } : {};
    const { type, ...rest } = await node.rpc(String(dest), { type: "question" }, options);
    return { answered: type, fields: Object.keys(rest) };
  });
}

const started = () => MemoryNode.started(program);

/** The error reply's code and text. */
async function refusal(node: MemoryNode, body: Body): Promise<readonly [code: unknown, text: string]> {
  const { type, code, text } = await node.ask(body);
  assertEquals(type, "error");
  return [code, String(text)];
}

Deno.test("a reply has the handler's fields, the type with _ok, in_reply_to and msg_id", () => {
  const node = started();
  node.give({ type: "echo", msg_id: 17, echo: { a: [1, null, "é\u2028\ud800"] } });
  assertEquals(node.take(), [{
    src: "n1",
    dest: "c1",
    body: { type: "echo_ok", in_reply_to: 17, msg_id: 2, echo: { a: [1, null, "é\u2028\ud800"] } },
  }]);
});

Deno.test("each message of a node has its own msg_id", async () => {
  const node = started();
  const ids = new Set<unknown>();
  for (let i = 0; i < 100; i++) ids.add((await node.ask({ type: "echo", echo: i })).msg_id);
  assertEquals(ids.size, 100);
});

Deno.test("a program starts after init with its id, all ids in order, and its peers", () => {
  const seen: Array<Pick<Node, "id" | "ids" | "peers">> = [];
  const node = new MemoryNode(({ id, ids, peers }) => seen.push({ id, ids, peers }));
  assertEquals(seen, []);
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n3", "n1", "n2"] }, "c0");
  assertEquals(seen, [{ id: "n1", ids: ["n3", "n1", "n2"], peers: ["n3", "n2"] }]);
});

Deno.test("a handler gets the body and the sender", async () => {
  let seen: unknown;
  const node = MemoryNode.started((node) => node.on("look", (body, from) => (seen = { body, from }, {})));
  await node.ask({ type: "look", x: 1 }, "c7");
  assertEquals(seen, { body: { type: "look", x: 1, msg_id: 1 }, from: "c7" });
});

Deno.test("an unknown type gets error 10 with the known types", async () => {
  const [code, text] = await refusal(started(), { type: "ecko", echo: 1 });
  assertEquals(code, CODE.notSupported);
  assertEquals(text, 'unknown type "ecko"; this node knows echo, add, hint, throw, later, ask');
  for (const type of ["", "__proto__", "toString", "init_ok", "error", "x".repeat(100_000)]) {
    const [code, text] = await refusal(started(), { type });
    assertEquals(code, CODE.notSupported);
    assert(text.length < 500, "the reply does not repeat what is long");
  }
});

Deno.test("a missing or wrong field gets error 12 with its name and the expected type", async () => {
  const node = started();
  assertEquals(await refusal(node, { type: "add" }), [12, "add: delta must be an integer, but is missing"]);
  assertEquals(await refusal(node, { type: "add", delta: "1" }), [
    12,
    'add: delta must be an integer, but is "1"',
  ]);
  assertEquals(await refusal(node, { type: "add", delta: 1, by: 2 }), [
    12,
    "add: by must be a string, but is 2",
  ]);
  assertEquals((await node.ask({ type: "add", delta: 5 }))["sum"], 5, "what was refused left no trace");
});

Deno.test("a malformed envelope gets error 12 if it can be answered, and is logged", () => {
  const answered = [
    '{"src":"c1","dest":"n1","body":{"msg_id":7}}',
    '{"src":"c1","dest":"n1","body":{"type":4,"msg_id":7}}',
    '{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":7,"in_reply_to":"x"}}',
    '{"src":"c1","body":{"type":"echo","msg_id":7,"echo":1}}',
  ];
  for (const line of answered) {
    const node = started();
    node.line(line);
    const [reply, ...more] = node.take();
    assertEquals(
      [reply?.src, reply?.dest, reply?.body["code"], reply?.body.in_reply_to],
      ["n1", "c1", 12, 7],
      line,
    );
    assertEquals(more, []);
    assertMatch(node.host.logged.at(-1) ?? "", /^malformed line: /);
  }
});

Deno.test("a line without sender, msg_id or JSON, or for another node, is logged and ignored", () => {
  const silent = [
    "not JSON",
    "{",
    "null",
    "[]",
    '"text"',
    "{}",
    '{"src":"c1","dest":"n1"}',
    '{"src":"c1","dest":"n1","body":[]}',
    '{"dest":"n1","body":{"type":"echo","msg_id":7,"echo":1}}',
    '{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1.5,"echo":1}}',
    '{"src":"c1","dest":"n1","body":{"type":"nonsense"}}',
    '{"src":"c1","dest":"n2","body":{"type":"echo","msg_id":7,"echo":1}}',
    '{"src":"c1","dest":"n2","body":{"msg_id":7}}',
    '{"src":"c1","dest":"","body":{"type":"init","msg_id":1,"node_id":"","node_ids":[]}}',
  ];
  for (const line of silent) {
    const node = started();
    node.line(line);
    assertEquals(node.take(), [], line);
    assertEquals(node.host.logged.length, 1, line);
    assertEquals(node.host.failures, []);
  }
});

Deno.test("a message with further fields in its envelope is answered", () => {
  const node = started();
  node.line(
    '{"id":3,"problem":"none","src":"c1","dest":"n1","body":{"type":"echo","msg_id":7,"echo":1,"more":2}}',
  );
  assertEquals(node.take().map(({ body }) => body.in_reply_to), [7]);
});

Deno.test("an empty line is ignored without a log line", () => {
  const node = started();
  node.line("");
  assertEquals([node.take(), node.host.logged], [[], []]);
});

Deno.test("a request before init gets error 11 from the id that it was sent to", () => {
  const node = new MemoryNode(program);
  node.give({ type: "echo", msg_id: 1, echo: 1 });
  const [reply] = node.take();
  assertEquals([reply?.src, reply?.dest, reply?.body["code"], reply?.body.in_reply_to], ["n1", "c1", 11, 1]);
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] });
  assertEquals(node.take()[0]?.body.type, "init_ok");
});

Deno.test("an invalid init gets error 12, and a later valid one is accepted", () => {
  const node = new MemoryNode(program);
  const wrong: Body[] = [
    { type: "init", msg_id: 1 },
    { type: "init", msg_id: 1, node_id: "n1" },
    { type: "init", msg_id: 1, node_id: 1, node_ids: ["n1"] },
    { type: "init", msg_id: 1, node_id: "n1", node_ids: "n1" },
    { type: "init", msg_id: 1, node_id: "n2", node_ids: ["n1", "n2"] },
    { type: "init", msg_id: 1, node_id: "n1", node_ids: ["n2", "n3"] },
  ];
  for (const body of wrong) {
    node.give(body);
    assertEquals(node.take().map(({ body }) => body["code"]), [12], JSON.stringify(body));
  }
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] });
  assertEquals(node.take()[0]?.body.type, "init_ok");
});

Deno.test("a repeated init gets init_ok, and the program does not start again", () => {
  let runs = 0;
  const node = MemoryNode.started(() => runs++);
  node.give({ type: "init", msg_id: 9, node_id: "n1", node_ids: ["n1", "n2", "n3"] });
  assertEquals(node.take().map(({ body }) => [body.type, body.in_reply_to]), [["init_ok", 9]]);
  assertEquals(runs, 1);
});

Deno.test("a second init with other nodes gets error 12, and the node continues unchanged", async () => {
  const node = started();
  node.give({ type: "init", msg_id: 9, node_id: "n1", node_ids: ["n1", "n2"] });
  const [reply] = node.take();
  assertEquals([reply?.body["code"], reply?.body["text"]], [
    12,
    "init: this node is n1 of n1, n2, n3 already",
  ]);
  assertEquals((await node.ask({ type: "echo", echo: 1 }))["echo"], 1);
});

Deno.test("a reply that no request waits for is logged and ignored", () => {
  const node = started();
  node.give({ type: "echo_ok", in_reply_to: 1, echo: 1 });
  node.give({ type: "error", in_reply_to: 99, msg_id: 4, code: 13, text: "x" });
  assertEquals(node.take(), []);
  assertMatch(
    node.host.logged.join("\n"),
    /^ignored a reply from c1 to 1, which no request waits for\nignored/,
  );
});

Deno.test("an RpcError of a handler is its reply", async () => {
  const node = started();
  assertEquals(await refusal(node, { type: "throw", what: "rpc" }), [22, "it was 3"]);
  assertEquals(await refusal(node, { type: "later", what: "rpc" }), [1234, "own code"]);
  assertEquals(node.host.logged, [], "an answer that was meant is nothing to log");
});

Deno.test("any other error of a handler gets error 13 and is logged with its stack", async () => {
  const node = started();
  assertEquals(await refusal(node, { type: "throw", what: "bug" }), [13, "a bug"]);
  assertEquals(await refusal(node, { type: "later", what: "bug" }), [13, "a bug later"]);
  assertEquals(node.host.logged.length, 2);
  for (const line of node.host.logged) {
    assertMatch(line, /^handler of (throw|later) failed: .*\n.*node_test\.ts/);
  }
  assertEquals(node.host.failures, []);
});

Deno.test("a broken invariant ends the node without a reply", async () => {
  for (const type of ["throw", "later"]) {
    const node = started();
    node.give({ type, msg_id: 1, what: "invariant" });
    await microtasks();
    assertEquals(node.take(), []);
    assertEquals(node.host.failures.length, 1);
    assert(node.host.failures[0] instanceof InvariantError);
  }
});

Deno.test("a program that throws at its start ends the node without init_ok", () => {
  const node = new MemoryNode(() => {
    throw new Error("no such setting");
  });
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] });
  assertEquals([node.take().length, node.host.failures.length], [0, 1]);
});

Deno.test("two handlers for one type end the node", () => {
  const node = new MemoryNode((node) => {
    node.on("a", () => ({}));
    node.on("a", () => ({}));
  });
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] });
  assertStringIncludes(String(node.host.failures[0]), "two handlers for a");
});

Deno.test("a handler result that is not a valid reply gets error 13", async () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const results: ReadonlyArray<readonly [result: unknown, text: string]> = [
    ["text", "a handler returns an object"],
    [[1], "a handler returns an object"],
    [null, "a handler returns an object"],
    [{ type: "x" }, "must not set type"],
    [{ in_reply_to: 1 }, "must not set type, in_reply_to"],
    [{ msg_id: 1 }, "must not set"],
    [cycle, ""],
  ];
  for (const [result, text] of results) {
    // A declaration by name takes any fields: what a program in JavaScript could return.
    const node = MemoryNode.started((node) =>
      node.on("go", () => Object(result) === result ? Object(result) : result)
    );
    const [code, given] = await refusal(node, { type: "go" });
    assertEquals(code, 13);
    assertStringIncludes(given, text);
  }
});

Deno.test("a one-way handler and a request without msg_id cause no reply", async () => {
  const node = MemoryNode.started((node) => {
    node.on(hint, () => {});
    node.on("mute", () => {});
    node.on(echo, ({ echo }) => ({ echo }));
    node.on("fail", () => Promise.reject(new RpcError(14, "no")));
  });
  node.give({ type: "hint", msg_id: 1, key: "a" });
  node.give({ type: "mute", msg_id: 2 });
  node.give({ type: "echo", echo: 1 });
  node.give({ type: "fail" });
  node.give({ type: "unknown" });
  await microtasks();
  assertEquals(node.take(), []);
});

Deno.test("a waiting handler does not delay others", async () => {
  const node = started();
  node.give({ type: "ask", msg_id: 1, dest: "n2" });
  node.give({ type: "echo", msg_id: 2, echo: "x" });
  await microtasks();
  const [question, answer] = node.take();
  assertEquals([question?.dest, question?.body.type], ["n2", "question"]);
  assertEquals(answer?.body.in_reply_to, 2);
  assertEquals(node.runtime.unfinished, 1);
  node.give({ type: "question_ok", in_reply_to: question?.body.msg_id ?? -1, a: 1 }, "n2");
  await microtasks();
  assertEquals(node.take().map(({ body }) => [body.in_reply_to, body["answered"]]), [[1, "question_ok"]]);
  assertEquals(node.runtime.unfinished, 0);
});

Deno.test("a parsed message is handled as its line is", () => {
  const node = started();
  node.runtime.receiveMessage({ src: "c1", dest: "n1", body: { type: "echo", msg_id: 6, echo: 1 } });
  node.runtime.receiveMessage({ src: "c1", dest: "n1", body: { type: 7, msg_id: 8 } });
  const replies = node.take().map(({ body }) => [body.in_reply_to, body["echo"] ?? body["code"]]);
  assertEquals(replies, [[6, 1], [8, CODE.malformedRequest]]);
});

Deno.test("when input ends, pending rpcs fail with code 0 and their requests are answered", async () => {
  const node = started();
  node.give({ type: "ask", msg_id: 5, dest: "n2", timeoutMs: 60_000 });
  await microtasks();
  node.take();
  node.runtime.drain();
  await microtasks();
  assertEquals(node.take().map(({ body }) => [body.in_reply_to, body["code"]]), [[5, 0]]);
  assertEquals(node.runtime.unfinished, 0);
  node.give({ type: "echo", msg_id: 6, echo: 1 });
  node.runtime.receiveMessage({ src: "c1", dest: "n1", body: { type: "echo", msg_id: 7, echo: 1 } });
  assertEquals(node.take(), [], "what comes after the end is not read");
});

Deno.test("a program that repeats failed rpcs forever does not keep a node from ending", async () => {
  let attempts = 0;
  const node = MemoryNode.started((node) => {
    node.on("persist", async () => {
      for (;;) {
        attempts++;
        await node.rpc("n2", { type: "question" }).catch(() => {});
      }
    });
  });
  node.give({ type: "persist", msg_id: 1 });
  await microtasks();
  node.runtime.drain();
  await microtasks();
  assertEquals(attempts, 2, "the next attempt fails in a later turn");
  node.host.clock.advance(1);
  await microtasks();
  assert(attempts > 2);
  const before = attempts;
  node.runtime.stop();
  node.host.clock.advance(1000);
  await microtasks();
  assertEquals(attempts, before, "a stopped node has no further turn");
});

Deno.test("a node keeps no state of completed requests, replies and timeouts", async () => {
  const node = started();
  for (let i = 0; i < 2000; i++) await node.ask({ type: "echo", echo: i });
  node.give({ type: "ask", msg_id: 1, dest: "n2", timeoutMs: 5 });
  node.host.clock.advance(5);
  await microtasks();
  assertEquals([node.host.clock.waiting, node.runtime.unfinished], [0, 0]);
});
