import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Json } from "../../../lib/protocol/schema.ts";
import { isRegisterResult } from "../support/register.ts";
import { Nodes } from "./support/nodes.ts";

Deno.test("any node takes any request, and the results agree", async () => {
  const nodes = new Nodes({ storage: false });
  await nodes.run(1000);
  const write = nodes.ask("n0", { f: "write", value: 5 });
  await nodes.run(100);
  const failing = nodes.ask("n1", { f: "cas", from: 4, to: 6 });
  await nodes.run(100);
  const swap = nodes.ask("n1", { f: "cas", from: 5, to: 6 });
  await nodes.run(100);
  const reads = ["n0", "n1", "n2"].map((id) => nodes.ask(id, { f: "read" }));
  await nodes.run(100);
  assertEquals(nodes.result(write), { version: 1, value: 5, changed: true });
  assertEquals(nodes.result(failing), { version: 1, value: 5, changed: false });
  assertEquals(nodes.result(swap), { version: 2, value: 6, changed: true });
  for (const read of reads) assertEquals(nodes.result(read), { version: 2, value: 6, changed: false });
});

Deno.test("with stores, killing all nodes loses no acknowledged command", async () => {
  const nodes = new Nodes({ storage: true, settings: { snapshotEntries: 5 } });
  await nodes.run(1000);
  const writes = [1, 2, 3, 4, 5, 6, 7].map((value) => nodes.ask(`n${value % 3}`, { f: "write", value }));
  await nodes.run(200);
  const results: unknown[] = writes.map((id) => nodes.result(id));
  const versions = results.filter(isRegisterResult).map(({ version }) => version);
  assertEquals(versions.sort(), [1, 2, 3, 4, 5, 6, 7]);
  for (const id of ["n0", "n1", "n2"]) nodes.kill(id);
  for (const id of ["n0", "n1", "n2"]) nodes.start(id);
  const read = nodes.ask("n1", { f: "read" });
  await nodes.run(2000);
  const result = nodes.result(read);
  assert(isRegisterResult(result) && result.version === 7);
});

Deno.test("without stores, a killed node rejoins and the cluster continues", async () => {
  const nodes = new Nodes({ storage: false });
  await nodes.run(1000);
  const write = nodes.ask("n0", { f: "write", value: 5 });
  await nodes.run(100);
  nodes.kill("n0");
  nodes.start("n0");
  const read = nodes.ask("n0", { f: "read" });
  await nodes.run(2000);
  assertEquals(nodes.result(write), { version: 1, value: 5, changed: true });
  assertEquals(nodes.result(read), { version: 1, value: 5, changed: false });
  const status = nodes.tell("n0", { type: "status" });
  const reply = nodes.replies.get(status);
  assert(typeof reply === "object" && reply !== null && "eligible" in reply && reply["eligible"] === true);
});

Deno.test("an idle cluster sends heartbeats only", async () => {
  const nodes = new Nodes({ storage: false, nodes: 5 });
  await nodes.run(2000);
  nodes.serverMessages = 0;
  await nodes.run(6000);
  // Four heartbeats and their answers every 60 ms.
  assert(nodes.serverMessages <= 8 * 6000 / 60 + 8, `${nodes.serverMessages} messages`);
});

Deno.test("a single node serves reads and writes", async () => {
  const nodes = new Nodes({ storage: true, nodes: 1 });
  await nodes.run(1000);
  const write = nodes.ask("n0", { f: "write", value: 5 });
  const read = nodes.ask("n0", { f: "read" });
  await nodes.run(100);
  assertEquals(nodes.result(write), { version: 1, value: 5, changed: true });
  assert(isRegisterResult(nodes.result(read)));
});

function isEligible(nodes: Nodes, id: string): Json {
  const reply = nodes.replies.get(nodes.tell(id, { type: "status" }));
  assert(typeof reply === "object" && reply !== null && "eligible" in reply, JSON.stringify(reply));
  return reply["eligible"] ?? null;
}

Deno.test("a node with a damaged store logs the damage and rejoins", async () => {
  const nodes = new Nodes({ storage: true });
  await nodes.run(1000);
  const write = nodes.ask("n1", { f: "write", value: 5 });
  await nodes.run(200);
  nodes.kill("n0");
  nodes.diskOf("n0").damage({ kind: "flip", file: "n0.store", byte: 300, bit: 0 });
  nodes.start("n0");
  await nodes.run(20);
  assertEquals(isEligible(nodes, "n0"), false);
  const read = nodes.ask("n0", { f: "read" });
  await nodes.run(2000);
  assertMatch(
    nodes.logs.join("\n"),
    /^n0: the store is damaged: disk\/n0\.store is damaged at byte .*rejoins/m,
  );
  assert(isRegisterResult(nodes.result(write)));
  assertEquals(nodes.result(read), { version: 1, value: 5, changed: false });
  assertEquals(isEligible(nodes, "n0"), true);
});

Deno.test("a node with a deleted store does not vote while its previous incarnation is known", async () => {
  const nodes = new Nodes({ storage: true });
  await nodes.run(1000);
  nodes.kill("n2"); // n0 and n1 acknowledge what n2 does not have
  nodes.ask("n1", { f: "write", value: 5 });
  await nodes.run(1000);
  nodes.kill("n0");
  nodes.kill("n1");
  for (const file of ["n0.store", "n0.mark"]) nodes.diskOf("n0").damage({ kind: "remove", file });
  nodes.start("n0");
  nodes.start("n2");
  await nodes.run(3000);
  assertEquals([isEligible(nodes, "n0"), isEligible(nodes, "n2")], [false, true]);
  const read = nodes.ask("n2", { f: "read" });
  nodes.start("n1"); // it has the write, and with n2 a majority
  await nodes.run(3000);
  const result = nodes.result(read);
  assert(isRegisterResult(result) && result.value === 5, JSON.stringify(result));
  assertEquals(isEligible(nodes, "n0"), true);
});

Deno.test("a single node with a damaged store ends, because no other node knows what it acknowledged", async () => {
  const nodes = new Nodes({ storage: true, nodes: 1 });
  await nodes.run(1000);
  nodes.ask("n0", { f: "write", value: 5 });
  await nodes.run(100);
  nodes.kill("n0");
  await nodes.run(100);
  nodes.diskOf("n0").damage({ kind: "truncate", file: "n0.store", size: 300 });
  nodes.start("n0");
  const [fault] = nodes.faults.splice(0);
  assert(fault?.kind === "ended" && fault.text.includes("n0.store"), JSON.stringify(fault));
});
