/**
 * A small cluster in virtual time that a test controls: request, wait, partition, kill.
 *
 * It runs whole nodes on the product's simulator, and not pure machines on `tests/support/machine_network.ts`.
 */

import { type Body, hasEnvelope, isClient, type Message } from "../../lib/protocol/message.ts";
import type { Json } from "../../lib/protocol/schema.ts";
import type { Node } from "../../lib/runtime/node.ts";
import { Runtime } from "../../lib/runtime/node.ts";
import type { Disk } from "../../lib/sim/disk.ts";
import { InProcessCluster } from "../../lib/sim/in_process.ts";
import { Network } from "../../lib/sim/network.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";
import { MessageRouter } from "../../lib/sim/message_router.ts";

/** Options of a cluster. */
export interface LogClusterOptions {
  readonly nodes?: number;
  readonly latencyMs?: number;
  readonly storage?: boolean;
  readonly seed?: number;
  /** Called before the nodes are started for the first time. */
  readonly prepare?: (cluster: LogCluster) => void;
  /** True if a node may end by itself; {@linkcode LogCluster.ended} then has the reason. */
  readonly mayEnd?: boolean;
}

/** Nodes n0, n1, … that run one program. */
export class LogCluster {
  readonly ids: readonly string[];
  readonly network: Network;
  /** Messages between nodes, as they were sent. */
  readonly traffic: Message[] = [];
  /** The reason why a node ended by itself, by id, for nodes that are down. */
  readonly ended = new Map<string, string>();
  /** The lines that nodes logged. */
  readonly logs: string[] = [];
  readonly #clock = new VirtualClock();
  readonly #router: MessageRouter;
  readonly #cluster: InProcessCluster;
  readonly #answers = new Map<number, (body: Body) => void>();
  #nextId = 1;

