/** A cluster whose nodes run in this process, on a virtual clock. */

import type { Clock, Host, Storage } from "../runtime/host.ts";
import type { Cluster, NodeFault } from "./cluster.ts";
import { Disk, type DiskControl, drawDamage, KilledError } from "./disk.ts";
import type { Envelope } from "./envelope.ts";
import { NodeClock } from "./node_clock.ts";
import type { SeededRandom } from "./random.ts";
import type { Delivery } from "./message_router.ts";
import { type StateJournal, Watches } from "./watches.ts";

/** A program on a host, as the node runtime is one. */
export interface Receiver {
  receive(line: string): void;
  /** Takes a parsed message, which the program may keep. Absent if the program takes lines only. */
  receiveMessage?(message: Envelope): void;
  stop(): void;
  /** Returns true if a promise was created or settled since the last call, and resets that. */
  consumeAsyncFlag(): boolean;
  /** The state that the program describes. */
  readonly state: string;
}

/** Options of an in-process cluster. */
export interface InProcessOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** Runs the program of a node on a host. */
  readonly run: (host: Host, node: string) => Receiver;
  /** Takes a line that a node sent. */
  readonly send: (node: string, line: string) => void;
  /** Takes a message that a node sent. With it, nodes do not encode their messages. */
  readonly sendMessage?: (node: string, message: Envelope) => void;
  readonly log: (node: string, text: string) => void;
  readonly fault: (fault: NodeFault) => void;
  /** Called when a node starts and ends its work, so that a watchdog can name a node that never ends. */
  readonly working?: (node: string | undefined) => void;
  /** Receives the watched parts of the nodes' states. */
  readonly states?: StateJournal | undefined;
  /** True if nodes are watched also without `states`, for {@linkcode InProcessCluster.watchedOf}. */
  readonly isWatched?: boolean;
  /** Called with the state in which a node is killed or paused. */
  readonly hit?: (how: "killed" | "paused", state: string) => void;
  /** True if nodes have a disk. */
  readonly storage: boolean;
  /** The maximum number of events at one moment. Default: {@linkcode INSTANT_EVENTS_MAX}. */
  readonly instantEventsMax?: number;
}

/** The maximum number of events at one moment. One more means that a node floods. */
const INSTANT_EVENTS_MAX = 1_000_000;

class NodeInstance {
  readonly clock: NodeClock;
  readonly receiver: Receiver;
  storage: Storage | undefined;
  watches: Watches | undefined;
  outbox: Array<string | Envelope> = [];
  ended = false;
  /** True if the node dies after its next sync, before its output is sent. */
  killAfterSync = false;
  paused = false;
  /** True while a slow disk syncs. */
  isSyncing = false;
  inTurn = false;
  /** The work that waits until the node is resumed. */
  held: Array<() => void> = [];

  constructor(make: (instance: NodeInstance) => Receiver, clock: Clock) {
    this.clock = new NodeClock(clock);
    this.receiver = make(this);
  }
}

/**
 * Nodes as objects. A turn of a node is one event: a line that arrives, or a timer. At its end what it stored is synced,
 * then what it sent leaves. A kill takes effect between turns, or (at random) after the node's next sync and before
 * anything leaves.
 */
export class InProcessCluster implements Cluster, DiskControl {
  readonly #options: InProcessOptions;
  readonly #instances = new Map<string, NodeInstance>();
  readonly #incarnations = new Map<string, number>();
  readonly #disks = new Map<string, Disk>();
  readonly #syncMs = new Map<string, number>(); // by node, only of slow disks
  #pendingTurns: Array<{ readonly id: string; readonly instance: NodeInstance }> = [];
  #kills = 0;
  /** The time of the latest event, and the number of events at that time. */
  #instant = -1;
  #instantEvents = 0;

  constructor(options: InProcessOptions) {
    this.#options = options;
  }

