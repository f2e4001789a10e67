/**
 * Writes states.jsonl: the changes of the nodes' watched states, and the lines of their logs.
 *
 * A change names only the values that differ. `set` has a value's JSON; `splice` replaces a part of the previous JSON, where that
 * is shorter: `[first, last, text]` keeps its first and last characters and puts `text` between them.
 *
 * Tested by `tests/bench/report/states_test.ts`.
 */

import type { StateJournal } from "../../sim/watches.ts";

/** The maximum number of recorded characters. Later changes and lines are left out. */
export const STATES_LENGTH_MAX = 24_000_000;
/** The maximum number of characters of a log line. A longer one is cut. */
const LOG_LINE_LENGTH_MAX = 4000;
/** The number of characters by which a splice must be shorter than the value. */
const SPLICE_GAIN_MIN = 16;

/** The journal of a run's states. */
export class StateLines implements StateJournal {
  readonly #now: () => number;
  readonly #write: (line: string) => void;
  readonly #lengthMax: number;
  readonly #values = new Map<string, Map<string, string>>(); // by node, then by name
  #length = 0;
  #isFull = false;

  constructor(now: () => number, write: (line: string) => void, lengthMax = STATES_LENGTH_MAX) {
    this.#now = now;
    this.#write = write;
    this.#lengthMax = lengthMax;
  }

  /** Records the start of the history, from which its times count. */
  began(): void {
    this.#add('"event":"began"');
  }

  changed(node: string, values: ReadonlyMap<string, string>): void {
    let known = this.#values.get(node);
    if (known === undefined) this.#values.set(node, known = new Map());
    const set: string[] = [];
    const splice: string[] = [];
    const absent: string[] = [];
    for (const [name, text] of values) {
      const before = known.get(name) ?? "";
      known.set(name, text);
      const quoted = JSON.stringify(name);
      if (text === "") {
        absent.push(quoted);
        continue;
      }
      const shorter = spliceOf(before, text);
      if (shorter.length + SPLICE_GAIN_MIN <= text.length) splice.push(`${quoted}:${shorter}`);
      else set.push(`${quoted}:${text}`);
    }
    const parts = [
      ...(set.length === 0 ? [] : [`"set":{${set.join(",")}}`]),
      ...(splice.length === 0 ? [] : [`"splice":{${splice.join(",")}}`]),
      ...(absent.length === 0 ? [] : [`"absent":[${absent.join(",")}]`]),
    ];
    this.#add(`"node":${JSON.stringify(node)},${parts.join(",")}`);
  }

  ended(node: string): void {
    this.#values.delete(node);
    this.#add(`"node":${JSON.stringify(node)},"event":"ended"`);
  }

  /** Records a line of a node's log. */
  logged(node: string, text: string): void {
    const shown = text.length <= LOG_LINE_LENGTH_MAX ? text : `${text.slice(0, LOG_LINE_LENGTH_MAX)}…`;
    this.#add(`"node":${JSON.stringify(node)},"log":${JSON.stringify(shown)}`);
  }

  #add(fields: string): void {
    if (this.#isFull) return;
    const time = `{"time":${Math.round(this.#now() * 1e6)},`;
    this.#length += time.length + fields.length + 1;
    this.#isFull = this.#length > this.#lengthMax;
    this.#write(this.#isFull ? `${time}"event":"left-out"}` : `${time}${fields}}`);
  }
}

/** Returns the JSON of the splice that makes one text from another. */
function spliceOf(before: string, text: string): string {
  const shorter = Math.min(before.length, text.length);
  let first = 0;
  while (first < shorter && before.charCodeAt(first) === text.charCodeAt(first)) first++;
  let last = 0;
  while (
    last < shorter - first &&
    before.charCodeAt(before.length - 1 - last) === text.charCodeAt(text.length - 1 - last)
  ) last++;
  return `[${first},${last},${JSON.stringify(text.slice(first, text.length - last))}]`;
}
