/** The watched states of an explored cluster: their journal and their invariants. Tested by `tests/bench/explore/invariants_test.ts`. */

import type { StateJournal } from "../../sim/watches.ts";
import { InvariantJournal, type Violation } from "../invariants/journal.ts";
import { invariantsOf } from "../invariants/registry.ts";

/** The settings of the journal. */
export interface WatchedOptions {
  /** The name of the invariants; undefined if there are none. */
  readonly invariants: string | undefined;
  readonly now: () => number;
  /** Receives all states, if they are kept. */
  readonly next: StateJournal | undefined;
  /** Called when a step has changed a state that an invariant can see. */
  readonly changed: () => void;
}

/** The journal of an execution. */
export class WatchedStates {
  /** Receives the changes of the nodes' states; undefined if nothing needs them. */
  readonly journal: StateJournal | undefined;
  readonly #checked: InvariantJournal | undefined;

  constructor({ invariants: name, now, next, changed }: WatchedOptions) {
    const invariants = invariantsOf(name);
    const checked = this.#checked = invariants.size === 0
      ? undefined
      : new InvariantJournal(invariants, now, next);
    this.journal = checked === undefined ? next : {
      changed: (node, values) => {
        changed();
        checked.changed(node, values);
      },
      ended: (node) => {
        changed();
        checked.ended(node);
      },
    };
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
