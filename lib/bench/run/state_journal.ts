/**
 * The nodes' watched states, as lines of states.jsonl: one per turn of a node that changed any.
 *
 * Tested by `tests/bench/report/state_columns_test.ts`.
 */

/** The maximum length of a watched value's JSON. */
const VALUE_LENGTH_MAX = 400;
/** The maximum length of all lines. */
const STATES_LENGTH_MAX = 24_000_000;

/** The parts of a node's state that changed in a turn, by name; `undefined` if the node has ended. */
export type StateChanges = ReadonlyMap<string, string> | undefined;

/** Collects the lines of states.jsonl. */
export class StateJournal {
  readonly lines: string[] = [];
  #length = 0;
  #omitted = 0;

  /** Records the start of the history, from which its times count. */
  began(timeMs: number): void {
    this.lines.push(JSON.stringify({ time: Math.round(timeMs * 1e6), began: true }));
  }

  /** Records changes at a virtual time. Each value is JSON text. */
  record(timeMs: number, node: string, changes: StateChanges): void {
    if (this.#length > STATES_LENGTH_MAX) {
      this.#omitted++;
      return;
    }
    const values = changes === undefined ? null : Object.fromEntries(
      Array.from(
        changes,
        (
          [name, value],
        ) => [name, value.length <= VALUE_LENGTH_MAX ? value : `${value.slice(0, VALUE_LENGTH_MAX)}…`],
      ),
    );
    const line = JSON.stringify({ time: Math.round(timeMs * 1e6), node, values });
    this.#length += line.length;
    this.lines.push(line);
  }

  /** Adds a line with the number of omitted changes, if there are any. */
  end(): void {
    if (this.#omitted > 0) this.lines.push(JSON.stringify({ omitted: this.#omitted }));
  }
}
