import { assert, assertEquals, assertMatch } from "@std/assert";
import { raftSettings, replicate } from "../../../lib/consensus/raft/driver.ts";
import { type Json, json } from "../../../lib/protocol/schema.ts";
import { type Node, Runtime } from "../../../lib/runtime/node.ts";
import type { NodeFault } from "../../../lib/sim/cluster.ts";
import { InProcessCluster } from "../../../lib/sim/in_process.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { VirtualClock } from "../../../lib/sim/virtual_clock.ts";
import { isRegisterResult, Register, type RegisterCommand } from "../support/register.ts";
import { deliveryOf } from "../../sim/delivery.ts";

type Settings = Parameters<typeof replicate>[1];

const defaults = Object.fromEntries(
  Object.entries(raftSettings).map(([key, setting]) => [key, setting.default]),
) as Omit<Settings, "machine">;

/** Whole nodes that replicate a register, on the product's simulator, with a latency of 1 ms. */
class Nodes {
  readonly clock = new VirtualClock();
  readonly faults: NodeFault[] = [];
  readonly logs: string[] = [];
  readonly replies = new Map<number, Json>();
  serverMessages = 0;
  readonly #cluster: InProcessCluster;
  readonly #ids: readonly string[];
  #nextId = 1;

  constructor(
    options: { readonly storage: boolean; readonly nodes?: number; readonly settings?: Partial<Settings> },
  ) {
    this.#ids = Array.from({ length: options.nodes ?? 3 }, (_, i) => `n${i}`);
    const program = (node: Node) => {
      const machine = new Register();
      const replicated = replicate(node, { ...defaults, ...options.settings, machine });
      node.on("ask", async ({ command }) => {
        assert(json.is(command));
        return { result: await replicated.submit(command) };
      });
      node.on("status", () => ({ eligible: replicated.isEligible }));
    };
    this.#cluster = new InProcessCluster({
      clock: this.clock,
      random: new SeededRandom(7),
      run: (host) => new Runtime(host, program),
      send: (_, line) => this.#carry(line),
      log: (node, text) => this.logs.push(`${node}: ${text}`),
      fault: (fault) => this.faults.push(fault),
      storage: options.storage,
    });
    for (const id of this.#ids) this.start(id);
  }

  start(id: string): void {
    this.#cluster.start(id);
    this.tell(id, { type: "init", node_id: id, node_ids: [...this.#ids] });
  }

  kill(id: string): void {
    this.#cluster.kill(id);
  }

  diskOf(id: string) {
    return this.#cluster.diskOf(id);
  }

  tell(dest: string, body: { readonly [key: string]: Json }): number {
    const msgId = this.#nextId++;
    const message = { src: "c1", dest, body: { ...body, msg_id: msgId } };
    this.#cluster.deliver(dest, deliveryOf(message));
    return msgId;
  }

  ask(dest: string, command: RegisterCommand): number {
    return this.tell(dest, { type: "ask", command });
  }

  #carry(line: string): void {
    const message = JSON.parse(line);
    const { dest, body } = message;
    if (dest === "c1") this.replies.set(body.in_reply_to, body);
    else {
      this.serverMessages++;
      this.clock.after(1, () => this.#cluster.deliver(dest, deliveryOf(message)));
    }
  }

  async run(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    let over = false;
    this.clock.after(ms, () => over = true);
    do {
      while (this.#cluster.hasPendingTurns) {
        await new Promise((resolve) => setTimeout(resolve)); // lets every promise of this turn settle
        this.#cluster.settle();
      }
    } while (!over && this.clock.step());
    assertEquals(this.clock.now(), end);
    assertEquals(this.faults, []);
  }

  result(id: number): Json {
    const reply = this.replies.get(id);
    assert(
      typeof reply === "object" && reply !== null && "result" in reply,
      `no result: ${JSON.stringify(reply)}`,
    );
    return reply["result"] ?? null;
  }
}

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
