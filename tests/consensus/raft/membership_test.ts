/** Nodes that leave the membership and join it again, at the level of whole nodes. */

import { assert, assertEquals } from "@std/assert";
import type { Json } from "../../../lib/protocol/schema.ts";
import { isRegisterResult } from "../support/register.ts";
import { Nodes } from "./support/nodes.ts";

/** Sends a request and returns its reply after some time: its type, with the code of an error. */
async function reply(nodes: Nodes, id: string, body: { readonly [key: string]: Json }, ms = 1000) {
  const sent = nodes.tell(id, body);
  await nodes.run(ms);
  const got = nodes.replies.get(sent);
  if (typeof got !== "object" || got === null || !("type" in got)) return "none";
  return got["type"] === "error" && "code" in got ? `error ${got["code"]}` : String(got["type"]);
}

function voters(nodes: Nodes, id: string): unknown {
  const known = nodes.watched(id, "voters");
  return Array.isArray(known) ? known.toSorted() : known;
}

async function started(count: number, options: { readonly storage?: boolean } = {}): Promise<Nodes> {
  const nodes = new Nodes({ storage: options.storage ?? true, nodes: count });
  await nodes.run(1000);
  return nodes;
}

/** Returns a node that does not lead. */
function follower(nodes: Nodes): string {
  return nodes.leader() === "n0" ? "n1" : "n0";
}

Deno.test("a follower that leaves does not vote any more, and serves its clients", async () => {
  const nodes = await started(3);
  const left = follower(nodes);
  assertEquals(await reply(nodes, left, { type: "leave" }, 100), "leave_ok");
  assertEquals(voters(nodes, nodes.leader()), ["n0", "n1", "n2"].filter((id) => id !== left));
  await nodes.run(3000); // longer than its election timeout
  assertEquals(nodes.watched(left, "outside"), true);
  const write = nodes.ask(left, { f: "write", value: 5 });
  await nodes.run(50);
  assertEquals(nodes.result(write), { version: 1, value: 5, changed: true });
});

Deno.test("a removed node starts no election", async () => {
  const nodes = await started(3);
  const [leader, term] = [nodes.leader(), nodes.watched("n0", "term")];
  assertEquals(await reply(nodes, follower(nodes), { type: "leave" }), "leave_ok");
  await nodes.run(10_000);
  assertEquals([nodes.leader(), nodes.watched(leader, "term")], [leader, term]);
});

Deno.test("a leader that leaves hands over its leadership first", async () => {
  const nodes = await started(3);
  const leader = nodes.leader();
  const pause = nodes.ask(leader, { f: "write", value: 1 });
  assertEquals(await reply(nodes, leader, { type: "leave" }, 100), "leave_ok"); // less than an election timeout
  assert(isRegisterResult(nodes.result(pause)));
  assert(nodes.leader() !== leader);
  assertEquals(nodes.watched(leader, "role"), "follower");
  const read = nodes.ask(leader, { f: "read" });
  await nodes.run(700);
  assertEquals(nodes.result(read), { version: 1, value: 1, changed: false });
});

Deno.test("a node that joins catches up and is a voter again", async () => {
  const nodes = await started(3);
  const left = follower(nodes);
  assertEquals(await reply(nodes, left, { type: "leave" }), "leave_ok");
  for (let value = 1; value <= 20; value++) nodes.ask(nodes.leader(), { f: "write", value });
  await nodes.run(1000);
  assertEquals(await reply(nodes, left, { type: "join" }, 300), "join_ok");
  await nodes.run(200);
  for (const id of ["n0", "n1", "n2"]) assertEquals(voters(nodes, id), ["n0", "n1", "n2"], id);
  assertEquals(nodes.watched(left, "outside"), false);
  assertEquals(nodes.watched(left, "applied"), nodes.watched(nodes.leader(), "applied"));
});

Deno.test("leaving twice and joining twice change nothing the second time", async () => {
  const nodes = await started(3);
  const left = follower(nodes);
  assertEquals(await reply(nodes, left, { type: "join" }), "join_ok");
  const before = nodes.watched(nodes.leader(), "last index");
  assertEquals(await reply(nodes, left, { type: "leave" }), "leave_ok");
  assertEquals(await reply(nodes, left, { type: "leave" }), "leave_ok");
  assertEquals(nodes.watched(nodes.leader(), "last index"), Number(before) + 1);
});

Deno.test("two nodes that leave at once do so one after the other", async () => {
  const nodes = await started(5);
  const leaving = ["n0", "n1", "n2", "n3", "n4"].filter((id) => id !== nodes.leader()).slice(0, 2);
  const sent = leaving.map((id) => nodes.tell(id, { type: "leave" }));
  await nodes.run(300);
  for (const id of sent) assertEquals(JSON.stringify(nodes.replies.get(id)).includes("leave_ok"), true);
  assertEquals(Number(JSON.stringify(voters(nodes, nodes.leader())).match(/n/g)?.length), 3);
});

Deno.test("the last voter cannot leave", async () => {
  const nodes = await started(2);
  assertEquals(await reply(nodes, "n0", { type: "leave" }), "leave_ok");
  assertEquals(await reply(nodes, "n1", { type: "leave" }), "error 22");
});

