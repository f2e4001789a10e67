/** Fault injection: starts and ends faults on a schedule. */

import { isClient } from "../../protocol/message.ts";
import type { Clock } from "../../runtime/host.ts";
import type { Cluster } from "../../sim/cluster.ts";
import type { Envelope } from "../../sim/envelope.ts";
import type { BlockedLinks, LinkFaults, Network } from "../../sim/network.ts";
import { NO_LINK_FAULTS } from "../../sim/network.ts";
import type { NodeClock } from "../../sim/node_clock.ts";
import { oneWay, partition, PARTITION_KINDS } from "../../sim/partitions.ts";
import type { SeededRandom } from "../../sim/random.ts";
import { type FaultEffect, FaultTally } from "./fault_effects.ts";

/** The kinds of faults, as `--nemesis` accepts them, each with a description. */
export const FAULTS = {
  "partition": "cuts the network: one node, a minority, halves, or overlapping majorities",
  "one-way": "drops messages from some nodes to the others, but not in the other direction",
  "kill": "ends nodes (SIGKILL) and starts them again",
  "pause": "stops nodes (SIGSTOP) and continues them (SIGCONT)",
  "slow": "makes the links of some nodes ten times slower",
  "loss": "drops messages between nodes",
  "duplicate": "delivers messages between nodes twice",
  "reorder": "delays messages between nodes, so that later ones overtake them",
  "clock":
    "lets nodes' clocks run fast or slow within --clock-drift, and jump within --clock-jump-ms (virtual time only)",
  "clock-unbounded":
    "lets nodes' clocks run at half to twice their speed and jump by seconds (virtual time only)",
} as const;

/** A kind of fault. */
export type FaultKind = keyof typeof FAULTS;

/** All kinds of faults. */
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[];

/** The kinds that need virtual time. */
export const VIRTUAL_FAULTS: ReadonlySet<FaultKind> = new Set(["clock", "clock-unbounded"]);

/** The kinds that `--faults all` selects: those that every algorithm must tolerate. */
export const ALL_FAULTS: readonly FaultKind[] = FAULT_KINDS.filter((kind) => kind !== "clock-unbounded");

/** The factor by which a slow node's links are slower. */
export const SLOW_FACTOR = 10;

/** The parameters of faults. */
export interface NemesisOptions {
  readonly faults: readonly FaultKind[];
  readonly intervalMs: number;
  readonly nodes: readonly string[];
  readonly clock: Clock;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly random: SeededRandom;
  readonly lossProbability: number;
  readonly duplicateProbability: number;
  readonly reorderProbability: number;
  /** The maximum deviation of a clock's rate from 1. */
  readonly clockDrift: number;
  readonly clockJumpMs: number;
  /** The scripted faults that replace random ones of the kinds in `faults`. */
  readonly schedule?: readonly ScheduledFault[];
  /** The clock of a node, in virtual time. */
  readonly clockOf?: (node: string) => NodeClock | undefined;
}

/**
 * The start and end of one fault, in ms since the start of the test; null means until all faults end. `index` distinguishes it
 * from
 * others of its kind.
 */
export interface ScheduledFault {
  readonly kind: FaultKind;
  readonly index: number;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** The callbacks to the test in which the nemesis runs. */
export interface NemesisHooks {
  /** Records an event of the process `nemesis`. */
  readonly record: (f: string, value: unknown) => void;
  readonly startNode: (node: string) => Promise<void>;
}

/** A fault that can be switched on and off. Each switch returns the values of its two history events. */
interface Fault {
  readonly startName: string;
  readonly stopName: string;
  start(): { readonly asked: unknown; readonly done: unknown };
  stop(): { readonly asked: unknown; readonly done: unknown };
}

/** Injects faults. Each kind starts at once, then ends and starts again after one interval on average. */
export class Nemesis {
  readonly #o: NemesisOptions;
  readonly #tally = new FaultTally();
  readonly #dead = new Set<string>();
  readonly #paused = new Set<string>();
  #linkFaults: LinkFaults = NO_LINK_FAULTS;
  readonly #slow = new Set<string>();
  readonly #cuts = new Map<"partition" | "one-way", BlockedLinks>();
  readonly #active = new Map<FaultKind, { readonly fault: Fault; readonly place: number }>();
  readonly #schedule: ScheduledFault[] = [];
  #startedAt = 0;
  #hooks: NemesisHooks | undefined;
  #stopped = false;

  constructor(options: NemesisOptions) {
    this.#o = options;
  }

