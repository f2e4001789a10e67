/**
 * A file of bounded size, which keeps the first and last output and the size of the omitted part.
 *
 * Tested by `tests/bench/storm_test.ts`.
 */

import { writeAll } from "./files.ts";

/** Keeps the first and the last bytes of the output. A ring holds the latter, and `close` puts it in order. */
export class BoundedFile {
  readonly #file: Deno.FsFile;
  /** The sizes of the initial part and of the ring after it, in bytes. */
  readonly #half: number;
  #headSize = 0;
  #ringAt = 0;
  #ringTotal = 0;

  /** Creates the file, with at most `sizeMax` bytes and one line that states the omitted size. */
  constructor(path: string, sizeMax: number) {
    this.#half = Math.max(1, Math.floor(sizeMax / 2));
    this.#file = Deno.openSync(path, { read: true, write: true, create: true, truncate: true });
  }

  /** Writes bytes. */
  write(chunk: Uint8Array): void {
    const head = chunk.subarray(0, Math.max(0, this.#half - this.#headSize));
    this.#headSize += head.length;
    writeAll(this.#file, head);
    this.#writeRing(chunk.subarray(head.length));
  }

  /** Puts the ring in order, and closes the file. */
  close(): void {
    const left = this.#ringTotal - this.#half;
    if (left > 0) this.#putInOrder(left);
    this.#file.close();
  }

  #writeRing(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    const skipped = Math.max(0, chunk.length - this.#half);
    this.#ringTotal += skipped;
    this.#ringAt = (this.#ringAt + skipped) % this.#half;
    let rest = chunk.subarray(skipped);
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#half - this.#ringAt);
      this.#file.seekSync(this.#half + this.#ringAt, Deno.SeekMode.Start);
      writeAll(this.#file, part);
      this.#ringAt = (this.#ringAt + part.length) % this.#half;
      this.#ringTotal += part.length;
      rest = rest.subarray(part.length);
    }
  }

  #putInOrder(left: number): void {
    const ring = new Uint8Array(this.#half);
    this.#file.seekSync(this.#half, Deno.SeekMode.Start);
    for (let read = 0; read < ring.length;) {
      const count = this.#file.readSync(ring.subarray(read));
      if (count === null) break;
      read += count;
    }
    this.#file.seekSync(this.#half, Deno.SeekMode.Start);
    writeAll(this.#file, new TextEncoder().encode(`\n… ${left} bytes omitted …\n`));
    writeAll(this.#file, ring.subarray(this.#ringAt));
    writeAll(this.#file, ring.subarray(0, this.#ringAt));
  }
}
