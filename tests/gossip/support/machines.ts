/** Gossip machines on a {@linkcode MachineNetwork}, with every message recorded. */

import { Gossip, type GossipMessage, type GossipOptions } from "../../../lib/gossip/mod.ts";
import { type ByOrigin, eachOrigin } from "../../../lib/gossip/message.ts";
import { OriginLogs } from "../../../lib/log/mod.ts";
import type { SeededRandom } from "../../../lib/sim/random.ts";
import { MachineNetwork } from "../../support/machine_network.ts";

/** A message that was sent. */
export interface Sent {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly message: GossipMessage;
}

/** The configuration of {@linkcode Machines}. */
export interface MachinesOptions
  extends Partial<Pick<GossipOptions, "dissemination" | "latencyMsMax" | "sketchOriginsMin" | "changesMax">> {
  readonly nodes: readonly string[] | number;
  readonly latencyMs?: number;
}

interface MachineUnderTest {
  gossip: Gossip;
  logs: OriginLogs;
  values: unknown[];
  incarnation: number;
  /** The end of its pause. Messages for it wait until then. */
  pausedUntil: number;
}

/** A cluster of nodes, each with logs by origin that a {@linkcode Gossip} keeps the same. */
export class Machines {
  readonly ids: readonly string[];
  readonly sent: Sent[] = [];
  /** Returns the delay of a message; undefined if it is lost. */
  delayMs: (from: string, to: string) => number | undefined;
  /** Returns true if a message is dropped on arrival. */
  isCut: (from: string, to: string) => boolean = () => false;
  readonly #gossipOptions: Partial<GossipOptions>;
  readonly #network: MachineNetwork<string>;
  readonly #machines = new Map<string, MachineUnderTest>();

  constructor(options: MachinesOptions) {
    const { nodes, latencyMs = 100, ...gossipOptions } = options;
    this.#gossipOptions = gossipOptions;
    this.ids = typeof nodes === "number"
      ? Array.from({ length: nodes }, (_, i) => `n${String(i).padStart(2, "0")}`)
      : nodes;
    this.delayMs = () => latencyMs;
    this.#network = new MachineNetwork({
      delays: (from, to) => {
        const delayMs = this.delayMs(from, to);
        return delayMs === undefined ? [] : [delayMs];
      },
      receive: (to, from, text) => this.#arrive(to, from, text),
    });
    this.#network.isBlocked = (from, to) => this.isCut(from, to);
    for (const id of this.ids) this.restart(id);
  }

  get now(): number {
    return this.#network.now;
  }

  /** Restarts a node, with an empty memory or, if `keeping`, with the logs that it kept on disk. */
  restart(id: string, { keeping = false } = {}): void {
    const former = this.#machines.get(id);
    const incarnation = this.#network.start(id);
    const values: unknown[] = [];
    const logs = new OriginLogs({ origin: `${id}.${incarnation}`, deliver: (value) => values.push(value) });
    if (keeping && former !== undefined) {
      for (const origin of former.logs.vector.keys()) logs.merge(origin, [0, ...former.logs.entries(origin)]);
    }
    const gossip = new Gossip({
      self: id,
      ids: this.ids,
      incarnation: `${id}#${incarnation}`,
      replica: logs,
      dissemination: "hub",
      latencyMsMax: 1000,
      ...this.#gossipOptions,
    });
    const machine = { gossip, logs, values, incarnation, pausedUntil: 0 };
    this.#machines.set(id, machine);
    this.#input(id, machine, () => gossip.start(this.now));
  }

  /** Kills a node. */
  kill(id: string): void {
    this.#network.crash(id);
  }

  /** Pauses a node. Messages for it wait. */
  pause(id: string, ms: number): void {
    this.#machine(id).pausedUntil = this.now + ms;
  }

  /** Adds a value at a node, as a client does. */
  add(id: string, value: number | string): void {
    const machine = this.#machine(id);
    machine.values.push(value);
    machine.logs.append(value);
    this.#input(id, machine, () => machine.gossip.changed(this.now));
  }

  /** Sets the neighbors of a node. */
  connect(id: string, neighbors: readonly string[]): void {
    const machine = this.#machine(id);
    this.#input(id, machine, () => machine.gossip.connect(neighbors, this.now));
  }

  /** Returns the values that a node has, sorted. */
  values(id: string): unknown[] {
    return [...this.#machine(id).values].sort();
  }

  /** Returns true if a node has a value. */
  has(id: string, value: unknown): boolean {
    return this.#machine(id).values.includes(value);
  }

  /** Delivers a message to a node, possibly again. */
  deliver(id: string, { from, message }: { readonly from: string; readonly message: GossipMessage }): void {
    const machine = this.#machine(id);
    this.#input(id, machine, () => machine.gossip.receive(from, message, this.now));
  }

  /** Returns the number of values that all of these nodes have; -1 if the nodes differ. */
  agreed(ids: readonly string[] = this.ids): number {
    const vectors = ids.map((id) => this.#machine(id).logs.vector); // logs by origin: equal vectors are equal logs
    const [first] = vectors;
    if (first === undefined) return 0;
    const same = vectors.every((vector) =>
      vector.size === first.size && [...first].every(([origin, count]) => vector.get(origin) === count)
    );
    return same ? [...first.values()].reduce((sum, count) => sum + count, 0) : -1;
  }

  /** Advances time by `ms`. */
  run(ms: number): void {
    this.#network.run(this.now + ms);
  }

  /** Advances time until a condition holds, and returns how long that took. Throws after `withinMs`. */
  runUntil(holds: () => boolean, withinMs: number): number {
    const start = this.now;
    while (!holds()) {
      if (this.now - start > withinMs) throw new Error(`does not hold ${withinMs} ms later`);
      this.run(5);
    }
    return this.now - start;
  }

  /** Returns the messages that were sent while `during` ran. */
  watch(during: () => void): Sent[] {
    const before = this.sent.length;
    during();
    return this.sent.slice(before);
  }

  #machine(id: string): MachineUnderTest {
    const machine = this.#machines.get(id);
    if (machine === undefined) throw new RangeError(`no node ${id}`);
    return machine;
  }

  #input(id: string, machine: MachineUnderTest, input: () => void): void {
    if (!this.#network.isRunning(id, machine.incarnation)) return;
    if (machine.pausedUntil > this.now) {
      this.#network.at(machine.pausedUntil, () => this.#input(id, machine, input));
      return;
    }
    input();
    for (const { to, message } of machine.gossip.takeOutbox()) {
      this.sent.push({ at: this.now, from: id, to, message });
      this.#network.send(id, to, JSON.stringify(message)); // messages travel as text
    }
    const deadline = machine.gossip.deadline;
    if (deadline === Infinity) return;
    this.#network.at(Math.max(deadline, this.now + 0.1), () => {
      if (machine.pausedUntil > this.now || machine.gossip.deadline <= this.now) {
        this.#input(id, machine, () => machine.gossip.tick(this.now));
      }
    });
  }

  /** Delivers a message that has arrived. A paused node runs its overdue timers first. */
  #arrive(to: string, from: string, text: string): void {
    const receiver = this.#machine(to);
    if (receiver.pausedUntil > this.now) {
      this.#network.at(receiver.pausedUntil + 1, () => this.#arrive(to, from, text));
    } else this.#input(to, receiver, () => receiver.gossip.receive(from, JSON.parse(text), this.now));
  }
}

