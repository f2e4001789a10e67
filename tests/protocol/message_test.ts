import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { isClient, isMessage, oneWay, parseMessage, rpc } from "../../lib/protocol/message.ts";
import { integer, json, optional, string } from "../../lib/protocol/schema.ts";
import * as protocol from "../../lib/protocol/mod.ts";

/** Returns the problem of a line that is expected to be malformed. */
function malformed(line: string) {
  const parsed = parseMessage(line);
  assert(!isMessage(parsed), `taken for a message: ${line}`);
  return parsed;
}

Deno.test("a line with src, dest and a typed body is a message, with any further fields", () => {
  const lines = [
    '{"src":"c1","dest":"n1","body":{"type":"echo"}}',
    '{"id":7,"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1,"echo":null}}',
    ' { "src" : "" , "dest" : "" , "body" : { "type" : "" , "in_reply_to" : -3 } } ',
    '{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":9007199254740991}}',
    // Further fields do not decide whether a line is a message.
    '{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1},"problem":"none"}',
    '{"__proto__":null,"src":"c1","dest":"n1","body":{"type":"__proto__","__proto__":1}}',
  ];
  for (const line of lines) {
    const parsed = parseMessage(line);
    assert(isMessage(parsed), line);
    assertEquals(parsed, JSON.parse(line));
  }
});

Deno.test("a malformed message has a problem, and its readable fields are kept", () => {
  assertStringIncludes(malformed('{"src":"c1",').problem, "not JSON");
  assertStringIncludes(malformed("").problem, "not JSON");
  for (const line of ["null", "3", '"x"', "[1]", "true"]) {
    assertEquals(malformed(line), { problem: `a message is an object {src, dest, body}, this is ${line}` });
  }
  assertEquals(malformed("{}"), { problem: "src must be a string, but is missing" });
  assertEquals(malformed('{"src":1,"dest":"n1","body":{"type":"t","msg_id":4}}'), {
    problem: "src must be a string, but is 1",
    dest: "n1",
    msgId: 4,
  });
  assertEquals(malformed('{"src":"c1","dest":"n1"}'), {
    problem: "body must be {type: a string, msg_id?: an integer, in_reply_to?: an integer}, but is missing",
    src: "c1",
    dest: "n1",
  });
  assertEquals(malformed('{"src":"c1","dest":"n1","body":{"msg_id":5}}'), {
    problem: "body.type must be a string, but is missing",
    src: "c1",
    dest: "n1",
    msgId: 5,
  });
  assertEquals(malformed('{"src":"c1","dest":"n1","body":{"type":"t","msg_id":5,"in_reply_to":"x"}}'), {
    problem: 'body.in_reply_to must be an integer, but is "x"',
    src: "c1",
    dest: "n1",
    msgId: 5,
  });
});

Deno.test("a msg_id is an integer of any size, and any other value is ignored", () => {
  const large = parseMessage('{"src":"c1","dest":"n1","body":{"type":"t","msg_id":18446744073709551615}}');
  assert(isMessage(large));
  assertEquals(large.body.msg_id, 2n ** 64n - 1n);
  for (const id of ["1.5", "1e400", "1.0", '"1"', "null", "[1]", "{}", "true"]) {
    const parsed = malformed(`{"src":"c1","dest":"n1","body":{"type":"t","msg_id":${id}}}`);
    assertStringIncludes(parsed.problem, "body.msg_id must be an integer");
    assertEquals(parsed.msgId, undefined);
  }
});

Deno.test("nesting, length and unusual characters do not make parseMessage throw", () => {
  const deep = 200_000;
  const lines = [
    "[".repeat(deep),
    "[".repeat(deep) + "]".repeat(deep),
    '{"a":'.repeat(deep) + "1" + "}".repeat(deep),
    `{"src":"c1","dest":"n1","body":${"[".repeat(deep)}${"]".repeat(deep)}}`,
    "\0",
    "\ufffd",
    '{"src":"\\ud800","dest":"n1"}',
    `"${"x".repeat(1_000_000)}"`,
    "1e999",
    "-",
  ];
  for (const line of lines) assert(malformed(line).problem.length < 1000, line.slice(0, 40));
});

Deno.test("deep nesting inside a body does not affect the envelope", () => {
  const deep = 100_000;
  const line = `{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1,"echo":${"[".repeat(deep)}${
    "]".repeat(deep)
  }}}`;
  assert(isMessage(parseMessage(line)));
});

