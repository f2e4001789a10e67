/** Unpacks a tar archive, entry by entry. Tested by `tests/bench/grade/submissions_test.ts`. */

import { type StagedFolder, SubmissionError } from "./staged_folder.ts";

const BLOCK = 512;
/** The maximum length of a long name, or of an extended header, in bytes. */
const HEADER_LENGTH_MAX = 64 * 1024;

/** Unpacks a tar archive (ustar, with the long names of GNU and of POSIX) into a folder. Throws `SubmissionError`. */
export async function unpackTar(stream: ReadableStream<Uint8Array>, folder: StagedFolder): Promise<void> {
  const bytes = new ByteReader(stream);
  let next: { readonly path?: string; readonly target?: string } = {};
  try {
    for (let block = await bytes.read(BLOCK); block.length === BLOCK; block = await bytes.read(BLOCK)) {
      if (block.every((byte) => byte === 0)) continue;
      const header = parseHeader(block);
      const { kind, length } = header;
      if (kind === "L" || kind === "K" || kind === "x" || kind === "g") {
        const text = await longText(bytes, length);
        if (kind === "x") next = { ...next, ...paxNames(text) };
        else if (kind !== "g") {
          next = { ...next, [kind === "L" ? "path" : "target"]: text.replace(/\0.*$/s, "") };
        }
      } else {
        await unpackEntry({ ...header, ...next }, bytes, folder);
        next = {};
      }
      await bytes.read((BLOCK - length % BLOCK) % BLOCK);
    }
  } finally {
    await bytes.cancel();
  }
}

/** The header of an entry. */
interface TarHeader {
  readonly path: string;
  readonly kind: string;
  readonly length: number;
  readonly target: string;
  readonly mode: number;
}

async function unpackEntry(
  { path, kind, length, target, mode }: TarHeader,
  bytes: ByteReader,
  folder: StagedFolder,
) {
  if (kind === "5") folder.folder(path);
  else if (kind === "2") folder.link(path, target);
  else if (kind === "0" || kind === "7") await folder.file(path, bytes.chunks(length), mode);
  else throw new SubmissionError(`${path} is neither a file nor a folder nor a symbolic link`);
}

function parseHeader(block: Uint8Array): TarHeader {
  const text = (from: number, length: number) =>
    new TextDecoder().decode(block.subarray(from, from + length)).replace(/\0.*$/s, "");
  const octal = (from: number, length: number) => parseInt(text(from, length).trim() || "0", 8);
  const sum = block.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (octal(148, 8) !== sum) throw new SubmissionError("its tar archive is damaged: a checksum is wrong");
  const prefix = text(257, 5) === "ustar" ? text(345, 155) : "";
  const isLarge = ((block[124] ?? 0) & 0x80) !== 0; // a binary length, of 8 GB and more
  const length = isLarge ? Infinity : octal(124, 12);
  if (!Number.isSafeInteger(length)) {
    throw new SubmissionError("its tar archive has an entry that is too large");
  }
  const kind = text(156, 1) || "0";
  return {
    path: prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    kind,
    length: kind === "5" || kind === "2" ? 0 : length,
    target: text(157, 100),
    mode: octal(100, 8),
  };
}

async function longText(bytes: ByteReader, length: number): Promise<string> {
  if (length > HEADER_LENGTH_MAX) throw new SubmissionError("its tar archive has a name that is too long");
  return new TextDecoder().decode(await bytes.read(length));
}

/** Returns the names in an extended header: lines of `LENGTH KEY=VALUE`. */
function paxNames(text: string): { readonly path?: string; readonly target?: string } {
  const value = (key: string) => new RegExp(`^\\d+ ${key}=(.*)$`, "m").exec(text)?.[1];
  const [path, target] = [value("path"), value("linkpath")];
  return { ...(path === undefined ? {} : { path }), ...(target === undefined ? {} : { target }) };
}

/** Reads exact numbers of bytes from a stream. */
class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Returns the next bytes; fewer at the end of the stream. */
  async read(length: number): Promise<Uint8Array> {
    const read = new Uint8Array(length);
    let at = 0;
    for await (const chunk of this.chunks(length, { isWhole: false })) {
      read.set(chunk, at);
      at += chunk.length;
    }
    return read.subarray(0, at);
  }

  /** Yields the next bytes in pieces. Throws `SubmissionError` at the end of the stream. */
  async *chunks(length: number, { isWhole = true } = {}): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#reader.read();
        if (done && isWhole) throw new SubmissionError("its tar archive is cut off");
        if (done) return;
        this.#rest = value;
      }
      const chunk = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(chunk.length);
      left -= chunk.length;
      yield chunk;
    }
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}