  /** Starts to inject faults. */
  start(hooks: NemesisHooks): void {
    this.#hooks = hooks;
    this.#startedAt = this.#o.clock.now();
    if (this.#o.schedule === undefined) {
      for (const kind of this.#o.faults) this.#cycle(kind, { random: this.#o.random.split(kind), index: 0 });
      return;
    }
    for (const { kind, index, fromMs, toMs } of this.#o.schedule) {
      this.#at(fromMs, () => this.#switchOn(kind, index));
      if (toMs !== null) this.#at(toMs, () => this.#switchOff(kind));
    }
  }

  /** Ends every fault permanently. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const kind of [...this.#active.keys()]) this.#switchOff(kind);
  }

  /** The faults so far, in order of their start. Faults that ended only because all faults ended have no end. */
  get schedule(): readonly ScheduledFault[] {
    return this.#schedule;
  }

  /** The effects of the faults so far. */
  get effects(): readonly FaultEffect[] {
    const { heldBackCount } = this.#o.network;
    return this.#tally.effects.map((effect) =>
      effect.kind === "reorder" ? { ...effect, messages: heldBackCount } : effect
    );
  }

  /** Counts a message that is sent. */
  sent({ src, dest }: Envelope): void {
    if (this.#slow.size === 0 || isClient(src) || isClient(dest)) return;
    if (this.#slow.has(src) || this.#slow.has(dest)) this.#tally.affected("slow");
  }

  /** Counts a message that does not arrive. */
  dropped({ src, dest }: Envelope, why: "lost" | "cut" | "dead"): void {
    if (why === "lost") this.#tally.affected("loss");
    else if (why === "cut") {
      for (const [kind, cuts] of this.#cuts) if (cuts.get(dest)?.has(src)) this.#tally.affected(kind);
    } else if (this.#dead.has(dest)) this.#tally.affected("kill");
  }

  /** Counts a message whose second copy is delivered. */
  duplicated(): void {
    this.#tally.affected("duplicate");
  }

  #at(timeMs: number, act: () => void): void {
    if (timeMs <= 0) act();
    else this.#o.clock.after(timeMs, act);
  }

  #cycle(
    kind: FaultKind,
    { random, index }: { readonly random: SeededRandom; readonly index: number },
  ): void {
    if (this.#stopped) return;
    const active = this.#active.has(kind);
    if (active) this.#switchOff(kind);
    else this.#switchOn(kind, index);
    const delayMs = random.uniform(0, 2 * this.#o.intervalMs);
    this.#o.clock.after(delayMs, () => this.#cycle(kind, { random, index: active ? index + 1 : index }));
  }

  #switchOn(kind: FaultKind, index: number): void {
    if (this.#stopped || this.#active.has(kind)) return;
    // The fault depends only on its kind and index, so that omitting one does not change the others.
    const fault = this.#make(kind, this.#o.random.split(kind).split(index));
    const fromMs = this.#o.clock.now() - this.#startedAt;
    this.#active.set(kind, { fault, place: this.#schedule.length });
    this.#schedule.push({ kind, index, fromMs, toMs: null });
    this.#tally.began(kind);
    this.#report(fault.startName, fault.start());
  }

  #switchOff(kind: FaultKind): void {
    const active = this.#active.get(kind);
    if (active === undefined) return;
    this.#active.delete(kind);
    const { fault, place } = active;
    const started = this.#schedule[place];
    if (started !== undefined && !this.#stopped) {
      this.#schedule[place] = { ...started, toMs: this.#o.clock.now() - this.#startedAt };
    }
    this.#report(fault.stopName, fault.stop());
  }

  #report(f: string, { asked, done }: { readonly asked: unknown; readonly done: unknown }): void {
    this.#hooks?.record(f, asked);
    this.#hooks?.record(f, done);
  }

  #make(kind: FaultKind, random: SeededRandom): Fault {
    switch (kind) {
      case "partition": {
        const asked = random.pick(PARTITION_KINDS);
        return this.#cutting(kind, asked, partition(asked, this.#o.nodes, random));
      }
      case "one-way":
        return this.#cutting(kind, "one-way", oneWay(this.#o.nodes, random));
      case "kill":
        return this.#killing(random);
      case "pause":
        return this.#pausing(random);
      case "slow":
        return this.#slowing(random);
      case "loss":
        return this.#disturbing("loss", { loss: this.#o.lossProbability });
      case "duplicate":
        return this.#disturbing("duplicate", { duplication: this.#o.duplicateProbability });
      case "reorder":
        return this.#disturbing("reorder", { reordering: this.#o.reorderProbability });
      case "clock":
        return this.#skewing(kind, random, {
          rate: () => random.uniform(1 - this.#o.clockDrift, 1 + this.#o.clockDrift),
          jumpMs: this.#o.clockJumpMs,
        });
      case "clock-unbounded":
        return this.#skewing(kind, random, { rate: () => random.uniform(0.5, 2), jumpMs: 5000 });
    }
  }

