/**
 * Reads a store's log from its beginning to the last complete batch.
 *
 * Tested by `tests/scenarios/storage/damage_test.ts`.
 */

import { Contents } from "./contents.ts";
import type { StoreFile } from "./files.ts";
import { type Change, FRAME_HEAD_BYTES, frameLength, readFrame } from "./frame.ts";

/** The end of a batch in a log, and the checksum of its last frame. */
export interface LogEnd {
  readonly length: number;
  readonly crc: number;
}

/** A log that was read. */
export interface ScannedLog {
  readonly contents: Contents;
  /** The end of the last complete batch. */
  readonly end: LogEnd;
  /** True if a batch ends exactly at the given place. */
  readonly reached: boolean;
  /** The length of the file. */
  readonly size: number;
}

/** Reads a log whose frames start at `start`, and checks whether a batch ends at a place. */
export function scanLog(file: StoreFile, start: LogEnd, wanted: LogEnd): ScannedLog {
  const contents = new Contents();
  const window = new Window(file);
  let end = start;
  let reached = isSame(start, wanted);
  let batch: Change[] = [];
  let { length, crc } = start;
  for (
    let frame = nextFrame(window, length, crc);
    frame !== undefined;
    frame = nextFrame(window, length, crc)
  ) {
    length += frame.length;
    crc = frame.crc;
    batch.push(frame.change);
    if (!frame.lastOfBatch) continue;
    for (const change of batch) contents.apply(change);
    batch = [];
    end = { length, crc };
    reached ||= isSame(end, wanted);
  }
  return { contents, end, reached, size: window.size };
}

function isSame(a: LogEnd, b: LogEnd): boolean {
  return a.length === b.length && a.crc === b.crc;
}

function nextFrame(window: Window, at: number, crc: number) {
  const length = frameLength(window.bytes(at, FRAME_HEAD_BYTES));
  if (length === undefined || at + length > window.size) return undefined;
  const frame = readFrame(window.bytes(at, length), crc);
  return frame && { ...frame, length };
}

const WINDOW_BYTES = 1 << 20;

/** A file, read forward in large pieces. */
class Window {
  readonly size: number;
  readonly #file: StoreFile;
  #bytes = new Uint8Array(WINDOW_BYTES);
  #at = 0;
  #length = 0;

  constructor(file: StoreFile) {
    this.#file = file;
    this.size = file.size();
  }

  /** The bytes from `at` on, fewer at the end of the file; valid until the next call. */
  bytes(at: number, length: number): Uint8Array {
    if (at < this.#at || at + length > this.#at + this.#length) {
      if (length > this.#bytes.length) this.#bytes = new Uint8Array(length);
      this.#at = at;
      this.#length = this.#file.read(at, this.#bytes);
    }
    return this.#bytes.subarray(at - this.#at, Math.min(at - this.#at + length, this.#length));
  }
}
