/**
 * The cluster and network that faults act on, with the state that several kinds of faults share.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import type { Cluster } from "../../sim/cluster.ts";
import { type BlockedLinks, type LinkFaults, type Network, NO_LINK_FAULTS } from "../../sim/network.ts";
import type { DiskControl } from "../../sim/disk.ts";
import type { NodeClock } from "../../sim/node_clock.ts";
import type { Outcome } from "../run/request_steps.ts";
import type { RequestSequence } from "../workloads/operations.ts";

/** Events of nodes as the history's values name them, each with its description. */
export const NODE_EVENTS = {
  killed: "was killed",
  started: "was restarted",
  paused: "was paused",
  resumed: "was resumed",
} as const;

/** An event of a node. */
export type NodeEventKind = keyof typeof NODE_EVENTS;

/** Returns true if a value of the history names an event of a node. */
export function isNodeEvent(value: unknown): value is NodeEventKind {
  return typeof value === "string" && Object.hasOwn(NODE_EVENTS, value);
}

/** The parts of a run that faults act on. */
export interface TargetParts {
  readonly nodes: readonly string[];
  readonly network: Network;
  readonly cluster: Cluster;
  /** The clock of a node, in virtual time. */
  readonly clockOf?: (node: string) => NodeClock | undefined;
  /** The disks of the nodes, in virtual time. */
  readonly disks?: DiskControl;
  /** The current value of a part of a node's state that it watches, in virtual time. */
  readonly watchedOf?: (node: string, name: string) => unknown;
}

/** The services of a test for faults. */
export interface TestServices {
  /** Records an event of the process `nemesis`. */
  readonly record: (f: string, value: unknown) => void;
  /** Starts a killed node again. */
  readonly startNode: (node: string) => Promise<void>;
  /** Sends requests to a node by a client that is used once. */
  readonly request: <T>(node: string, requests: RequestSequence<T>) => Promise<Outcome<T>>;
  /** Calls a function after a time in ms. */
  readonly after: (delayMs: number, act: () => void) => void;
  /** Ends the run because the nodes do not support a fault, for the given reason. */
  readonly endRun: (text: string) => void;
}

/** The services before the test has started. */
const NO_SERVICES: TestServices = {
  record: () => {},
  startNode: () => Promise.resolve(),
  request: () => Promise.resolve({ error: new Error("the test has not started") }),
  after: () => {},
  endRun: () => {},
};

/** The cluster under faults. */
export class FaultTarget {
  readonly nodes: readonly string[];
  readonly network: Network;
  readonly cluster: Cluster;
  readonly clockOf: (node: string) => NodeClock | undefined;
  readonly watchedOf: (node: string, name: string) => unknown;
  readonly disks: DiskControl | undefined;
  services = NO_SERVICES;
  readonly dead = new Set<string>();
  readonly paused = new Set<string>();
  readonly #cuts = new Map<string, BlockedLinks>();
  #linkFaults: LinkFaults = NO_LINK_FAULTS;

  constructor(
    { nodes, network, cluster, clockOf = () => undefined, watchedOf = () => undefined, disks }: TargetParts,
  ) {
    this.nodes = nodes;
    this.network = network;
    this.cluster = cluster;
    this.clockOf = clockOf;
    this.watchedOf = watchedOf;
    this.disks = disks;
  }

  /** Starts a killed node again. */
  get startNode(): TestServices["startNode"] {
    return this.services.startNode;
  }

  /** Adds the cuts of a kind of fault to the network. */
  cut(kind: string, cuts: BlockedLinks): void {
    this.#cuts.set(kind, cuts);
    this.#applyCuts();
  }

  /** Removes the cuts of a kind of fault. */
  repair(kind: string): void {
    this.#cuts.delete(kind);
    this.#applyCuts();
  }

  /** True if a kind of fault cuts the link from `src` to `dest`. */
  isCut(kind: string, src: string, dest: string): boolean {
    return this.#cuts.get(kind)?.get(dest)?.has(src) === true;
  }

  /** Changes some of the links' faults. */
  disturb(change: Partial<LinkFaults>): void {
    this.#linkFaults = { ...this.#linkFaults, ...change };
    this.network.setLinkFaults(this.#linkFaults);
  }

  #applyCuts(): void {
    const merged = new Map<string, Set<string>>();
    for (const cuts of this.#cuts.values()) {
      for (const [dest, from] of cuts) merged.set(dest, new Set([...merged.get(dest) ?? [], ...from]));
    }
    this.network.partition(merged);
  }
}

/** Returns an event's value: the same event for each of some nodes. */
export function eachNode(nodes: Iterable<string>, event: NodeEventKind): Readonly<Record<string, string>> {
  return Object.fromEntries([...nodes].map((node) => [node, event]));
}