  start(id: string): void {
    const incarnation = (this.#incarnations.get(id) ?? -1) + 1;
    this.#incarnations.set(id, incarnation);
    const before = this.#instances.get(id);
    if (before !== undefined) this.#end(id, before);
    const { clock, random, run } = this.#options;
    const instance = new NodeInstance(
      (instance) => run(this.#host(id, instance, random.split(id).split(incarnation)), id),
      clock,
    );
    this.#instances.set(id, instance);
  }

  deliver(id: string, delivery: Delivery): boolean {
    const instance = this.#instances.get(id);
    if (instance === undefined || instance.ended) return false;
    const { receiver } = instance;
    this.#turn(
      id,
      instance,
      () =>
        delivery.own && receiver.receiveMessage !== undefined
          ? receiver.receiveMessage(delivery.message)
          : receiver.receive(delivery.line),
    );
    return true;
  }

  /** Kills a node at once, or (at random) in its next turn, between its sync and its output. */
  kill(id: string): void {
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    this.#options.hit?.("killed", instance.receiver.state);
    const random = this.#options.random.split(`${id} killed`).split(this.#kills++);
    if (!random.chance(0.5)) return this.#end(id, instance);
    instance.killAfterSync = true;
    // Half of these die while the turn is being stored; an ordinary turn takes four steps.
    if (instance.storage !== undefined && random.chance(0.5)) this.diskOf(id).killAfter(random.below(5));
  }

  #end(id: string, instance: NodeInstance): void {
    instance.ended = true;
    if (instance.storage !== undefined) this.diskOf(id).killAfter(Infinity);
    this.#options.states?.ended(id);
    instance.clock.stop();
    instance.receiver.stop();
    if (this.#instances.get(id) === instance) this.#instances.delete(id);
  }

  pause(id: string): void {
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    this.#options.hit?.("paused", instance.receiver.state);
    instance.paused = true;
  }

  resume(id: string): void {
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    instance.paused = false;
    this.#release(id, instance);
  }

  /** Does the work that waited, unless it must wait longer. */
  #release(id: string, instance: NodeInstance): void {
    if (instance.paused || instance.isSyncing) return;
    const held = instance.held;
    instance.held = [];
    for (const work of held) this.#turn(id, instance, work);
  }

  stop(): void {
    for (const [id, instance] of [...this.#instances]) this.#end(id, instance);
  }

  /** The node's clock, for clock faults; undefined if the node is dead. */
  clockOf(id: string): NodeClock | undefined {
    return this.#instances.get(id)?.clock;
  }

  /** The state that a node describes; undefined if the node is dead. */
  stateOf(id: string): string | undefined {
    return this.#instances.get(id)?.receiver.state;
  }

  /** The current value of a part of a node's state; undefined if the node is dead or does not watch the part. */
  watchedOf(id: string, name: string): unknown {
    return this.#instances.get(id)?.watches?.read(name);
  }

  slowDisk(id: string, delayMs: number): void {
    if (delayMs > 0) this.#syncMs.set(id, delayMs);
    else this.#syncMs.delete(id);
  }

  failDisk(id: string): void {
    if (this.#instances.get(id)?.storage !== undefined) this.diskOf(id).killAfter(0);
  }

  repairDisk(id: string): void {
    this.diskOf(id).killAfter(Infinity);
  }

  damageDisk(id: string, random: SeededRandom): string | undefined {
    const disk = this.diskOf(id);
    if (disk.files.size === 0) return undefined;
    const damage = drawDamage(disk, random);
    disk.damage(damage);
    return `${damage.kind} ${damage.file}`;
  }

  isRunning(id: string): boolean {
    return this.#instances.has(id);
  }

  /** The node's disk, to be damaged. */
  diskOf(id: string): Disk {
    let disk = this.#disks.get(id);
    if (disk === undefined) {
      const log = (line: string) => this.#options.log(id, line);
      this.#disks.set(id, disk = new Disk({ nodeId: id, log }));
    }
    return disk;
  }

  /** True if a turn waits for promises. The caller must run all microtasks and call `settle` before time passes. */
  get hasPendingTurns(): boolean {
    return this.#pendingTurns.length > 0;
  }

  /** Ends the turns that waited for promises. */
  settle(): void {
    const pending = this.#pendingTurns;
    this.#pendingTurns = [];
    for (const { id, instance } of pending) this.#endTurn(id, instance);
  }

  #turn(id: string, instance: NodeInstance, work: () => void): void {
    if (instance.ended) return;
    if (instance.paused || instance.isSyncing) {
      instance.held.push(work);
      return;
    }
    if (this.#floods(id, instance)) return;
    this.#options.working?.(id);
    const waits = instance.inTurn; // the work held back during a pause comes at once and shares the turn
    instance.inTurn = true;
    work();
    if (instance.receiver.consumeAsyncFlag()) this.#pendingTurns.push({ id, instance });
    else if (!waits) this.#endTurn(id, instance);
    this.#options.working?.(undefined);
  }

  #endTurn(id: string, instance: NodeInstance): void {
    instance.inTurn = false;
    if (instance.ended) return;
    const syncMs = instance.storage === undefined ? undefined : this.#syncMs.get(id);
    const stepsBefore = syncMs === undefined ? 0 : this.diskOf(id).steps;
    if (!this.#sync(instance)) return this.#end(id, instance);
    this.#showChanges(id, instance);
    if (instance.killAfterSync) return this.#end(id, instance);
    if (syncMs === undefined || this.diskOf(id).steps === stepsBefore) return this.#send(id, instance);
    instance.isSyncing = true;
    this.#options.clock.after(syncMs, () => {
      instance.isSyncing = false;
      if (instance.ended) return;
      this.#send(id, instance);
      this.#release(id, instance);
    });
  }

  /** Shows the watched values after a turn. A turn that was killed while it was stored has shown nothing to any node. */
  #showChanges(id: string, instance: NodeInstance): void {
    const { states } = this.#options;
    const changes = states === undefined ? undefined : instance.watches?.takeChanges();
    if (changes !== undefined && changes.size > 0) states?.changed(id, changes);
  }

