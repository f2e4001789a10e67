/** The watched parts of one node's state, and their changes. */

import { stringifyExactJson } from "../protocol/exact_json.ts";

/** The number of parts per node. Further ones are not recorded. */
export const WATCHES_MAX = 64;
/** The number of characters of a value's JSON. A longer value becomes a string of its first characters. */
export const WATCHED_LENGTH_MAX = 4000;

/** Receives the changes of the nodes' states. */
export interface StateJournal {
  /** The values of a node that changed in a turn, as JSON by name. An empty text means that the part is left out. */
  changed(node: string, values: ReadonlyMap<string, string>): void;
  /** The end of a node, whose state is gone. */
  ended(node: string): void;
}

interface Watch {
  value: () => unknown;
  text: string;
}

/** The watches of one incarnation of a node. */
export class Watches {
  readonly #watches = new Map<string, Watch>();

  /** Adds a part, or replaces the one of that name. */
  add(name: string, value: () => unknown): void {
    const known = this.#watches.get(name);
    if (known !== undefined) known.value = value;
    else if (this.#watches.size < WATCHES_MAX) this.#watches.set(name, { value, text: "" });
  }

  /** Returns the current value of a part; undefined if there is none, or if it fails. */
  read(name: string): unknown {
    try {
      return this.#watches.get(name)?.value();
    } catch {
      return undefined;
    }
  }

  /** Returns the values that changed since the last call, as JSON by name. */
  takeChanges(): Map<string, string> {
    const changes = new Map<string, string>();
    for (const [name, watch] of this.#watches) {
      const text = textOf(watch.value);
      if (text === watch.text) continue;
      watch.text = text;
      changes.set(name, text);
    }
    return changes;
  }
}

function textOf(value: () => unknown): string {
  let text: string;
  try {
    text = stringifyExactJson(value()) ?? "";
  } catch (error) { // the record of a run must not change the run
    text = JSON.stringify(`failed: ${error instanceof Error ? error.message : error}`);
  }
  return text.length <= WATCHED_LENGTH_MAX ? text : JSON.stringify(`${text.slice(0, WATCHED_LENGTH_MAX)}…`);
}
