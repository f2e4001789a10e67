/** A run in progress: the current content of its growing history. Tested by `tests/bench/report/serve_test.ts`. */

import { LineSplitter } from "../../../protocol/lines.ts";
import { isObject } from "../../../protocol/schema.ts";
import { readSwitch } from "../../nemesis/faults.ts";
import { isFile, readJson } from "../../store/files.ts";
import { stateOf } from "../../store/run_state.ts";

/** Polling interval of the file, in ms. */
const LOOK_MS = 500;
/** Maximum number of bytes of the history read per poll. */
const READ_MAX = 8 * 1024 * 1024;

/** Operations that ended within one second of the test, and their maximum latency. */
export interface SecondOfRun {
  readonly second: number;
  ok: number;
  fail: number;
  info: number;
  longestMs: number;
}

/** The content of one update. */
export interface LiveUpdate {
  readonly state: string;
  readonly valid: unknown;
  readonly invoked: number;
  readonly pending: number;
  /** Active faults. */
  readonly faults: readonly string[];
  /** Seconds that changed since the last poll. */
  readonly seconds: readonly SecondOfRun[];
}

/** Follows a growing history. */
export class LiveHistory {
  readonly #folder: string;
  readonly #splitter = new LineSplitter();
  readonly #pending = new Map<unknown, number>();
  readonly #seconds = new Map<number, SecondOfRun>();
  readonly #faults = new Set<string>();
  #at = 0;
  #invoked = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads the new part of the history. */
  look(): LiveUpdate {
    const changed = new Set<SecondOfRun>();
    for (const line of this.#newLines()) this.#take(line, changed);
    const head = headOf(this.#folder);
    return {
      state: stateOf(head),
      valid: head["valid"],
      invoked: this.#invoked,
      pending: this.#pending.size,
      faults: [...this.#faults],
      seconds: [...changed].sort((a, b) => a.second - b.second),
    };
  }

  #newLines(): string[] {
    const path = `${this.#folder}/history.jsonl`;
    if (!isFile(path)) return []; // also skips a pipe, on which a read would block
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(path);
    } catch {
      return [];
    }
    try {
      file.seekSync(this.#at, Deno.SeekMode.Start);
      const size = Math.min(READ_MAX, Math.max(0, file.statSync().size - this.#at));
      const buffer = new Uint8Array(size);
      const n = size === 0 ? 0 : file.readSync(buffer) ?? 0;
      this.#at += n;
      return this.#splitter.push(buffer.subarray(0, n));
    } finally {
      file.close();
    }
  }

  #take(line: string, changed: Set<SecondOfRun>): void {
    let event: unknown;
    try {
      event = JSON.parse(line);
    } catch {
      return;
    }
    if (!isObject(event)) return;
    const { process, type, f, time } = event;
    if (typeof time !== "number") return;
    if (process === "nemesis") {
      const read = readSwitch(String(f));
      if (read?.starts === true) this.#faults.add(read.kind);
      else if (read !== undefined) this.#faults.delete(read.kind);
      return;
    }
    if (type === "invoke") {
      this.#invoked++;
      this.#pending.set(process, time);
      return;
    }
    const began = this.#pending.get(process) ?? time;
    this.#pending.delete(process);
    const number = Math.floor(time / 1e9);
    const second = this.#seconds.get(number) ?? { second: number, ok: 0, fail: 0, info: 0, longestMs: 0 };
    this.#seconds.set(number, second);
    if (type === "ok" || type === "fail" || type === "info") second[type]++;
    second.longestMs = Math.max(second.longestMs, (time - began) / 1e6);
    changed.add(second);
  }
}

/** Reads test.json. An unreadable file contributes nothing. */
function headOf(folder: string): Readonly<Record<string, unknown>> {
  try {
    return readJson(`${folder}/test.json`) ?? {};
  } catch {
    return {};
  }
}

/** Returns the updates as server-sent events, until the run ends or the client disconnects. */
export function liveEvents(folder: string, lookMs = LOOK_MS): ReadableStream<Uint8Array> {
  const history = new LiveHistory(folder);
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setInterval> | undefined;
  return new ReadableStream({
    start(controller) {
      const look = () => {
        try {
          const update = history.look();
          controller.enqueue(encoder.encode(`data: ${JSON.stringify(update)}\n\n`));
          if (update.state === "running") return;
          clearInterval(timer);
          controller.close();
        } catch (error) {
          clearInterval(timer);
          controller.error(error); // fails only this client's stream; the server continues
        }
      };
      timer = setInterval(look, lookMs);
      look();
    },
    cancel() {
      clearInterval(timer);
    },
  });
}
