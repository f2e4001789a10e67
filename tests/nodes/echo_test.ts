import { assertEquals } from "@std/assert";
import { echo } from "../../nodes/echo.ts";
import { bin, INIT, line, messagesIn, run, runnable } from "../runtime/executable.ts";
import { MemoryNode } from "../runtime/memory_host.ts";

const VALUES = [
  "Please echo 35",
  "",
  null,
  0,
  -1.5,
  true,
  [],
  {},
  [[{ "": [null] }]],
  "é漢🐙\u2028\0\ud800",
  { a: { b: 1 } },
];

Deno.test("every value is returned unchanged", async () => {
  const node = MemoryNode.started(echo);
  for (const value of VALUES) assertEquals((await node.ask({ type: "echo", echo: value }))["echo"], value);
});

Deno.test("a reply has only the envelope and the value, because Maelstrom refuses other fields", async () => {
  const node = MemoryNode.started(echo);
  const reply = await node.ask({ type: "echo", echo: 1, more: 2 });
  assertEquals(Object.keys(reply).sort(), ["echo", "in_reply_to", "msg_id", "type"]);
  assertEquals(reply.type, "echo_ok");
});

Deno.test("an echo without a value is refused with code 12", async () => {
  const reply = await MemoryNode.started(echo).ask({ type: "echo" });
  assertEquals([reply["code"], reply["text"]], [12, "echo: echo must be any JSON value, but is missing"]);
});

Deno.test("no message is sent to another node", async () => {
  const node = MemoryNode.started(echo);
  for (let i = 0; i < 100; i++) await node.ask({ type: "echo", echo: i }); // fails if anything but the reply is sent
  node.host.clock.advance(1_000_000);
  assertEquals([node.take(), node.host.clock.waiting], [[], 0]);
});

Deno.test("the executable returns every value unchanged", { ignore: !runnable("echo") }, async () => {
  const requests = VALUES.map((echo, i) => line({ type: "echo", msg_id: i + 2, echo }));
  const { code, stdout } = await run(bin("echo"), { input: INIT + requests.join("") });
  assertEquals(code, 0);
  assertEquals(messagesIn(stdout).slice(1).map(({ body }) => body["echo"]), VALUES);
});
