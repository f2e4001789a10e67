/** Unpacks a zip archive, entry by entry. Tested by `tests/bench/grade/submissions_test.ts`. */

import { crc32 } from "node:zlib";
import { type StagedFolder, SubmissionError } from "./staged_folder.ts";

/** The signatures of the parts of an archive. */
const SIGNATURES = { end: 0x06054b50, entry: 0x02014b50, local: 0x04034b50 } as const;
/** The lengths of the fixed parts, in bytes. */
const LENGTHS = { end: 22, entry: 46, local: 30 } as const;
/** The maximum length of the comment at an archive's end, and of the list of entries, in bytes. */
const COMMENT_LENGTH_MAX = 65_535;
const LIST_LENGTH_MAX = 32 * 2 ** 20;
/** The maximum length of the target of a symbolic link, in bytes. */
const TARGET_LENGTH_MAX = 4096;
/** File types in the upper bits of Unix permissions. */
const TYPE_MASK = 0o170000;
const LINK_TYPE = 0o120000;
/** The number of bytes that are read at once. */
const CHUNK_LENGTH = 64 * 1024;

/** Unpacks a zip archive into a folder. Throws `SubmissionError`. */
export async function unpackZip(path: string, folder: StagedFolder): Promise<void> {
  using file = Deno.openSync(path);
  for (const entry of entriesOf(file)) {
    if (entry.path.endsWith("/")) folder.folder(entry.path);
    else if (entry.isLink) folder.link(entry.path, await targetOf(file, entry));
    else await folder.file(entry.path, contentOf(file, entry), entry.mode);
  }
}

/** An entry of the archive's list. */
interface ZipEntry {
  readonly path: string;
  readonly isLink: boolean;
  /** Unix permissions; 0 if the archive does not have them. */
  readonly mode: number;
  readonly method: number;
  readonly checksum: number;
  readonly packedLength: number;
  readonly length: number;
  readonly offset: number;
}

function entriesOf(file: Deno.FsFile): ZipEntry[] {
  const { size } = file.statSync();
  const tailLength = Math.min(size, LENGTHS.end + COMMENT_LENGTH_MAX);
  const tail = readAt(file, size - tailLength, tailLength);
  let end = tail.byteLength - LENGTHS.end;
  while (end >= 0 && tail.getUint32(end, true) !== SIGNATURES.end) end--;
  if (end < 0) throw new SubmissionError("it is not a zip archive, or is damaged");
  const [listLength, listAt] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (listLength > LIST_LENGTH_MAX) throw new SubmissionError("its zip archive has too many entries");
  const list = readAt(file, listAt, listLength);
  const entries: ZipEntry[] = [];
  for (let at = 0; at + LENGTHS.entry <= list.byteLength;) {
    if (list.getUint32(at, true) !== SIGNATURES.entry) {
      throw new SubmissionError("its zip archive is damaged");
    }
    const lengthOf = (field: number) => list.getUint16(at + field, true);
    const nameLength = lengthOf(28);
    const name = new Uint8Array(list.buffer, list.byteOffset + at + LENGTHS.entry, nameLength);
    const mode = list.getUint32(at + 38, true) >>> 16;
    entries.push({
      path: new TextDecoder().decode(name),
      isLink: (mode & TYPE_MASK) === LINK_TYPE,
      mode,
      method: lengthOf(10),
      checksum: list.getUint32(at + 16, true),
      packedLength: list.getUint32(at + 20, true),
      length: list.getUint32(at + 24, true),
      offset: list.getUint32(at + 42, true),
    });
    at += LENGTHS.entry + nameLength + lengthOf(30) + lengthOf(32);
  }
  return entries;
}

async function targetOf(file: Deno.FsFile, entry: ZipEntry): Promise<string> {
  if (entry.length > TARGET_LENGTH_MAX) throw new SubmissionError(`the link ${entry.path} is too long`);
  let target = "";
  for await (const chunk of contentOf(file, entry)) target += new TextDecoder().decode(chunk);
  return target;
}

/** Yields the content of an entry, at most as many bytes as the list states. */
async function* contentOf(file: Deno.FsFile, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const { path, method, checksum, length, offset } = entry;
  if (method !== 0 && method !== 8) throw new SubmissionError(`${path} is packed in an unknown format`);
  const local = readAt(file, offset, LENGTHS.local);
  if (local.getUint32(0, true) !== SIGNATURES.local) throw new SubmissionError("its zip archive is damaged");
  const from = offset + LENGTHS.local + local.getUint16(26, true) + local.getUint16(28, true);
  const packed = ReadableStream.from(packedChunks(file, from, entry.packedLength));
  const stream = method === 0 ? packed : packed.pipeThrough(new DecompressionStream("deflate-raw"));
  let read = 0;
  let sum = 0;
  try {
    for await (const chunk of stream) {
      read += chunk.length;
      if (read > length) throw new SubmissionError(`${path} is larger than its archive states`);
      sum = crc32(chunk, sum);
      yield chunk;
    }
    if (read !== length || sum !== checksum) {
      throw new SubmissionError(`${path} is damaged in its zip archive`);
    }
  } catch (error) {
    throw error instanceof SubmissionError
      ? error
      : new SubmissionError(`${path} is damaged in its zip archive`);
  }
}

function* packedChunks(file: Deno.FsFile, from: number, length: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < length; at += CHUNK_LENGTH) {
    const { buffer } = readAt(file, from + at, Math.min(CHUNK_LENGTH, length - at));
    yield new Uint8Array(buffer);
  }
}

/** Returns the bytes at an offset. Throws `SubmissionError` if the file is shorter. */
function readAt(file: Deno.FsFile, offset: number, length: number): DataView<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < length;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) throw new SubmissionError("its zip archive is cut off");
    at += count;
  }
  return new DataView(bytes.buffer);
}
