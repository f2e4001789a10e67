/** The watched states of an explored cluster: their journal and their invariants. Tested by `tests/bench/explore/invariants_test.ts`. */

import type { StateJournal } from "../../sim/watches.ts";
import { InvariantJournal, type Violation } from "../invariants/journal.ts";
import { invariantsOf } from "../invariants/registry.ts";
import type { Enter } from "../run/workload_guard.ts";

/** The settings of the journal. */
export interface WatchedOptions {
  /** The name of the invariants; undefined if there are none. */
  readonly invariants: string | undefined;
  readonly now: () => number;
  /** True if the current values are kept. */
  readonly keepsValues: boolean;
  /** Receives all states, if they are recorded. */
  readonly next: StateJournal | undefined;
  /** Receives `invariant` while one runs. */
  readonly enter: Enter | undefined;
  /** Called when a turn has changed a watched value. */
  readonly changed: () => void;
}

/** The journal of an execution. */
export class WatchedStates {
  /** Receives the changes of the nodes' states; undefined if nothing needs them. */
  readonly journal: StateJournal | undefined;
  /** The current values of each node, as JSON by name; empty unless they are kept. */
  readonly values = new Map<string, Map<string, string>>();
  readonly #checked: InvariantJournal | undefined;

  constructor({ invariants: name, now, next, changed, enter, keepsValues }: WatchedOptions) {
    const invariants = invariantsOf(name);
    const checked = this.#checked = invariants.size === 0
      ? undefined
      : new InvariantJournal(invariants, { now, next, enter });
    const forwarded = checked ?? next;
    this.journal = checked === undefined && !keepsValues ? next : {
      changed: (node, values) => {
        changed();
        if (keepsValues) this.#keep(node, values);
        forwarded?.changed(node, values);
      },
      ended: (node) => {
        changed();
        this.values.delete(node);
        forwarded?.ended(node);
      },
    };
  }

  #keep(node: string, values: ReadonlyMap<string, string>): void {
    let kept = this.values.get(node);
    if (kept === undefined) this.values.set(node, kept = new Map());
    for (const [name, text] of values) kept.set(name, text);
  }

  /** Sets the start of the history, from which times count. */
  began(): void {
    this.#checked?.began();
  }

  /** The number of checked changes and the first violation of each invariant; undefined if there are no invariants. */
  get outcome(): { readonly steps: number; readonly violations: readonly Violation[] } | undefined {
    return this.#checked && { steps: this.#checked.steps, violations: this.#checked.violations };
  }
}
