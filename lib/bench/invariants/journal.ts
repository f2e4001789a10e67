/**
 * Checks invariants after every step of a run in virtual time: whenever a turn of a node has changed its watched values.
 *
 * Tested by `tests/bench/invariants/invariants_test.ts`.
 */

import { show } from "../../protocol/schema.ts";
import type { StateJournal } from "../../sim/watches.ts";
import { messageOf } from "../errors.ts";
import type { Enter } from "../run/workload_guard.ts";
import type { Invariants } from "./registry.ts";

/** The maximum number of characters kept of a value in a violation. */
const VALUE_LENGTH_MAX = 200;

/** The first violation of an invariant, or the step in which it threw an error. */
export interface Violation {
  readonly kind: "violated" | "threw";
  /** The name of the invariant. */
  readonly name: string;
  readonly text: string;
  /** The number of steps so far. */
  readonly step: number;
  /** The time since the start of the history, in ms. */
  readonly timeMs: number;
  /** The node whose turn violated the invariant. */
  readonly node: string;
  /** The watched values of all nodes, as texts: node → name → value. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A journal that checks invariants, and forwards all states to another one. */
export class InvariantJournal implements StateJournal {
  readonly #invariants: Invariants;
  readonly #now: () => number;
  readonly #next: StateJournal | undefined;
  readonly #enter: Enter;
  readonly #nodes = new Map<string, Map<string, unknown>>();
  readonly #memories = new Map<string, Map<string, unknown>>(); // by invariant
  readonly #violations = new Map<string, Violation>(); // by invariant
  #steps = 0;
  #startedAt = 0;

  constructor(
    invariants: Invariants,
    { now, next, enter = () => {} }: {
      readonly now: () => number;
      readonly next?: StateJournal | undefined;
      /** Receives `invariant` while one runs, so that the bench can name one that does not return. */
      readonly enter?: Enter | undefined;
    },
  ) {
    this.#invariants = invariants;
    this.#now = now;
    this.#next = next;
    this.#enter = enter;
  }

  /** The first violation of each invariant, in order of time. */
  get violations(): readonly Violation[] {
    return [...this.#violations.values()];
  }

  /** The number of steps that were checked. */
  get steps(): number {
    return this.#steps;
  }

  /** Sets the start of the history, from which times count. */
  began(): void {
    this.#startedAt = this.#now();
  }

  changed(node: string, values: ReadonlyMap<string, string>): void {
    this.#next?.changed(node, values);
    let known = this.#nodes.get(node);
    if (known === undefined) this.#nodes.set(node, known = new Map());
    for (const [name, text] of values) {
      if (text === "") known.delete(name);
      else known.set(name, JSON.parse(text));
    }
    this.#steps++;
    for (const [name, invariant] of this.#invariants) {
      if (this.#violations.has(name)) continue;
      let memory = this.#memories.get(name);
      if (memory === undefined) this.#memories.set(name, memory = new Map());
      try {
        this.#enter("invariant");
        const text = invariant({ nodes: this.#nodes, changed: node, memory });
        if (text === undefined) continue;
        if (typeof text !== "string") {
          throw new TypeError(`it returned a value of type ${typeof text} instead of a sentence`);
        }
        this.#add(name, { kind: "violated", node, text });
      } catch (error) {
        this.#add(name, { kind: "threw", node, text: messageOf(error) });
      } finally {
        this.#enter(undefined);
      }
    }
  }

  ended(node: string): void {
    this.#next?.ended(node);
    this.#nodes.delete(node);
  }

  #add(name: string, found: Pick<Violation, "kind" | "node" | "text">): void {
    const texts = (values: ReadonlyMap<string, unknown>) =>
      Object.fromEntries([...values].map(([key, value]) => [key, show(value).slice(0, VALUE_LENGTH_MAX)]));
    this.#violations.set(name, {
      name,
      ...found,
      step: this.#steps,
      timeMs: this.#now() - this.#startedAt,
      values: Object.fromEntries([...this.#nodes].map(([node, values]) => [node, texts(values)])),
    });
  }
}
