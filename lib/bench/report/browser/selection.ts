/** The selected, marked and followed items in the diagrams. Tested by `tests/bench/report/browser_test.ts`. */

/** The selection. Notifies its subscribers of changes. */
export class Selection {
  /** The selected operation, or -1. */
  operation = -1;
  /** The selected message, or -1. */
  message = -1;
  /** The marked operations: those of a finding, or the selected one. */
  operations: ReadonlySet<number> = new Set();
  /** The followed messages. All other messages are dimmed. */
  followed: ReadonlySet<number> = new Set();
  readonly #listeners: (() => void)[] = [];

  /** Calls `changed` after every change. */
  onChange(changed: () => void): void {
    this.#listeners.push(changed);
  }

  chooseOperation(row: number): void {
    this.operation = row;
    this.message = -1;
    this.operations = new Set([row]);
    this.#changed();
  }

  chooseMessage(row: number): void {
    this.message = row;
    this.operation = -1;
    this.#changed();
  }

  markOperations(rows: Iterable<number>): void {
    this.operations = new Set(rows);
    this.operation = -1;
    this.#changed();
  }

  follow(rows: Iterable<number>): void {
    this.followed = new Set(rows);
    this.#changed();
  }

  clear(): void {
    this.operation = this.message = -1;
    this.operations = new Set();
    this.followed = new Set();
    this.#changed();
  }

  #changed(): void {
    for (const changed of this.#listeners) changed();
  }
}
