/**
 * An open store: its contents in memory, and every change in the log, with a mark of the durable length.
 *
 * Tested by `tests/runtime/storage/crash_test.ts`.
 */

import type { Storage } from "../host.ts";
import type { Contents } from "./contents.ts";
import type { StoreFile, StoreFolder } from "./files.ts";
import { BatchWriter, type Change } from "./frame.ts";
import { encodeHeader, type Header } from "./header.ts";
import { writeMark } from "./mark.ts";
import type { LogEnd } from "./scan.ts";

/** The names of a store's files. */
export interface StoreFiles {
  readonly log: string;
  readonly mark: string;
  /** A log that is being rewritten. */
  readonly next: string;
}

/** A store that is open. */
export interface OpenStore extends Storage {
  /** Closes the files and releases the lock. Unsynced changes are lost. */
  close(): void;
}

/** The state of an opened store. */
export interface StoreState {
  readonly files: StoreFiles;
  readonly header: Header;
  readonly log: StoreFile;
  readonly markFile: StoreFile;
  /** The end of the log. */
  readonly end: LogEnd;
  /** The number of the newest mark. */
  readonly sequence: number;
  readonly contents: Contents;
  readonly rewriteBytesMin: number;
}

/** A store on files. */
export class FileStore implements OpenStore {
  readonly #folder: StoreFolder;
  readonly #files: StoreFiles;
  readonly #markFile: StoreFile;
  readonly #contents: Contents;
  readonly #batch = new BatchWriter();
  #header: Header;
  #log: StoreFile;
  #end: LogEnd;
  #sequence: number;
  readonly #rewriteBytesMin: number;
  #rewriteAtBytes: number;

  constructor(
    folder: StoreFolder,
    { files, header, log, markFile, end, sequence, contents, rewriteBytesMin }: StoreState,
  ) {
    this.#folder = folder;
    this.#files = files;
    this.#markFile = markFile;
    this.#contents = contents;
    this.#header = header;
    this.#log = log;
    this.#end = end;
    this.#sequence = sequence;
    this.#rewriteBytesMin = this.#rewriteAtBytes = rewriteBytesMin;
  }

  get(key: string): string | undefined {
    return this.#contents.get(key);
  }

  put(key: string, value: string): void {
    this.#change({ kind: "put", key, value });
  }

  remove(key: string): void {
    this.#change({ kind: "remove", key });
  }

  append(log: string, value: string): number {
    const index = this.#contents.end(log);
    this.#change({ kind: "append", log, value });
    return index;
  }

  read(log: string): Iterable<{ readonly index: number; readonly value: string }> {
    return this.#contents.read(log);
  }

  truncate(log: string, from: number): void {
    this.#change({ kind: "truncate", log, from });
  }

  discard(log: string, before: number): void {
    this.#change({ kind: "discard", log, before });
  }

  sync(): void {
    if (this.#batch.count === 0) return;
    const { bytes, crc } = this.#batch.take(this.#end.crc);
    this.#log.write(this.#end.length, bytes);
    this.#log.sync();
    this.#end = { length: this.#end.length + bytes.length, crc };
    this.mark();
    const { length } = this.#end;
    if (length >= this.#rewriteAtBytes && length >= 2 * this.#contents.sizeEstimate) {
      this.rewrite(this.#header.run);
    }
  }

  close(): void {
    this.#log.close();
    this.#markFile.close();
  }

  /** Writes the mark: the durable length of the log. */
  mark(): void {
    const { store, generation } = this.#header;
    this.#sequence++;
    writeMark(this.#markFile, {
      sequence: this.#sequence,
      state: "live",
      store,
      generation,
      length: this.#end.length,
      crc: this.#end.crc,
    });
  }

  /** Rewrites the log with the current contents. */
  rewrite(run: string | null): void {
    const batch = new BatchWriter();
    for (const change of this.#contents.changes()) batch.add(change);
    const rewritten = batch.length;
    const header: Header = {
      ...this.#header,
      run,
      generation: this.#header.generation + 1,
      parent: this.#end,
      rewritten,
    };
    const head = encodeHeader(header);
    const body = batch.take(head.crc);
    const log = this.#folder.open(this.#files.next);
    log.truncate(0);
    log.write(0, head.bytes);
    log.write(head.bytes.length, body.bytes);
    log.sync();
    this.#folder.rename(this.#files.next, this.#files.log);
    this.#folder.sync();
    this.#log.close();
    this.#log = log;
    this.#header = header;
    this.#end = { length: head.bytes.length + rewritten, crc: body.crc };
    this.#rewriteAtBytes = Math.max(this.#rewriteBytesMin, 2 * this.#end.length);
    this.mark();
  }

  #change(change: Change): void {
    this.#batch.add(change);
    this.#contents.apply(change);
  }
}