Deno.test("a change that would stop the cluster waits, and times out with error 0", async () => {
  const nodes = await started(3);
  const [leader, left] = [nodes.leader(), follower(nodes)];
  const [down = ""] = ["n0", "n1", "n2"].filter((id) => id !== leader && id !== left);
  nodes.kill(down);
  await nodes.run(1000);
  assertEquals(await reply(nodes, left, { type: "leave" }, 3000), "error 0");
  assertEquals(voters(nodes, leader), ["n0", "n1", "n2"]);
  nodes.start(down);
  await nodes.run(1000);
  assertEquals(await reply(nodes, left, { type: "leave" }), "leave_ok");
});

Deno.test("a node confirms that it left only after the removal is committed", async () => {
  const nodes = await started(3);
  const [leader, left] = [nodes.leader(), follower(nodes)];
  const [down = ""] = ["n0", "n1", "n2"].filter((id) => id !== leader && id !== left);
  nodes.kill(down); // the leader has not noticed this, and the two remaining voters have no quorum without it
  assertEquals(await reply(nodes, left, { type: "leave" }, 200), "none");
  assertEquals(voters(nodes, leader), [leader, down].sort());
  nodes.start(down);
  await nodes.run(1500);
  assertEquals(await reply(nodes, left, { type: "leave" }), "leave_ok");
  assertEquals(voters(nodes, down), [leader, down].sort());
});

Deno.test("a leader that cannot hand over its leadership removes itself", async () => {
  const nodes = await started(3);
  const leader = nodes.leader();
  const others = ["n0", "n1", "n2"].filter((id) => id !== leader);
  for (const id of others) nodes.deafTo.add(`${id} raft_timeout_now`);
  assertEquals(await reply(nodes, leader, { type: "leave" }, 1000), "leave_ok");
  await nodes.run(1500);
  assert(others.includes(nodes.leader()));
  assertEquals(voters(nodes, nodes.leader()), others);
});

Deno.test("a join replaces a leave that is under way", async () => {
  const nodes = await started(3);
  const [leader, left] = [nodes.leader(), follower(nodes)];
  const [down = ""] = ["n0", "n1", "n2"].filter((id) => id !== leader && id !== left);
  nodes.kill(down);
  await nodes.run(1000);
  const leave = nodes.tell(left, { type: "leave" });
  await nodes.run(100);
  assertEquals(await reply(nodes, left, { type: "join" }, 300), "join_ok");
  assertEquals(JSON.stringify(nodes.replies.get(leave)).includes('"code":0'), true);
  nodes.start(down);
  await nodes.run(3000);
  assertEquals(voters(nodes, nodes.leader()), ["n0", "n1", "n2"]);
});

for (const storage of [true, false]) {
  Deno.test(`a node that restarted outside the membership ${storage ? "with" : "without"} a store serves and joins`, async () => {
    const nodes = await started(5, { storage });
    const left = follower(nodes);
    const write = nodes.ask(left, { f: "write", value: 7 });
    assertEquals(await reply(nodes, left, { type: "leave" }), "leave_ok");
    assert(isRegisterResult(nodes.result(write)));
    nodes.kill(left);
    nodes.start(left);
    await nodes.run(2000);
    assertEquals(nodes.watched(left, "outside"), true);
    const read = nodes.ask(left, { f: "read" });
    await nodes.run(100);
    assertEquals(nodes.result(read), { version: 1, value: 7, changed: false });
    assertEquals(await reply(nodes, left, { type: "join" }, 1500), "join_ok");
    assertEquals(nodes.watched(left, "eligible to vote"), true);
    assertEquals(voters(nodes, left), ["n0", "n1", "n2", "n3", "n4"]);
  });
}

Deno.test("a leader keeps its leadership while a learner does not answer", async () => {
  const nodes = await started(3);
  const joining = follower(nodes);
  assertEquals(await reply(nodes, joining, { type: "leave" }), "leave_ok");
  const [leader, term] = [nodes.leader(), nodes.watched("n0", "term")];
  nodes.deafTo.add(`${joining} raft_append`); // a learner, so that its next step waits
  nodes.tell(joining, { type: "join" });
  await nodes.run(30);
  nodes.kill(joining);
  await nodes.run(2000);
  assertEquals([nodes.leader(), nodes.watched(leader, "term")], [leader, term]);
});

Deno.test("with stores, a restart of all nodes keeps the membership", async () => {
  const nodes = await started(5);
  const left = follower(nodes);
  assertEquals(await reply(nodes, left, { type: "leave" }), "leave_ok");
  const all = ["n0", "n1", "n2", "n3", "n4"];
  for (const id of all) nodes.kill(id);
  for (const id of all) nodes.start(id);
  await nodes.run(3000);
  assert(nodes.leader() !== left);
  assertEquals(voters(nodes, nodes.leader()), all.filter((id) => id !== left));
  const read = nodes.ask(left, { f: "read" });
  await nodes.run(300);
  assert(isRegisterResult(nodes.result(read)));
});