Deno.test("an id that begins with c is a client's", () => {
  assertEquals(["c1", "c", "n1", "lin-kv", ""].map(isClient), [true, true, false, false, false]);
});

const example = rpc("take", {
  description: "An example.",
  request: { key: string, hint: optional(integer) },
  reply: { value: json },
});

Deno.test("a request may have further fields, but needs its declared ones", () => {
  const { request } = example;
  assert(request.is({ type: "take", msg_id: 1, key: "a", more: 1 }));
  assert(request.is({ key: "a", hint: 1 }));
  assertEquals(request.problem({ hint: 1 }, ""), "key must be a string, but is missing");
  assertEquals(request.problem({ key: "a", hint: "b" }, ""), 'hint must be an integer, but is "b"');
  assertEquals(request.problem({ key: 7 }, ""), "key must be a string, but is 7");
});

Deno.test("a reply has its declared fields and the envelope's, and no others", () => {
  const { replyBody } = example;
  assert(replyBody.is({ type: "take_ok", in_reply_to: 1, value: null }));
  assert(replyBody.is({ type: "take_ok", in_reply_to: 1, msg_id: 3, value: [1] }));
  const problem = (value: unknown) => replyBody.problem(value, "");
  assertEquals(problem({ type: "take_ok", in_reply_to: 1 }), "value must be any JSON value, but is missing");
  assertEquals(problem({ type: "take_ok", in_reply_to: 1, value: 1, x: 2 }), "x is not expected here");
  assertEquals(
    problem({ type: "taken", in_reply_to: 1, value: 1 }),
    'type must be "take_ok", but is "taken"',
  );
  assertEquals(problem({ type: "take_ok", value: 1 }), "in_reply_to must be an integer, but is missing");
});

Deno.test("a one-way message has no reply", () => {
  const declared = oneWay("hint", { description: "An example.", request: { key: string } });
  assertEquals(declared.reply, undefined);
  assert(declared.request.is({ type: "hint", key: "a" }));
});

Deno.test("every message of a workload has a type, a description and a closed reply", () => {
  const { broadcast, counter, echo, gSet, init, kafka, kv, txn, uniqueIds } = protocol;
  const rooms = [{ init }, broadcast, counter, echo, gSet, kafka, kv, txn, uniqueIds];
  const declared = rooms.flatMap((room) => Object.values(room));
  assert(declared.length >= 18);
  for (const { type, description, reply } of declared) {
    assert(/^[a-z_]+$/.test(type), type);
    assertMatch(description, /\.$/, type);
    assert(!reply.is({ strange: 1 }), type);
  }
});

Deno.test("messages as Maelstrom sends them are accepted, and near misses are refused", () => {
  const { broadcast, gSet, init, kafka, kv, txn } = protocol;
  assert(init.request.is({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1", "n2"] }));
  assert(!init.request.is({ type: "init", node_id: "n1", node_ids: "n1" }));
  assert(broadcast.topology.request.is({ topology: { n1: ["n2"], n2: [] } }));
  assert(!broadcast.topology.request.is({ topology: { n1: "n2" } }));
  assert(gSet.read.replyBody.is({ type: "read_ok", in_reply_to: 1, value: [1, "a", null] }));
  assert(kafka.poll.request.is({ offsets: { "9": 1000 } }));
  assert(!kafka.poll.request.is({ offsets: { "9": -1 } }));
  assert(kafka.poll.replyBody.is({ type: "poll_ok", in_reply_to: 1, msgs: { k: [[0, "a"], [2, 9]] } }));
  assert(!kafka.poll.replyBody.is({ type: "poll_ok", in_reply_to: 1, msgs: { k: [[0, "a", 1]] } }));
  assert(kv.cas.request.is({ key: 1, from: null, to: 2, create_if_not_exists: true }));
  assert(!kv.cas.request.is({ key: 1, to: 2 }));
  assert(txn.rwRegister.request.is({ txn: [["r", 1, null], ["w", "x", 6]] }));
  assert(!txn.rwRegister.request.is({ txn: [["append", 1, 2]] }));
  assert(txn.listAppend.request.is({ txn: [["append", 1, 2], ["r", 1, [2]]] }));
  assert(!txn.listAppend.request.is({ txn: [["r", {}, null]] }));
});
