/**
 * The changes of a store as bytes. A frame is one change: its payload's length (4 bytes, little-endian), a checksum
 * (4 bytes), the payload. The checksum covers the frame before it as well, because it goes on from that frame's checksum; the
 * first goes on from the header's. So a frame is valid only in its own place of its own file.
 *
 * Tested by `tests/scenarios/storage/damage_test.ts`.
 */

import { crc32c } from "../crc32c.ts";

/** One change of a store's contents. */
export type Change =
  | { readonly kind: "put"; readonly key: string; readonly value: string }
  | { readonly kind: "remove"; readonly key: string }
  | { readonly kind: "append"; readonly log: string; readonly value: string }
  | { readonly kind: "truncate"; readonly log: string; readonly from: number }
  | { readonly kind: "discard"; readonly log: string; readonly before: number };

/** Bytes of a frame before its payload. */
export const FRAME_HEAD_BYTES = 8;
/** The maximum length of a payload, in bytes. A longer one is refused. */
const PAYLOAD_BYTES_MAX = 1 << 30;

const KINDS = ["put", "remove", "append", "truncate", "discard"] as const;
/** A flag in the kind of a batch's last frame. A batch without it is incomplete and does not count. */
const LAST_OF_BATCH = 0x80;
/** Bytes of a payload before its texts: the kind, and the length of the name. */
const PAYLOAD_HEAD_BYTES = 5;
const NUMBER_BYTES = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Gathers the frames of one batch. */
export class BatchWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #frames: number[] = [];

  /** The number of frames gathered. */
  get count(): number {
    return this.#frames.length;
  }

  /** The length of the collected frames, in bytes. */
  get length(): number {
    return this.#length;
  }

  /** Takes one change. */
  add(change: Change): void {
    const name = change.kind === "put" || change.kind === "remove" ? change.key : change.log;
    const value = change.kind === "put" || change.kind === "append" ? change.value : "";
    requireText(name);
    requireText(value);
    // A UTF-16 unit takes at most three bytes of UTF-8.
    this.#reserve(FRAME_HEAD_BYTES + PAYLOAD_HEAD_BYTES + 3 * (name.length + value.length) + NUMBER_BYTES);
    const payload = this.#length + FRAME_HEAD_BYTES;
    this.#bytes[payload] = KINDS.indexOf(change.kind);
    const nameAt = payload + PAYLOAD_HEAD_BYTES;
    const nameLength = encoder.encodeInto(name, this.#bytes.subarray(nameAt)).written;
    this.#view.setUint32(payload + 1, nameLength, true);
    const end = this.#writeRest(change, nameAt + nameLength);
    const payloadLength = end - payload;
    if (payloadLength > PAYLOAD_BYTES_MAX) {
      throw new RangeError(`a record of ${payloadLength} bytes is longer than ${PAYLOAD_BYTES_MAX}`);
    }
    this.#view.setUint32(this.#length, payloadLength, true);
    this.#frames.push(this.#length);
    this.#length = end;
  }

  /** Ends the batch. Returns its bytes, valid until the next change, and the checksum of the last frame. */
  take(previous: number): { readonly bytes: Uint8Array; readonly crc: number } {
    const bytes = this.#bytes.subarray(0, this.#length);
    const last = this.#frames.at(-1);
    if (last !== undefined) {
      const kindAt = last + FRAME_HEAD_BYTES;
      this.#bytes[kindAt] = (this.#bytes[kindAt] ?? 0) | LAST_OF_BATCH;
    }
    let crc = previous;
    for (const [i, at] of this.#frames.entries()) {
      const end = this.#frames[i + 1] ?? this.#length;
      crc = frameChecksum(bytes.subarray(at, end), crc);
      this.#view.setUint32(at + 4, crc, true);
    }
    this.#length = 0;
    this.#frames = [];
    return { bytes, crc };
  }

  #writeRest(change: Change, at: number): number {
    switch (change.kind) {
      case "put":
      case "append":
        return at + encoder.encodeInto(change.value, this.#bytes.subarray(at)).written;
      case "remove":
        return at;
      case "truncate":
        this.#view.setFloat64(at, change.from, true);
        return at + NUMBER_BYTES;
      case "discard":
        this.#view.setFloat64(at, change.before, true);
        return at + NUMBER_BYTES;
    }
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Throws if a program stores anything but a string, as JavaScript and casts allow. */
function requireText(value: unknown): void {
  if (typeof value === "string") return;
  throw new TypeError(
    `a store keeps strings, and not values of type ${typeof value}. Encode them, for example with JSON.stringify`,
  );
}

/** Returns the checksum of a frame's length and payload, which continues that of the previous frames. */
function frameChecksum(frame: Uint8Array, previous: number): number {
  return crc32c(frame.subarray(FRAME_HEAD_BYTES), crc32c(frame.subarray(0, 4), previous));
}

/** One frame that was read. */
export interface Frame {
  readonly change: Change;
  readonly lastOfBatch: boolean;
  readonly crc: number;
}

/** Returns the length of the frame that starts with these bytes, or undefined if there is none. */
export function frameLength(head: Uint8Array): number | undefined {
  if (head.length < FRAME_HEAD_BYTES) return undefined;
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
  return length < PAYLOAD_HEAD_BYTES || length > PAYLOAD_BYTES_MAX ? undefined : FRAME_HEAD_BYTES + length;
}

/** Reads a frame. Returns undefined if its checksum does not continue that of the previous frame. */
export function readFrame(frame: Uint8Array, previous: number): Frame | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const crc = frameChecksum(frame, previous);
  if (crc !== view.getUint32(4, true)) return undefined;
  const first = view.getUint8(FRAME_HEAD_BYTES);
  const nameAt = FRAME_HEAD_BYTES + PAYLOAD_HEAD_BYTES;
  const restAt = nameAt + view.getUint32(FRAME_HEAD_BYTES + 1, true);
  if (restAt > frame.length) return undefined;
  const name = decoder.decode(frame.subarray(nameAt, restAt));
  const text = () => decoder.decode(frame.subarray(restAt));
  const number = () => restAt + NUMBER_BYTES === frame.length ? view.getFloat64(restAt, true) : NaN;
  const change = toChange(KINDS[first & ~LAST_OF_BATCH], { name, text, number });
  return change && { change, lastOfBatch: (first & LAST_OF_BATCH) !== 0, crc };
}

function toChange(
  kind: Change["kind"] | undefined,
  { name, text, number }: {
    readonly name: string;
    readonly text: () => string;
    readonly number: () => number;
  },
): Change | undefined {
  switch (kind) {
    case "put":
      return { kind, key: name, value: text() };
    case "remove":
      return { kind, key: name };
    case "append":
      return { kind, log: name, value: text() };
    case "truncate":
      return { kind, log: name, from: number() };
    case "discard":
      return { kind, log: name, before: number() };
    case undefined:
      return undefined;
  }
}
