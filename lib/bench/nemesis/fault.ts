/**
 * The definition of a kind of fault: its names, options, effect on the cluster, and appearance in reports.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import type { Settings, Values } from "../../runtime/setting.ts";
import type { Envelope } from "../../sim/envelope.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { FaultTarget } from "./fault_target.ts";

/** The values of the two events that the history records at a switch. */
export interface Switched {
  readonly asked: unknown;
  readonly done: unknown;
  /** The affected nodes, if the fault affects single nodes. */
  readonly nodes?: readonly string[];
}

/** One fault: drawn at random, and switched on and off once. */
export interface Fault {
  start(): Switched;
  stop(): Switched;
}

/** The reason why a message did not arrive. */
export type DropReason = "lost" | "cut" | "dead";

/** One kind of fault in a run. It draws the faults of that kind and recognizes the messages that they affect. */
export interface FaultSource {
  /** Draws a fault. It depends only on `random`. */
  draw(random: SeededRandom): Fault;
  /** True if the fault affects a message that is sent. */
  affectsSent?(message: Envelope): boolean;
  /** True if the fault is the reason why a message did not arrive. */
  affectsDropped?(message: Envelope, why: DropReason): boolean;
  /** True if the fault is the reason for the second copy of a message. */
  affectsDuplicated?(): boolean;
  /** The number of affected messages, if the network counts them, or of what the fault counts instead. */
  affectedCount?(): number;
}

/** The appearance of a fault's interval in the report. */
export interface BandDefinition {
  /** The nodes that the interval concerns: those in the event's value, which are down or not, or all. */
  readonly nodes: "all" | "affected" | "down";
  /** Returns the text of an event's value; undefined for the value as JSON. */
  readonly text?: (value: unknown) => string | undefined;
}

/** A kind of fault. */
export interface FaultDefinition<Name extends string, S extends Settings> {
  /** The name, as `--nemesis` accepts it. */
  readonly name: Name;
  /** The effect, for the help. */
  readonly description: string;
  /** The names of the events in the history. */
  readonly events: { readonly start: string; readonly stop: string };
  /** True if Maelstrom has the fault in every release. */
  readonly isMaelstroms: boolean;
  /** True if `all` includes the fault: every algorithm must tolerate it. */
  readonly isInAll: boolean;
  /** True if the fault needs virtual time. */
  readonly isVirtualOnly: boolean;
  /** True if nodes need a disk to survive the fault. */
  readonly needsDisk: boolean;
  /** True if the fault reads the values that nodes watch. */
  readonly needsWatches: boolean;
  /** The command line's options for the fault. */
  readonly settings: S;
  /** Draws the options for a sweep. An option without a function is not drawn. */
  readonly drawSettings: { readonly [K in keyof S]?: (random: SeededRandom) => Values<S>[K] };
  /** The participle for messages that the fault affects; undefined if it does not affect single messages. */
  readonly affected: string | undefined;
  /** The noun for what `affected` counts. Default: `message`. */
  readonly counted: string;
  /** The outcome of affected messages in the coverage of a sweep; undefined if the coverage does not count them. */
  readonly outcome: string | undefined;
  readonly band: BandDefinition;
  /** Returns the faults of one run. */
  source(target: FaultTarget, settings: Values<S>): FaultSource;
}

type Required = "name" | "description" | "source";

/** Defines a kind of fault. Its events are `start-NAME` and `stop-NAME` by default; every other property is off. */
export function defineFault<const Name extends string, S extends Settings = Readonly<Record<never, never>>>(
  definition:
    & Pick<FaultDefinition<Name, S>, Required>
    & Partial<Omit<FaultDefinition<Name, S>, Required>>,
): FaultDefinition<Name, S> {
  const { name } = definition;
  return {
    events: { start: `start-${name}`, stop: `stop-${name}` },
    isMaelstroms: false,
    isInAll: true,
    isVirtualOnly: false,
    needsDisk: false,
    needsWatches: false,
    settings: {} as S, // the default of S
    drawSettings: {},
    affected: undefined,
    counted: "message",
    outcome: undefined,
    band: { nodes: "all" },
    ...definition,
  };
}