/**
 * Partitions four nodes that agree into halves, adds `difference` values during the partition, and heals it. Returns the
 * bytes that were sent until all nodes were quiet again. Throws if they do not agree within `withinMs`.
 */
export function bytesToRepair(
  machines: Machines,
  { difference, withinMs }: { readonly difference: number; readonly withinMs: number },
): number {
  const [a = "", b = "", c = "", d = ""] = machines.ids;
  const common = machines.agreed();
  machines.isCut = partition([a, b], [c, d]);
  machines.add(a, "makes the partition noticeable");
  machines.run(20_000);
  for (let i = 0; i < difference; i++) machines.add(i % 2 === 0 ? a : d, `d${i}`);
  machines.run(20_000);
  machines.isCut = () => false;
  const sent = machines.watch(() => {
    machines.runUntil(() => machines.agreed() === common + difference + 1, withinMs);
    machines.run(20_000);
  });
  return sent.reduce((bytes, { message }) => bytes + JSON.stringify(message).length, 0);
}

/** Returns one readable line per message. */
export function transcript(sent: readonly Sent[]): string[] {
  return sent.map(({ at, from, to, message }) => {
    const { requestReply, roundMs, oldestAgeMs, direct, deltas, version } = message;
    const kind = roundMs !== undefined
      ? `scatter(${roundMs})`
      : oldestAgeMs !== undefined
      ? `gather(${oldestAgeMs})`
      : direct
      ? "direct"
      : requestReply
      ? "ask"
      : "tell";
    return [
      Math.round(at),
      `${from}→${to}`,
      kind,
      ...listed("version", version),
      ...listed("deltas", deltas ?? []),
    ].join(
      " ",
    );
  });
}

function listed(what: string, byOrigin: ByOrigin): string[] {
  const words: string[] = [];
  eachOrigin(byOrigin, (origin, value) => words.push(`${origin}:${JSON.stringify(value)}`));
  return words.length === 0 ? [] : [what, ...words];
}

/** Adds values at these nodes in turn, one every 50 ms, for `ms`. */
export function addValues(machines: Machines, ids: readonly string[], ms: number): void {
  for (let t = 0; t < ms; t += 50) {
    machines.add(ids[(t / 50) % ids.length] ?? "", `${ids[0]}@${machines.now}`);
    machines.run(50);
  }
}

/** Returns a partition into groups that cannot communicate. */
export function partition(...groups: readonly (readonly string[])[]): (from: string, to: string) => boolean {
  const groupOf = new Map(groups.flatMap((group, i) => group.map((id) => [id, i] as const)));
  return (from, to) => groupOf.get(from) !== groupOf.get(to);
}

/** Returns delays of a network that loses and reorders messages at random. */
export function unreliable(
  random: SeededRandom,
  { lossProbability = 0.2, delayMsMax = 400 } = {},
): () => number | undefined {
  return () => random.chance(lossProbability) ? undefined : random.uniform(0, delayMsMax);
}
