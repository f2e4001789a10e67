/**
 * The mark: how far a store's log was durable when something was last acknowledged. A log that is shorter, or damaged
 * before the mark, has lost what was acknowledged; what is invalid after the mark was never acknowledged.
 *
 * The file holds two slots, written in turn, each with a checksum, and far enough apart that one damaged sector or page
 * leaves the other. A slot is written only after the log was synced. So if one slot is damaged, the log must be intact to its
 * end, and the other slot is still a lower bound.
 *
 * Tested by `tests/scenarios/storage/damage_test.ts`.
 */

import { crc32c } from "../crc32c.ts";
import type { StoreFile } from "./files.ts";

/** The fields of a slot. */
export interface Mark {
  /** The number of the mark. If both slots are valid, the greater number counts. */
  readonly sequence: number;
  /** `creating` until the first write of the log. Nothing was acknowledged before. */
  readonly state: "creating" | "live";
  /** The store that the mark belongs to. */
  readonly store: string;
  /** The number of the log's rewrite that this mark describes. */
  readonly generation: number;
  /** The log's length in bytes, and the checksum of its last frame. */
  readonly length: number;
  readonly crc: number;
}

const SLOT_BYTES = 512;
const SLOTS_AT = [0, 4096] as const;
const CRC_DIGITS = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes a mark into its slot, durably. */
export function writeMark(file: StoreFile, mark: Mark): void {
  file.write(SLOTS_AT[mark.sequence % 2 === 0 ? 0 : 1], encodeMark(mark));
  file.sync();
}

/** Returns the valid marks of both slots. */
export function readMarks(file: StoreFile): Mark[] {
  return SLOTS_AT.flatMap((at) => {
    const bytes = new Uint8Array(SLOT_BYTES);
    const mark = file.read(at, bytes) === SLOT_BYTES ? decodeMark(bytes) : undefined;
    return mark === undefined ? [] : [mark];
  });
}

function encodeMark(mark: Mark): Uint8Array {
  const text = ` ${JSON.stringify(mark)}`.padEnd(SLOT_BYTES - CRC_DIGITS - 1) + "\n";
  return encoder.encode(hex(crc32c(text)) + text);
}

function decodeMark(bytes: Uint8Array): Mark | undefined {
  const crc = decoder.decode(bytes.subarray(0, CRC_DIGITS));
  const rest = bytes.subarray(CRC_DIGITS);
  if (crc !== hex(crc32c(rest))) return undefined;
  const mark: unknown = JSON.parse(decoder.decode(rest));
  return isMark(mark) ? mark : undefined;
}

function isMark(value: unknown): value is Mark {
  return typeof value === "object" && value !== null &&
    "sequence" in value && typeof value.sequence === "number" &&
    "state" in value && (value.state === "creating" || value.state === "live") &&
    "store" in value && typeof value.store === "string" &&
    "generation" in value && typeof value.generation === "number" &&
    "length" in value && typeof value.length === "number" &&
    "crc" in value && typeof value.crc === "number";
}

function hex(crc: number): string {
  return crc.toString(16).padStart(CRC_DIGITS, "0");
}
