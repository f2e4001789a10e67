/** A simulation of any message-passing program: time, network and faults from one seed. */

import type { Cancel } from "../runtime/host.ts";
import { type BlockedLinks, type Latency, type LinkFaults, Network } from "./network.ts";
import { SeededRandom } from "./random.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** The maximum number of events at one moment. One more means that the program never lets time pass. */
const INSTANT_EVENTS_MAX = 1_000_000;

/** The options of a {@linkcode Simulation}. */
export interface SimulationOptions {
  /** The seed of all random numbers. The same seed gives the same run. */
  readonly seed: number;
  /**
   * The latency of messages.
   *
   * @default {{ dist: "exponential", meanMs: 10 }}
   */
  readonly latency?: Latency;
}

/** All that a simulated program may use of the outside. Another clock or random source makes runs unrepeatable. */
export interface SimulatedNode<M> {
  /** The id of the node. */
  readonly id: string;
  /** The random numbers of the node. */
  readonly random: SeededRandom;
  /** The virtual time, in ms. */
  readonly now: () => number;
  /** Sends a message to a node. Copies it, so that no two nodes share an object. */
  readonly send: (to: string, message: M) => void;
  /** Calls `fire` after a delay, unless the node is killed or the timer canceled. */
  readonly after: (delayMs: number, fire: () => void) => Cancel;
  /** Calls `fire` at each interval, until the node is killed or the timer canceled. */
  readonly every: (intervalMs: number, fire: () => void) => Cancel;
}

/** Receives the messages of a node. */
export type Receive<M> = (message: M, from: string) => void;

/** A program: runs on a node, and returns the receiver of its messages. */
export type SimulatedProgram<M> = (node: SimulatedNode<M>) => Receive<M>;

/** A message of a run, in the order of events. */
export interface TracedMessage<M> {
  /** The virtual time, in ms. */
  readonly atMs: number;
  /** The event: it was sent, it arrived, or it was dropped because of a cut, a loss or a dead node. */
  readonly event: "sent" | "received" | "dropped";
  /** The sender. */
  readonly from: string;
  /** The receiver. */
  readonly to: string;
  /** The message. */
  readonly message: M;
}

/** One incarnation of a node, from a start to a kill. */
interface Incarnation<M> {
  readonly receive: Receive<M>;
  isAlive: boolean;
  isPaused: boolean;
  /** The work that waits until the node is resumed. */
  readonly held: (() => void)[];
}

/**
 * A simulation of nodes that send messages to each other. `run` executes it; between two calls, faults start and end.
 *
 * Ids of nodes must not begin with `c`: those are clients, whose messages take no time and are never lost.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Simulation } from "@charybdis/charybdis/sim";
 *
 * const seen = new Set<string>();
 * const simulation = new Simulation<string>({ seed: 7, latency: { dist: "uniform", meanMs: 5 } });
 * for (const id of ["a", "b"]) {
 *   simulation.start(id, (node) => {
 *     if (id === "a") node.every(100, () => node.send("b", `tick at ${node.now()}`));
 *     return (message) => void seen.add(message);
 *   });
 * }
 * simulation.partition([["a"], ["b"]]);
 * simulation.run(950);
 * assertEquals(seen.size, 0);
 * simulation.heal();
 * simulation.run(200);
 * assertEquals([...seen], ["tick at 1000", "tick at 1100"]);
 * ```
 */
export class Simulation<M> {
  readonly #clock = new VirtualClock();
  readonly #random: SeededRandom;
  readonly #network: Network;
  readonly #nodes = new Map<string, Incarnation<M>>();
  readonly #trace: TracedMessage<M>[] = [];
  #starts = 0;
  #instantEvents = 0;

  /**
   * Creates a simulation without any node.
   *
   * @throws {RangeError} for a latency that is negative, infinite or of an unknown distribution
   */
  constructor({ seed, latency = { dist: "exponential", meanMs: 10 } }: SimulationOptions) {
    requireLatency(latency);
    this.#random = new SeededRandom(seed);
    this.#network = new Network(latency, this.#random.split("network"));
  }

  /** The virtual time, in ms. */
  get nowMs(): number {
    return this.#clock.now();
  }

  /** The messages so far. */
  get trace(): readonly TracedMessage<M>[] {
    return this.#trace;
  }

  /** Starts a node, or starts it again: an earlier incarnation is killed first. */
  start(id: string, program: SimulatedProgram<M>): void {
    if (id.startsWith("c")) throw new RangeError(`${id} begins with c: choose another id for a node`);
    this.kill(id);
    const after = (delayMs: number, fire: () => void): Cancel => {
      const delay = Math.max(0, delayMs);
      if (Number.isNaN(delay)) throw new RangeError(`a delay must be a number of ms, but is ${delayMs}`);
      let isCanceled = false;
      const cancel = this.#clock.after(delay, () => run(incarnation, () => isCanceled || fire()));
      return () => {
        isCanceled = true; // it may be due already, and wait until the node is resumed
        cancel();
      };
    };
    const receive = program({
      id,
      random: this.#random.split(id).split(this.#starts++),
      now: () => this.#clock.now(),
      send: (to, message) => this.send(id, to, message),
      after,
      every: (intervalMs, fire) => {
        let cancel: Cancel = () => {};
        const next = () => {
          cancel = after(intervalMs, () => {
            next();
            fire();
          });
        };
        next();
        return () => cancel();
      },
    });
    const incarnation: Incarnation<M> = { receive, isAlive: true, isPaused: false, held: [] };
    this.#nodes.set(id, incarnation);
  }

  /** Kills a node: its timers stop, and messages to it are dropped. */
  kill(id: string): void {
    const incarnation = this.#nodes.get(id);
    if (incarnation !== undefined) incarnation.isAlive = false;
    this.#nodes.delete(id);
  }

