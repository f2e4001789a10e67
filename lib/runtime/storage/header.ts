/**
 * The beginning of a store's log: whose it is, and from which log it was rewritten.
 *
 * Tested by `tests/scenarios/storage/damage_test.ts`.
 */

import { crc32c } from "../crc32c.ts";
import type { StoreFile } from "./files.ts";

/** The format of stores. It increases if older stores become unreadable. (1 and 2 were SQLite files.) */
export const STORE_FORMAT = 3;

/** The fields of the header. */
export interface Header {
  readonly format: number;
  readonly node: string;
  /** The run that the store belongs to; null if none was named yet. */
  readonly run: string | null;
  /** The unique name of this store, for its mark. */
  readonly store: string;
  /** The number of times that the log was rewritten. */
  readonly generation: number;
  /** The end of the log from which this one was rewritten; null for the first log. */
  readonly parent: { readonly length: number; readonly crc: number } | null;
  /** The number of bytes after the header that were rewritten. The log is never shorter. */
  readonly rewritten: number;
}

const MAGIC = "charybdis store\n";
/** Bytes before the header's JSON text: the magic, its length, its checksum. */
const PREFIX_BYTES = MAGIC.length + 8;
const TEXT_BYTES_MAX = 64 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Returns the bytes of a header, and the checksum that the first frame continues. */
export function encodeHeader(header: Header): { readonly bytes: Uint8Array; readonly crc: number } {
  const text = encoder.encode(JSON.stringify(header));
  const bytes = new Uint8Array(PREFIX_BYTES + text.length);
  const view = new DataView(bytes.buffer);
  encoder.encodeInto(MAGIC, bytes);
  view.setUint32(MAGIC.length, text.length, true);
  bytes.set(text, PREFIX_BYTES);
  const crc = headerChecksum(bytes);
  view.setUint32(MAGIC.length + 4, crc, true);
  return { bytes, crc };
}

/** The result of reading a header: of this format, of another one, or none. */
export type FoundHeader =
  | { readonly kind: "header"; readonly header: Header; readonly length: number; readonly crc: number }
  | { readonly kind: "other_format"; readonly format: number }
  | { readonly kind: "none" };

/** Reads the header of a log. */
export function readHeader(file: StoreFile): FoundHeader {
  const none = { kind: "none" } as const;
  const prefix = new Uint8Array(PREFIX_BYTES);
  if (file.read(0, prefix) < PREFIX_BYTES) return none;
  if (decoder.decode(prefix.subarray(0, MAGIC.length)) !== MAGIC) return none;
  const view = new DataView(prefix.buffer);
  const textLength = view.getUint32(MAGIC.length, true);
  if (textLength > TEXT_BYTES_MAX) return none;
  const bytes = new Uint8Array(PREFIX_BYTES + textLength);
  if (file.read(0, bytes) < bytes.length) return none;
  const crc = view.getUint32(MAGIC.length + 4, true);
  if (headerChecksum(bytes) !== crc) return none;
  const header: unknown = JSON.parse(decoder.decode(bytes.subarray(PREFIX_BYTES)));
  if (!hasFormat(header)) return none;
  if (header.format !== STORE_FORMAT) return { kind: "other_format", format: header.format };
  return isHeader(header) ? { kind: "header", header, length: bytes.length, crc } : none;
}

function headerChecksum(bytes: Uint8Array): number {
  const length = bytes.subarray(MAGIC.length, MAGIC.length + 4);
  return crc32c(bytes.subarray(PREFIX_BYTES), crc32c(length));
}

function hasFormat(value: unknown): value is { readonly format: number } {
  return typeof value === "object" && value !== null && "format" in value && typeof value.format === "number";
}

function isHeader(value: object): value is Header {
  return "node" in value && typeof value.node === "string" &&
    "run" in value && (value.run === null || typeof value.run === "string") &&
    "store" in value && typeof value.store === "string" &&
    "generation" in value && typeof value.generation === "number" &&
    "parent" in value && (value.parent === null || isEnd(value.parent)) &&
    "rewritten" in value && typeof value.rewritten === "number";
}

function isEnd(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    "length" in value && typeof value.length === "number" && "crc" in value && typeof value.crc === "number";
}