  #send(id: string, instance: NodeInstance): void {
    const { outbox } = instance;
    if (outbox.length === 0) return;
    instance.outbox = [];
    for (const sent of outbox) {
      if (typeof sent === "string") this.#options.send(id, sent);
      else this.#options.sendMessage?.(id, sent);
    }
  }

  /** Syncs a turn's changes. Returns false if the node was killed meanwhile. */
  #sync(instance: NodeInstance): boolean {
    try {
      instance.storage?.sync();
      return true;
    } catch (error) {
      if (error instanceof KilledError) return false;
      throw error;
    }
  }

  #floods(id: string, instance: NodeInstance): boolean {
    const now = this.#options.clock.now();
    if (now !== this.#instant) {
      this.#instant = now;
      this.#instantEvents = 0;
    }
    const { instantEventsMax = INSTANT_EVENTS_MAX } = this.#options;
    if (++this.#instantEvents <= instantEventsMax) return false;
    instance.ended = true;
    const text =
      `${instantEventsMax} events followed one another without any time passing; the last was ${id}'s`;
    this.#options.fault({ node: id, kind: "stuck", text });
    return true;
  }

  #post(id: string, instance: NodeInstance, sent: string | Envelope): void {
    if (instance.ended) return;
    if (instance.inTurn) {
      instance.outbox.push(sent);
      return;
    }
    const text = "sent a message outside its turn: it awaited something other than its Host";
    this.#options.fault({ node: id, kind: "stray", text });
  }

  #host(id: string, instance: NodeInstance, random: SeededRandom): Host {
    const { fault, log, states, isWatched = false } = this.#options;
    return {
      clock: {
        now: () => instance.clock.now(),
        after: (delayMs, fire) => instance.clock.after(delayMs, () => this.#turn(id, instance, fire)),
      },
      random,
      transport: {
        send: (line) => this.#post(id, instance, line),
        ...(this.#options.sendMessage !== undefined
          ? { sendMessage: (message) => this.#post(id, instance, message) }
          : {}),
      },
      log: { line: (text) => log(id, text) },
      ...(isWatched || states !== undefined
        ? { watch: (name, value) => (instance.watches ??= new Watches()).add(name, value) }
        : {}),
      openStorage: () => {
        if (!this.#options.storage) return undefined;
        return instance.storage = this.diskOf(id).open(random.split("unsynced writes"));
      },
      replaceStorage: () => instance.storage = this.diskOf(id).replace(),
      fail: (error) => {
        if (instance.ended) return;
        this.#end(id, instance);
        if (error instanceof KilledError) return; // while its store was being opened
        fault({
          node: id,
          kind: "ended",
          text: `ended: ${error instanceof Error ? error.stack ?? error.message : error}`,
        });
      },
    };
  }
}