  /** Pauses a node: its messages and timers wait. */
  pause(id: string): void {
    const incarnation = this.#nodes.get(id);
    if (incarnation !== undefined) incarnation.isPaused = true;
  }

  /** Resumes a paused node, which then does all that waited. */
  resume(id: string): void {
    const incarnation = this.#nodes.get(id);
    if (incarnation === undefined) return;
    incarnation.isPaused = false;
    for (const work of incarnation.held.splice(0)) run(incarnation, work);
  }

  /** Cuts the links between groups of nodes. Nodes of no group keep all their links. */
  partition(groups: readonly (readonly string[])[]): void {
    const cuts = new Map<string, ReadonlySet<string>>();
    for (const group of groups) {
      const others = new Set(groups.filter((other) => other !== group).flat());
      for (const id of group) cuts.set(id, others);
    }
    this.block(cuts);
  }

  /** Blocks single directions of links: for each receiver, the senders whose messages it does not get. */
  block(cuts: BlockedLinks): void {
    this.#network.partition(cuts);
  }

  /** Repairs all links. */
  heal(): void {
    this.block(new Map());
  }

  /**
   * Sets the probabilities at which messages are lost, duplicated and reordered; those that are left out are 0.
   *
   * @throws {RangeError} for a probability below 0 or above 1
   */
  setFaults({ loss = 0, duplication = 0, reordering = 0 }: Partial<LinkFaults>): void {
    const faults = { loss, duplication, reordering };
    for (const [name, value] of Object.entries(faults)) {
      if (value >= 0 && value <= 1) continue;
      throw new RangeError(`${name} must be a probability from 0 to 1, but is ${value}`);
    }
    this.#network.setLinkFaults(faults);
  }

  /** Sends a message on behalf of a node, or of a client outside. */
  send(from: string, to: string, message: M): void {
    const copy = structuredClone(message);
    this.#note("sent", { from, to, message: copy });
    const delays = this.#network.delays(from, to, this.#clock.now());
    if (delays.length === 0) this.#note("dropped", { from, to, message: copy });
    for (const delayMs of delays) {
      this.#clock.after(delayMs, () => this.#deliver({ from, to, message: structuredClone(copy) }));
    }
  }

  /**
   * Runs the simulation for some virtual time, in ms. Use {@linkcode Simulation.runAsync} for programs with promises.
   *
   * @throws {RangeError} for a duration that is not finite, and if a million events follow one another without any time
   * passing
   */
  run(durationMs: number): void {
    const isOver = this.#end(durationMs);
    while (!isOver()) this.#step();
  }

  /** Runs the simulation as {@linkcode Simulation.run} does. After each event, all promises that are ready continue. */
  async runAsync(durationMs: number): Promise<void> {
    const isOver = this.#end(durationMs);
    while (!isOver()) {
      this.#step();
      await microtasks();
    }
  }

  #step(): void {
    const before = this.nowMs;
    this.#clock.step();
    this.#instantEvents = this.nowMs > before ? 0 : this.#instantEvents + 1;
    if (this.#instantEvents <= INSTANT_EVENTS_MAX) return;
    throw new RangeError(
      `${INSTANT_EVENTS_MAX} events followed one another at ${before} ms without any time passing`,
    );
  }

  #end(durationMs: number): () => boolean {
    if (!Number.isFinite(durationMs)) {
      throw new RangeError(`a run must last a finite number of ms, not ${durationMs}`);
    }
    let isOver = false;
    this.#clock.after(durationMs, () => isOver = true);
    return () => isOver;
  }

  #deliver(message: Pick<TracedMessage<M>, "from" | "to" | "message">): void {
    const { from, to } = message;
    const incarnation = this.#nodes.get(to);
    if (incarnation === undefined || this.#network.isCut(from, to)) return this.#note("dropped", message);
    run(incarnation, () => {
      this.#note("received", message);
      incarnation.receive(message.message, from);
    });
  }

  #note(
    event: TracedMessage<M>["event"],
    message: Pick<TracedMessage<M>, "from" | "to" | "message">,
  ): void {
    this.#trace.push({ atMs: this.#clock.now(), event, ...message });
  }
}

function requireLatency({ dist, meanMs, linkMeansMs = {} }: Latency): void {
  if (!["constant", "uniform", "exponential"].includes(dist)) {
    throw new RangeError(`a latency is constant, uniform or exponential, not ${dist}`);
  }
  for (const each of [meanMs, ...Object.values(linkMeansMs).flatMap((means) => Object.values(means))]) {
    if (each >= 0 && each < Infinity) continue;
    throw new RangeError(`a mean latency must be a number of ms from 0, but is ${each}`);
  }
}

/** Does the work of a node: now, when the node is resumed, or never if it is dead. */
function run<M>(incarnation: Incarnation<M>, work: () => void): void {
  if (!incarnation.isAlive) return;
  if (incarnation.isPaused) incarnation.held.push(work);
  else work();
}

/** Waits until every promise continuation that is ready has run. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      port2.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Runs a property for the seeds 1 to `count`. An error names its seed.
 *
 * @throws {RangeError} for a count below 1, which would test nothing
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { forEachSeed } from "@charybdis/charybdis/sim";
 *
 * await assertRejects(
 *   () => forEachSeed(10, (seed) => {
 *     if (seed === 3) throw new Error("a node forgot its vote");
 *   }),
 *   Error,
 *   "seed 3: a node forgot its vote",
 * );
 * ```
 */
export async function forEachSeed(
  count: number,
  property: (seed: number) => void | Promise<void>,
): Promise<void> {
  if (!(count >= 1)) throw new RangeError(`a property needs at least one seed, not ${count}`);
  for (let seed = 1; seed <= count; seed++) {
    try {
      await property(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}