  private constructor(program: (node: Node) => void, options: LogClusterOptions) {
    const { nodes = 2, latencyMs = 0, storage = false, seed = 0 } = options;
    const random = new SeededRandom(seed);
    this.ids = Array.from({ length: nodes }, (_, i) => `n${i}`);
    this.network = new Network({ dist: "constant", meanMs: latencyMs }, random.split("network"));
    this.#router = new MessageRouter({
      clock: this.#clock,
      network: this.network,
      deliverSynchronously: false,
      journal: {
        sent: ({ message }) => {
          if (isClient(message.src) || isClient(message.dest) || !hasEnvelope(message)) return;
          this.traffic.push(message);
        },
        received: () => {},
        dropped: () => {},
        duplicated: () => {},
      },
      observe: ({ node, problem }) => {
        throw new Error(`${node}: ${problem}`);
      },
      lateReplies: "refuse",
    });
    this.#cluster = new InProcessCluster({
      clock: this.#clock,
      random: random.split("nodes"),
      run: (host) => new Runtime(host, program),
      send: (node, line) => this.#router.sendLine(node, line),
      log: (node, text) => this.logs.push(`${node}: ${text}`),
      fault: ({ node, text }) => {
        if (!options.mayEnd) throw new Error(`${node}: ${text}`);
        this.ended.set(node, text);
      },
      storage,
    });
    this.#router.attach("c1", ({ message }) => {
      if (!hasEnvelope(message)) throw new Error(`not a message: ${JSON.stringify(message)}`);
      const id = Number(message.body.in_reply_to ?? -1);
      const answer = this.#answers.get(id);
      this.#answers.delete(id);
      answer?.(message.body);
      return true;
    });
  }

  /** A cluster after init. */
  static async started(program: (node: Node) => void, options: LogClusterOptions = {}): Promise<LogCluster> {
    const cluster = new LogCluster(program, options);
    options.prepare?.(cluster);
    await cluster.start(cluster.ids);
    await cluster.wait(2000);
    return cluster;
  }

  /** Virtual ms since the beginning. */
  get now(): number {
    return this.#clock.now();
  }

  /** The number of messages between nodes. */
  get messages(): number {
    return this.traffic.length;
  }

  /** A node's disk. */
  diskOf(id: string): Disk {
    return this.#cluster.diskOf(id);
  }

  /** Starts nodes (again), and waits until all that did not end by themselves have answered, for a minute at most. */
  async start(ids: readonly string[]): Promise<void> {
    const replies = ids.map((id) => {
      this.ended.delete(id);
      this.#router.attach(id, (delivery) => this.#cluster.deliver(id, delivery));
      this.#cluster.start(id);
      return this.#send(id, { type: "init", node_id: id, node_ids: this.ids });
    });
    for (const reply of replies) await this.#until(reply);
  }

  /** Ends nodes without warning. */
  kill(ids: readonly string[]): void {
    for (const id of ids) this.#cluster.kill(id);
  }

  /** Blocks messages between nodes of different groups. */
  partition(...groups: readonly (readonly string[])[]): void {
    const cuts = groups.flatMap((group) =>
      group.map((id) => [id, new Set(this.ids.filter((other) => !group.includes(other)))] as const)
    );
    this.network.partition(new Map(cuts));
  }

  /** Lets all messages pass. */
  heal(): void {
    this.network.partition(new Map());
  }

  /** Sends a request to a node and returns the reply, or undefined after `withinMs`. */
  ask(node: string, body: Body, { withinMs = 60_000 } = {}): Promise<Body | undefined> {
    return this.#until(this.#send(node, body), withinMs);
  }

  /** Sends a request to a node, which must reply at once and without an error. */
  async atOnce(node: string, body: Body): Promise<Body> {
    const before = this.now;
    const reply = await this.ask(node, body, { withinMs: 0 });
    if (reply === undefined || this.now > before) {
      throw new Error(`${node} did not answer ${body.type} at once`);
    }
    if (reply.type === "error") {
      throw new Error(`${node} answered ${body.type} with ${JSON.stringify(reply)}`);
    }
    return reply;
  }

  /** Sends a message as if it came from a node, and lets it arrive. */
  async forge(src: string, dest: string, body: Body): Promise<void> {
    this.#router.send({ src, dest, body });
    await this.wait(1);
  }

  /** Sends updates, by origin, as if a node in that incarnation had sent them, and lets them arrive. */
  forgeUpdates(src: string, dest: string, { incarnation, updates }: {
    readonly incarnation: string;
    readonly updates: Readonly<Record<string, Json>>;
  }): Promise<void> {
    return this.forge(src, dest, {
      type: "gossip",
      incarnation,
      sentAt: 1,
      version: [],
      deltas: Object.entries(updates).flat(),
    });
  }

  /** Lets time pass. */
  async wait(ms: number): Promise<void> {
    let over = false;
    this.#clock.after(ms, () => over = true);
    while (!over) await this.#step();
  }

  /** Advances time until a node has the expected state. Returns the elapsed time. */
  async waitUntil(holds: () => Promise<boolean>, { atMostMs = 10_000, everyMs = 1 } = {}): Promise<number> {
    const began = this.now;
    while (!(await holds())) {
      if (this.now - began > atMostMs) throw new Error(`it does not hold after ${atMostMs} ms`);
      await this.wait(everyMs);
    }
    return this.now - began;
  }

  #send(node: string, body: Body): Reply {
    const msgId = this.#nextId++;
    const reply: Reply = { body: undefined };
    this.#answers.set(msgId, (answer) => reply.body = answer);
    const message = { src: "c1", dest: node, body: { ...body, msg_id: msgId } };
    this.#router.send(message);
    return reply;
  }

  async #until(reply: Reply, withinMs = 60_000): Promise<Body | undefined> {
    let over = false;
    this.#clock.after(withinMs + 1e-6, () => over = true);
    while (reply.body === undefined && !over) await this.#step();
    return reply.body;
  }

  async #step(): Promise<void> {
    if (!this.#clock.step()) throw new Error("nothing is left to happen");
    while (this.#cluster.hasPendingTurns) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      this.#cluster.settle();
    }
  }
}

interface Reply {
  body: Body | undefined;
}
