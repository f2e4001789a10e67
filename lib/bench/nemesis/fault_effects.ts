/** The effects of injected faults: the number of starts of each kind, its nodes, and its effect on messages. */

import { definitionOf, type FaultKind } from "./faults.ts";
import { plural } from "../format.ts";

/** The effect of one kind of fault over a whole run. */
export interface FaultEffect {
  readonly kind: FaultKind;
  /** The number of times that the fault started. */
  readonly times: number;
  /** The number of affected messages, or of what the fault counts instead; absent for a fault that counts nothing. */
  readonly messages?: number;
  /** The affected nodes, sorted; absent for a fault of the whole network. */
  readonly nodes?: readonly string[];
}

/** Returns the participle for the messages that a fault affects; undefined if it does not affect single messages. */
function participleOf(kind: string): string | undefined {
  return definitionOf(kind)?.affected;
}

interface Tally {
  times: number;
  messages: number;
  readonly nodes: Set<string>;
}

/** Counts the effects of faults while a test runs. */
export class FaultTally {
  readonly #tallies = new Map<FaultKind, Tally>();

  /** Counts a fault that starts. */
  began(kind: FaultKind): void {
    this.#tallyOf(kind).times++;
  }

  /** Records that a fault affected a node. */
  hit(kind: FaultKind, node: string): void {
    this.#tallyOf(kind).nodes.add(node);
  }

  /** Counts messages that a fault affected. */
  affected(kind: FaultKind, count = 1): void {
    this.#tallyOf(kind).messages += count;
  }

  /** The effects so far, in the order in which the kinds first started. */
  get effects(): readonly FaultEffect[] {
    return [...this.#tallies].map(([kind, { times, messages, nodes }]) => ({
      kind,
      times,
      ...(participleOf(kind) === undefined ? {} : { messages }),
      ...(nodes.size === 0 ? {} : { nodes: [...nodes].sort() }),
    }));
  }

  #tallyOf(kind: FaultKind): Tally {
    let tally = this.#tallies.get(kind);
    if (tally === undefined) this.#tallies.set(kind, tally = { times: 0, messages: 0, nodes: new Set() });
    return tally;
  }
}

/** Returns the effects of several runs together, by kind. */
export function sumOfEffects(effects: readonly FaultEffect[]): readonly FaultEffect[] {
  const kinds = Map.groupBy(effects, ({ kind }) => kind);
  return [...kinds].map(([kind, each]) => {
    const messages = each.flatMap((effect) => effect.messages ?? []);
    const nodes = new Set(each.flatMap((effect) => effect.nodes ?? []));
    return {
      kind,
      times: each.reduce((sum, { times }) => sum + times, 0),
      ...(messages.length === 0 ? {} : { messages: messages.reduce((sum, count) => sum + count, 0) }),
      ...(nodes.size === 0 ? {} : { nodes: [...nodes].sort() }),
    };
  });
}

/** Returns true if a fault had an effect: a partition that cut no message had none. */
export function hadEffect({ times, messages }: FaultEffect): boolean {
  return times > 0 && messages !== 0;
}

/** Describes the effect of each kind of fault: `partition: 3 times, 412 messages cut`, `pause: twice, n2, n4`. */
export function describeFaults(effects: readonly FaultEffect[]): readonly string[] {
  return effects.map(describe);
}

function describe({ kind, times, messages, nodes = [] }: FaultEffect): string {
  const participle = participleOf(kind);
  const noun = definitionOf(kind)?.counted ?? "message";
  const affected = messages === undefined || participle === undefined
    ? []
    : [`${messages === 0 ? `no ${noun}` : plural(messages, noun)} ${participle}`];
  return `${kind}: ${[howOften(times), ...affected, ...nodes].join(", ")}`;
}

function howOften(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
