/** What is chosen, marked and followed in the diagrams. */

/** The selection; whoever shows it is told of changes. */
export class Selection {
  /** The operation that was chosen, or -1. */
  operation = -1;
  /** The message that was chosen, or -1. */
  message = -1;
  /** Operations that are marked: those of a finding, or the one that was chosen. */
  operations: ReadonlySet<number> = new Set();
  /** Messages that are followed; all others step back. */
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
