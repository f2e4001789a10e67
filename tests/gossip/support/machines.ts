/** Machines on a network of a test's own: time passes only when told to, and each message can be seen. */

import { Gossip, type GossipMessage, type GossipOptions } from "../../../lib/gossip/mod.ts";
import { type ByOrigin, eachOrigin } from "../../../lib/gossip/message.ts";
import { OriginLogs } from "../../../lib/log/mod.ts";
import type { SeededRandom } from "../../../lib/sim/random.ts";

/** A message on its way, as the test sees it. */
export interface Sent {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly message: GossipMessage;
}

/** What the cluster is like. */
export interface MachinesOptions {
  readonly nodes: readonly string[] | number;
  readonly latencyMs?: number;
  readonly dissemination?: GossipOptions["dissemination"];
  readonly latencyMsMax?: number;
  readonly sketchOriginsMin?: number;
}

interface Machine {
  gossip: Gossip;
  logs: OriginLogs;
  values: unknown[];
  life: number;
  alive: boolean;
  /** Until when it is stopped: what is for it waits. */
  stoppedUntil: number;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Nodes a, b, c, … (or those named), each with logs by origin, kept the same by a {@linkcode Gossip}. */
export class Machines {
  readonly ids: readonly string[];
  readonly sent: Sent[] = [];
  /** How long a message travels; undefined if it is lost. */
  delayMs: (from: string, to: string) => number | undefined;
  /** Whether what arrives is thrown away. */
  isCut: (from: string, to: string) => boolean = () => false;
  now = 0;
  readonly #options: MachinesOptions;
  readonly #machines = new Map<string, Machine>();
  #events: Event[] = [];
  #order = 0;

  constructor(options: MachinesOptions) {
    this.#options = options;
    const { nodes, latencyMs = 100 } = options;
    this.ids = typeof nodes === "number"
      ? Array.from({ length: nodes }, (_, i) => `n${String(i).padStart(2, "0")}`)
      : nodes;
    this.delayMs = () => latencyMs;
    for (const id of this.ids) this.restart(id);
  }

  /** Starts a node anew: with nothing in memory, or with the logs that it kept on disk. */
  restart(id: string, { keeping = false } = {}): void {
    const former = this.#machines.get(id);
    if (former !== undefined) former.alive = false;
    const life = (former?.life ?? 0) + 1;
    const values: unknown[] = [];
    const logs = new OriginLogs({ origin: `${id}.${life}`, deliver: (value) => values.push(value) });
    if (keeping && former !== undefined) {
      for (const origin of former.logs.vector.keys()) logs.merge(origin, [0, ...former.logs.entries(origin)]);
    }
    const gossip = new Gossip({
      self: id,
      ids: this.ids,
      incarnation: `${id}#${life}`,
      replica: logs,
      dissemination: this.#options.dissemination ?? "hub",
      latencyMsMax: this.#options.latencyMsMax ?? 1000,
      ...(this.#options.sketchOriginsMin === undefined
        ? {}
        : { sketchOriginsMin: this.#options.sketchOriginsMin }),
    });
    const machine = { gossip, logs, values, life, alive: true, stoppedUntil: 0 };
    this.#machines.set(id, machine);
    this.#input(id, machine, () => gossip.start(this.now));
  }

  /** Ends a node. */
  kill(id: string): void {
    this.#machine(id).alive = false;
  }

  /** Stops a node for a while; what comes for it waits. */
  stop(id: string, ms: number): void {
    this.#machine(id).stoppedUntil = this.now + ms;
  }

  /** A client hands a value to a node. */
  add(id: string, value: number | string): void {
    const machine = this.#machine(id);
    machine.values.push(value);
    machine.logs.append(value);
    this.#input(id, machine, () => machine.gossip.changed(this.now));
  }

  /** Gives a node its neighbours. */
  connect(id: string, neighbours: readonly string[]): void {
    const machine = this.#machine(id);
    this.#input(id, machine, () => machine.gossip.connect(neighbours, this.now));
  }

  /** What a node knows, sorted. */
  values(id: string): unknown[] {
    return [...this.#machine(id).values].sort();
  }

  /** Whether a node knows a value. */
  has(id: string, value: unknown): boolean {
    return this.#machine(id).values.includes(value);
  }

  /** Hands a node a message (again). */
  deliver(id: string, { from, message }: { readonly from: string; readonly message: GossipMessage }): void {
    const machine = this.#machine(id);
    this.#input(id, machine, () => machine.gossip.receive(from, message, this.now));
  }

  /** Whether all of these nodes know the same, and how much that is; -1 if they do not. */
  agreed(ids: readonly string[] = this.ids): number {
    const vectors = ids.map((id) => this.#machine(id).logs.vector); // logs by origin: equal vectors are equal logs
    const [first] = vectors;
    if (first === undefined) return 0;
    const same = vectors.every((vector) =>
      vector.size === first.size && [...first].every(([origin, count]) => vector.get(origin) === count)
    );
    return same ? [...first.values()].reduce((sum, count) => sum + count, 0) : -1;
  }

  /** Lets time pass, to the end of `ms` from now. */
  run(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.#events[0];
      if (next === undefined || next.at > end) break;
      this.#events.shift();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  /** Lets time pass until something holds; how long that took. Throws after `withinMs`. */
  runUntil(holds: () => boolean, withinMs: number): number {
    const begun = this.now;
    while (!holds()) {
      if (this.now - begun > withinMs) throw new Error(`does not hold ${withinMs} ms later`);
      this.run(5);
    }
    return this.now - begun;
  }

  /** What was sent from now on, once `during` is over. */
  watch(during: () => void): Sent[] {
    const before = this.sent.length;
    during();
    return this.sent.slice(before);
  }

  #machine(id: string): Machine {
    const machine = this.#machines.get(id);
    if (machine === undefined) throw new RangeError(`no node ${id}`);
    return machine;
  }

  #input(id: string, machine: Machine, input: () => void): void {
    if (!machine.alive) return;
    if (machine.stoppedUntil > this.now) {
      this.#at(machine.stoppedUntil, () => this.#input(id, machine, input));
      return;
    }
    input();
    for (const { to, message } of machine.gossip.takeOutbox()) {
      this.sent.push({ at: this.now, from: id, to, message });
      const text = JSON.stringify(message); // what travels is text
      const delayMs = this.delayMs(id, to);
      if (delayMs === undefined) continue;
      this.#at(this.now + delayMs, () => {
        if (this.isCut(id, to)) return;
        this.#arrive(to, id, text);
      });
    }
    const deadline = machine.gossip.deadline;
    if (deadline === Infinity) return;
    this.#at(Math.max(deadline, this.now + 0.1), () => {
      if (machine.stoppedUntil > this.now || machine.gossip.deadline <= this.now) {
        this.#input(id, machine, () => machine.gossip.tick(this.now));
      }
    });
  }

