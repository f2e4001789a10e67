/**
 * The kinds of faults by name, and what options, sweeps and reports read from their definitions.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { type Settings, unknownName, type Values, wrap } from "../../runtime/settings.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { FaultDefinition } from "./fault.ts";
import { FAULTS } from "./registry.ts";

type Definition = typeof FAULTS[number];
type UnionToIntersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void
  ? I
  : never;
type SettingsOfAll = UnionToIntersection<Definition["settings"]>;

/** A kind of fault. */
export type FaultKind = Definition["name"];

/** The values of all faults' options. */
export type FaultParameters = { readonly [K in keyof SettingsOfAll]: Values<SettingsOfAll>[K] };

/** The definitions without the types of their options. */
const DEFINITIONS: ReadonlyMap<string, FaultDefinition<FaultKind, Settings>> = new Map(
  FAULTS.map((fault: FaultDefinition<FaultKind, Settings>) => [fault.name, fault]),
);

/** All kinds of faults. */
export const FAULT_KINDS: readonly FaultKind[] = FAULTS.map(({ name }) => name);

/** The kinds that `--faults all` selects: those that every algorithm must tolerate. */
export const ALL_FAULTS: readonly FaultKind[] = FAULTS.filter(({ isInAll }) => isInAll).map(({ name }) =>
  name
);

/** The options of all faults. */
export const FAULT_SETTINGS = Object.assign({}, ...FAULTS.map(({ settings }) => settings)) as SettingsOfAll;

/** The options of faults that a sweep draws. */
export const DRAWN_PARAMETERS: readonly string[] = FAULTS.flatMap(({ drawSettings }) =>
  Object.keys(drawSettings)
);

/** Returns the definition of a kind of fault; undefined for a kind that this release does not have. */
export function definitionOf(kind: string): FaultDefinition<FaultKind, Settings> | undefined {
  return DEFINITIONS.get(kind);
}

/** Reads the value of `--faults`: none, all, or a comma-separated list of kinds. */
export function parseFaults(given: string): readonly FaultKind[] {
  if (given === "none") return [];
  if (given === "all") return ALL_FAULTS;
  const kinds = given.replace(/,+$/, "").split(",").map((each) => {
    const definition = definitionOf(each.trim());
    if (definition === undefined) throw unknownName("fault", each.trim(), FAULT_KINDS);
    return definition.name;
  });
  return [...new Set(kinds)];
}

/** The width of the help, in characters. */
const HELP_WIDTH = 120;

/** Describes each kind of fault for the help. */
export function describeFaultKinds(): string {
  const indent = Math.max(...FAULT_KINDS.map(({ length }) => length)) + 4;
  return FAULTS.map(({ name, description, isInAll, isVirtualOnly }) => {
    const limits = [...(isVirtualOnly ? ["virtual time only"] : []), ...(isInAll ? [] : ["not in all"])];
    const text = limits.length === 0 ? description : `${description} (${limits.join("; ")})`;
    return `  ${name}`.padEnd(indent) + wrap(text, HELP_WIDTH - indent).join(`\n${" ".repeat(indent)}`);
  }).join("\n");
}

/** Selects the options of faults from the values of a command line. */
export function faultParameters(values: FaultParameters): FaultParameters {
  const all: Readonly<Record<string, unknown>> = { ...values };
  return Object.fromEntries(Object.keys(FAULT_SETTINGS).map((key) => [key, all[key]])) as FaultParameters;
}

/** Draws options of faults for a sweep. Every option is drawn, so that fixing one does not change the others. */
export function drawFaultParameters(random: SeededRandom): Partial<FaultParameters> {
  const drawn: Record<string, unknown> = {};
  for (const { drawSettings } of DEFINITIONS.values()) {
    for (const [key, draw] of Object.entries(drawSettings)) drawn[key] = draw?.(random);
  }
  return drawn;
}

/** Returns true if nodes need a disk under these faults. */
export function needDisk(faults: readonly FaultKind[]): boolean {
  return faults.some((kind) => definitionOf(kind)?.needsDisk === true);
}

/** Returns true if these faults read the values that nodes watch. */
export function needWatches(faults: readonly FaultKind[]): boolean {
  return faults.some((kind) => definitionOf(kind)?.needsWatches === true);
}

/** A start or stop of a fault. */
export interface FaultSwitch {
  readonly kind: string;
  readonly starts: boolean;
}

const SWITCHES: ReadonlyMap<string, FaultSwitch> = new Map<string, FaultSwitch>(
  FAULTS.flatMap(({ name, events }) => [
    [events.start, { kind: name, starts: true }],
    [events.stop, { kind: name, starts: false }],
  ]),
);

/**
 * Reads the name of an event of the nemesis. In a history of another release, an unknown `start-X` or `stop-X` is a
 * switch of X.
 */
export function readSwitch(f: string): FaultSwitch | undefined {
  const known = SWITCHES.get(f);
  if (known !== undefined) return known;
  const [, word, kind] = /^(start|stop)-(.+)$/.exec(f) ?? [];
  return kind === undefined ? undefined : { kind, starts: word === "start" };
}
