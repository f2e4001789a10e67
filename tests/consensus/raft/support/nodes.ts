/** A cluster of whole nodes with Raft on the product's simulator. */

import { assert, assertEquals } from "@std/assert";
import { raftSettings, replicate } from "../../../../lib/consensus/raft/driver.ts";
import { type Json, json } from "../../../../lib/protocol/schema.ts";
import { type Node, Runtime } from "../../../../lib/runtime/node.ts";
import type { NodeFault } from "../../../../lib/sim/cluster.ts";
import { InProcessCluster } from "../../../../lib/sim/in_process.ts";
import type { Disk } from "../../../../lib/sim/disk.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";
import { VirtualClock } from "../../../../lib/sim/virtual_clock.ts";
import { Register, type RegisterCommand } from "../../support/register.ts";
import { deliveryOf } from "../../../sim/delivery.ts";

type Settings = Parameters<typeof replicate>[1];

const defaults = Object.fromEntries(
  Object.entries(raftSettings).map(([key, setting]) => [key, setting.default]),
) as Omit<Settings, "machine">;

/** Whole nodes that replicate a register, on the product's simulator, with a latency of 1 ms. */
export class Nodes {
  readonly clock = new VirtualClock();
  readonly faults: NodeFault[] = [];
  readonly logs: string[] = [];
  readonly replies = new Map<number, Json>();
  serverMessages = 0;
  /** The messages that a node does not receive: its id and their type. */
  readonly deafTo = new Set<string>();
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
      isWatched: true,
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

  /** Returns the current value that a node watches. */
  watched(id: string, name: string): unknown {
    return this.#cluster.watchedOf(id, name);
  }

  /** Returns the node that leads, by its own account, in the highest term. */
  leader(): string {
    const term = (id: string) => Number(this.watched(id, "term"));
    const leaders = this.#ids.filter((id) => this.watched(id, "role") === "leader");
    const [leader] = leaders.sort((a, b) => term(b) - term(a));
    assert(leader !== undefined, "no node leads");
    return leader;
  }

  diskOf(id: string): Disk {
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
      if (this.deafTo.has(`${dest} ${body.type}`)) return;
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