  #cutting(kind: "partition" | "one-way", asked: string, cuts: BlockedLinks): Fault {
    const done = [
      "isolated",
      Object.fromEntries(
        this.#o.nodes.map((node) => [node, [...cuts.get(node) ?? []].sort()] as const).filter(([, from]) =>
          kind === "partition" || from.length > 0
        ),
      ),
    ];
    return {
      startName: `start-${kind}`,
      stopName: `stop-${kind}`,
      start: () => {
        this.#cuts.set(kind, cuts);
        this.#applyCuts();
        return { asked, done };
      },
      stop: () => {
        this.#cuts.delete(kind);
        this.#applyCuts();
        return { asked: null, done: "network-healed" };
      },
    };
  }

  #applyCuts(): void {
    const merged = new Map<string, Set<string>>();
    for (const cuts of this.#cuts.values()) {
      for (const [dest, from] of cuts) merged.set(dest, new Set([...merged.get(dest) ?? [], ...from]));
    }
    this.#o.network.cut(merged);
  }

  #killing(random: SeededRandom): Fault {
    const { asked, nodes } = this.#targets(random);
    return {
      startName: "kill",
      stopName: "start",
      start: () => {
        for (const node of nodes) {
          this.#dead.add(node);
          this.#paused.delete(node);
          this.#o.cluster.kill(node);
          this.#tally.hit("kill", node);
        }
        return { asked, done: Object.fromEntries(nodes.map((node) => [node, "killed"])) };
      },
      stop: () => {
        const back = [...this.#dead];
        this.#dead.clear();
        for (const node of back) {
          // A node that does not start again is a separate fault, which its cluster reports.
          this.#hooks?.startNode(node).catch(() => {});
        }
        return { asked: "all", done: Object.fromEntries(back.map((node) => [node, "started"])) };
      },
    };
  }

  #pausing(random: SeededRandom): Fault {
    const { asked, nodes } = this.#targets(random);
    return {
      startName: "pause",
      stopName: "resume",
      start: () => {
        for (const node of nodes) {
          if (this.#dead.has(node)) continue;
          this.#paused.add(node);
          this.#o.cluster.pause(node);
          this.#tally.hit("pause", node);
        }
        return { asked, done: Object.fromEntries([...this.#paused].map((node) => [node, "paused"])) };
      },
      stop: () => {
        const back = [...this.#paused];
        this.#paused.clear();
        for (const node of back) this.#o.cluster.resume(node);
        return { asked: "all", done: Object.fromEntries(back.map((node) => [node, "resumed"])) };
      },
    };
  }

  /** Selects one node, a minority, a majority, or all. */
  #targets(random: SeededRandom): { asked: string; nodes: string[] } {
    const asked = random.pick(["one", "minority", "majority", "all"]);
    const count = this.#o.nodes.length;
    const sizes: Readonly<Record<string, number>> = {
      one: 1,
      minority: Math.max(1, Math.ceil(count / 2) - 1),
      majority: Math.floor(count / 2) + 1,
      all: count,
    };
    return { asked, nodes: random.shuffle(this.#o.nodes).slice(0, sizes[asked]) };
  }

  #slowing(random: SeededRandom): Fault {
    const { asked, nodes } = this.#targets(random);
    const done = Object.fromEntries(nodes.map((node) => [node, SLOW_FACTOR]));
    return {
      startName: "start-slow",
      stopName: "stop-slow",
      start: () => {
        this.#o.network.slow(new Map(Object.entries(done)));
        for (const node of nodes) {
          this.#slow.add(node);
          this.#tally.hit("slow", node);
        }
        return { asked, done };
      },
      stop: () => {
        this.#o.network.slow(new Map());
        this.#slow.clear();
        return { asked: null, done: "network-fast" };
      },
    };
  }

  #disturbing(kind: "loss" | "duplicate" | "reorder", change: Partial<LinkFaults>): Fault {
    const set = (faults: Partial<LinkFaults>) => {
      this.#linkFaults = { ...this.#linkFaults, ...faults };
      this.#o.network.setLinkFaults(this.#linkFaults);
    };
    const off = Object.fromEntries(Object.keys(change).map((key) => [key, 0]));
    return {
      startName: `start-${kind}`,
      stopName: `stop-${kind}`,
      start: () => {
        set(change);
        return { asked: Object.values(change)[0], done: change };
      },
      stop: () => {
        set(off);
        return { asked: null, done: "network-reliable" };
      },
    };
  }

  #skewing(
    kind: "clock" | "clock-unbounded",
    random: SeededRandom,
    skew: { readonly rate: () => number; readonly jumpMs: number },
  ): Fault {
    return {
      startName: `start-${kind}`,
      stopName: `stop-${kind}`,
      start: () => {
        const done: Record<string, { rate: number; jumpMs: number }> = {};
        for (const node of this.#o.nodes) {
          const rate = skew.rate();
          const jumpMs = random.chance(0.5) ? random.uniform(0, skew.jumpMs) : 0;
          done[node] = { rate, jumpMs };
          this.#o.clockOf?.(node)?.drift(rate);
          if (jumpMs > 0) this.#o.clockOf?.(node)?.jump(jumpMs);
        }
        return { asked: null, done };
      },
      stop: () => {
        for (const node of this.#o.nodes) this.#o.clockOf?.(node)?.drift(1);
        return { asked: null, done: "clocks-right" };
      },
    };
  }
}