  /** Hands over a message; to a node that was stopped only after its timers, which have all come due. */
  #arrive(to: string, from: string, text: string): void {
    const receiver = this.#machine(to);
    if (receiver.stoppedUntil > this.now) {
      this.#at(receiver.stoppedUntil + 1, () => this.#arrive(to, from, text));
    } else this.#input(to, receiver, () => receiver.gossip.receive(from, JSON.parse(text), this.now));
  }

  #at(at: number, run: () => void): void {
    const event = { at, order: this.#order++, run };
    let i = this.#events.length;
    while (i > 0) {
      const before = this.#events[i - 1];
      if (before === undefined || before.at <= at) break;
      i--;
    }
    this.#events.splice(i, 0, event);
  }
}

/**
 * The bytes that a long cut between two halves of four nodes takes to be made good, when both know `difference` values in all that
 * the other does not. Before it, all know as much as one another. `withinMs`: in what time all must know all.
 */
export function bytesToMakeGood(
  machines: Machines,
  { difference, withinMs }: { readonly difference: number; readonly withinMs: number },
): number {
  const [a = "", b = "", c = "", d = ""] = machines.ids;
  const common = machines.agreed();
  machines.isCut = parts([a, b], [c, d]);
  machines.add(a, "so that the cut is noticed");
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

/** One line a message: what a person needs to follow it. */
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
      ...said("version", version),
      ...said("deltas", deltas ?? []),
    ].join(
      " ",
    );
  });
}

function said(what: string, byOrigin: ByOrigin): string[] {
  const words: string[] = [];
  eachOrigin(byOrigin, (origin, value) => words.push(`${origin}:${JSON.stringify(value)}`));
  return words.length === 0 ? [] : [what, ...words];
}

/** Hands values to these nodes in turn, one every 50 ms, for some time. */
export function busy(machines: Machines, ids: readonly string[], ms: number): void {
  for (let t = 0; t < ms; t += 50) {
    machines.add(ids[(t / 50) % ids.length] ?? "", `${ids[0]}@${machines.now}`);
    machines.run(50);
  }
}

/** Cuts a cluster into parts that do not hear one another. */
export function parts(...groups: readonly (readonly string[])[]): (from: string, to: string) => boolean {
  const partOf = new Map(groups.flatMap((group, i) => group.map((id) => [id, i] as const)));
  return (from, to) => partOf.get(from) !== partOf.get(to);
}

/** A network that loses, doubles (as far as a test resends) and reorders by chance. */
export function unruly(
  random: SeededRandom,
  { lossProbability = 0.2, delayMsMax = 400 } = {},
): () => number | undefined {
  return () => random.chance(lossProbability) ? undefined : random.uniform(0, delayMsMax);
}
