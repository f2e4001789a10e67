/**
 * Converts the lines of states.jsonl to columns: the nodes' states over time, and their log lines.
 *
 * Tested by `tests/bench/report/states_test.ts`.
 */

import { isObject } from "../../../protocol/schema.ts";
import { plural } from "../../format.ts";
import { clip, numberText } from "../html/text.ts";
import { microseconds } from "./operation_columns.ts";
import type { LogColumns, StateColumns } from "./report_data.ts";

/** The maximum number of changes in a report. Later ones are left out. */
const CHANGES_MAX = 200_000;
/** The maximum number of characters of all distinct values together. */
const VALUES_LENGTH_MAX = 12_000_000;
/** The maximum number of characters of a value. */
const VALUE_LENGTH_MAX = 1500;
/** The maximum number of log lines in a report: the first half of it, and the last. */
export const LOG_LINES_MAX = 20_000;
/** The maximum number of characters of a log line. */
const LOG_LINE_LENGTH_MAX = 1000;

/** The states and the log lines of a run. */
export interface RecordedStates {
  /** `null` if no node watches a part of its state. */
  readonly states: StateColumns | null;
  readonly logs: LogColumns;
  /** The last end of each node, by its number. */
  readonly ends: ReadonlyMap<number, number>;
}

interface Track {
  readonly node: number;
  readonly name: string;
  readonly at: number[];
  readonly value: number[];
  /** The value's JSON, which a splice changes; empty if there is none. */
  text: string;
}

/** The time from which on changes are missing, and the part whose limit was reached. */
interface Missing {
  readonly at: number;
  readonly by: "bench" | "report";
}

interface LogLine {
  readonly at: number;
  readonly node: number;
  readonly text: string;
}

/** Reads the lines of states.jsonl. */
export function stateColumns(
  lines: Iterable<string>,
  { nodes }: { readonly nodes: readonly string[] },
): RecordedStates {
  const reader = new StateReader(nodes);
  for (const line of lines) reader.read(line);
  return reader.end();
}

class StateReader {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #tracks: Map<string, Track>[];
  readonly #values = new Map<string, number>();
  readonly #logs: LogLine[] = [];
  readonly #ends = new Map<number, number>();
  #valuesLength = 0;
  #changes = 0;
  #startedUs = 0;
  #missing: Missing | undefined;

  constructor(nodes: readonly string[]) {
    this.#numbers = new Map(nodes.map((node, i) => [node, i]));
    this.#tracks = nodes.map(() => new Map());
  }

  read(line: string): void {
    const record = parse(line);
    if (record === undefined) return;
    const at = microseconds(Number(record["time"]));
    if (record["event"] === "began") this.#startedUs = at;
    else if (record["event"] === "left-out") this.#missing ??= { at, by: "bench" };
    const node = this.#numbers.get(String(record["node"]));
    if (node === undefined) return;
    if (typeof record["log"] === "string") this.#logs.push({ at, node, text: record["log"] });
    else if (record["event"] === "ended") this.#end(node, at);
    else this.#change(node, at, record);
  }

  end(): RecordedStates {
    const started = this.#startedUs;
    const tracks = this.#tracks.flatMap((tracks) =>
      [...tracks.values()].map(({ node, name, at, value }) => ({
        node,
        name,
        at: at.map((time) => time - started),
        value,
      }))
    );
    const notes = this.#missing === undefined ? [] : [this.#missingNote(this.#missing)];
    return {
      states: tracks.length === 0 ? null : {
        values: [...this.#values.keys()],
        tracks,
        leftOut: { total: this.#changes, notes },
      },
      logs: this.#logColumns(),
      ends: new Map([...this.#ends].map(([node, at]) => [node, at - started])),
    };
  }

  #missingNote({ at, by }: Missing): string {
    const time = ((at - this.#startedUs) / 1e6).toFixed(1);
    return by === "bench"
      ? `States and the times of log lines are recorded up to ${time} s, where the bench reached its limit.`
      : `States are shown up to ${time} s, where the report reached its limit; states.jsonl has all.`;
  }

  #logColumns(): LogColumns {
    const half = LOG_LINES_MAX / 2;
    const total = this.#logs.length;
    const kept = total <= LOG_LINES_MAX
      ? this.#logs
      : [...this.#logs.slice(0, half), ...this.#logs.slice(total - half)];
    const notes = kept.length === total ? [] : [
      `${plural(total - kept.length, "log line", numberText)} between the first and the last are not shown.`,
    ];
    return {
      at: kept.map(({ at }) => at - this.#startedUs),
      node: kept.map(({ node }) => node),
      text: kept.map(({ text }) => clip(text, LOG_LINE_LENGTH_MAX)),
      leftOut: { total, notes },
    };
  }

  /** A node that ends has no state. */
  #end(node: number, at: number): void {
    this.#ends.set(node, at);
    for (const track of this.#tracks[node]?.values() ?? []) this.#set(track, at, "");
  }

  #change(node: number, at: number, { set, splice, absent }: Readonly<Record<string, unknown>>): void {
    if (isObject(set)) {
      for (const [name, value] of Object.entries(set)) {
        this.#set(this.#track(node, name), at, JSON.stringify(value));
      }
    }
    if (isObject(splice)) {
      for (const [name, change] of Object.entries(splice)) {
        const track = this.#track(node, name);
        if (isSplice(change)) this.#set(track, at, spliced(track.text, change));
      }
    }
    if (Array.isArray(absent)) {
      for (const name of absent) this.#set(this.#track(node, String(name)), at, "");
    }
  }

  #track(node: number, name: string): Track {
    const tracks = this.#tracks[node] ?? new Map<string, Track>();
    let track = tracks.get(name);
    if (track === undefined) tracks.set(name, track = { node, name, at: [], value: [], text: "" });
    return track;
  }

  #set(track: Track, at: number, text: string): void {
    track.text = text;
    if (this.#changes >= CHANGES_MAX || this.#valuesLength >= VALUES_LENGTH_MAX) {
      this.#missing ??= { at, by: "report" };
      return;
    }
    this.#changes++;
    const value = text === "" ? -1 : this.#valueOf(text);
    if (track.at.at(-1) === at) track.value[track.value.length - 1] = value; // several turns at one time
    else track.at.push(at), track.value.push(value);
  }

  #valueOf(text: string): number {
    const shown = clip(text, VALUE_LENGTH_MAX);
    let number = this.#values.get(shown);
    if (number === undefined) {
      this.#values.set(shown, number = this.#values.size);
      this.#valuesLength += shown.length;
    }
    return number;
  }
}

type Splice = readonly [first: number, last: number, text: string];

function isSplice(value: unknown): value is Splice {
  return Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number" &&
    typeof value[2] === "string";
}

function spliced(before: string, [first, last, text]: Splice): string {
  return before.slice(0, first) + text + before.slice(before.length - last);
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (line === "") return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // an interrupted run leaves a partial line
  }
}
