/** Converts the lines of states.jsonl to columns. Tested by `tests/bench/report/state_columns_test.ts`. */

import { isObject } from "../../../protocol/schema.ts";
import { plural } from "../../format.ts";
import { microseconds } from "./operation_columns.ts";
import type { StateColumns, StateTrack } from "./report_data.ts";

/** The maximum number of changes in a report. Later ones are omitted. */
const CHANGES_MAX = 100_000;

/** Returns the states of all nodes; `null` if no node watches any part of its state. */
export function stateColumns(
  lines: Iterable<string> | undefined,
  nodes: readonly string[],
): StateColumns | null {
  if (lines === undefined) return null;
  const builder = new ColumnBuilder(nodes);
  for (const line of lines) {
    const read = readLine(line);
    if (read !== undefined) builder.add(read);
  }
  return builder.columns();
}

/** The content of a line. */
type Line =
  | { readonly kind: "omitted"; readonly count: number }
  | { readonly kind: "began"; readonly timeNs: number }
  | {
    readonly kind: "changes";
    readonly timeNs: number;
    readonly node: string;
    readonly values: Readonly<Record<string, unknown>> | null;
  };

/** Returns the content of a line; `undefined` if it is malformed. */
function readLine(line: string): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // cut off, when the bench was killed
  }
  if (!isObject(value)) return undefined;
  const { time: timeNs, node, values, omitted, began } = value;
  if (typeof omitted === "number") return { kind: "omitted", count: omitted };
  if (typeof timeNs !== "number") return undefined;
  if (began === true) return { kind: "began", timeNs };
  if (typeof node !== "string" || (values !== null && !isObject(values))) return undefined;
  return { kind: "changes", timeNs, node, values };
}

/** A track under construction. Its times count from the start of the nodes. */
interface TrackDraft {
  readonly name: string;
  readonly at: number[];
  readonly value: number[];
}

class ColumnBuilder {
  readonly #tracks: ReadonlyMap<string, Map<string, TrackDraft>>; // by node, then by name
  readonly #values = new Map<string, number>();
  #beganUs = 0;
  #changes = 0;
  #omitted = 0;

  constructor(nodes: readonly string[]) {
    this.#tracks = new Map(nodes.map((node) => [node, new Map()]));
  }

  add(line: Line): void {
    if (line.kind === "omitted") this.#omitted += line.count;
    else if (line.kind === "began") this.#beganUs = microseconds(line.timeNs);
    else this.#addChanges(line);
  }

  #addChanges({ node, timeNs, values }: Extract<Line, { kind: "changes" }>): void {
    const tracks = this.#tracks.get(node);
    if (tracks === undefined) return;
    const at = microseconds(timeNs);
    if (values === null) {
      for (const track of tracks.values()) push(track, at, -1); // the node has ended
      return;
    }
    for (const [name, value] of Object.entries(values)) {
      if (++this.#changes > CHANGES_MAX) {
        this.#omitted++;
        continue;
      }
      let track = tracks.get(name);
      if (track === undefined) tracks.set(name, track = { name, at: [], value: [] });
      push(track, at, this.#valueNumber(String(value)));
    }
  }

  #valueNumber(value: string): number {
    let number = this.#values.get(value);
    if (number === undefined) this.#values.set(value, number = this.#values.size);
    return number;
  }

  columns(): StateColumns | null {
    if (this.#changes === 0) return null;
    const tracks = [...this.#tracks.values()].map((named, node) =>
      [...named.values()].map(({ name, at, value }): StateTrack => ({
        node,
        name,
        at: at.map((time) => time - this.#beganUs),
        value,
      }))
    );
    const notes = this.#omitted === 0
      ? []
      : [`${plural(this.#omitted, "later change")} of states are missing`];
    return {
      values: [...this.#values.keys()],
      tracks: tracks.flat(),
      leftOut: { total: this.#omitted, notes },
    };
  }
}

function push({ at, value }: TrackDraft, time: number, number: number): void {
  at.push(time);
  value.push(number);
}
