/** The files of a store on the system's disk. */

import type { OpenStore } from "./file_store.ts";
import { type OpenOptions, openStore, setStoreAside, StoreRefusedError } from "./store.ts";
import type { StoreFile, StoreFolder } from "./files.ts";

/** Opens the store of a node in a directory. Creates the directory if needed. */
export function openStoreIn(directory: string, options: OpenOptions): OpenStore {
  return guard(directory, () => {
    Deno.mkdirSync(directory, { recursive: true });
    return openStore(new SystemFolder(directory), options);
  });
}

/** Sets the damaged store of a node aside, and opens an empty one in its place. */
export function replaceStoreIn(directory: string, options: OpenOptions): OpenStore {
  return guard(directory, () => {
    const folder = new SystemFolder(directory);
    setStoreAside(folder, options.nodeId);
    return openStore(folder, options);
  });
}

function guard<T>(directory: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    // Only errors of the system: those of the store already state a remedy.
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new StoreRefusedError(
      `${directory} cannot be used (${error.message}): name a folder that can be written with --data`,
    );
  }
}

class SystemFolder implements StoreFolder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  has(name: string): boolean {
    try {
      Deno.lstatSync(this.#path(name));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  open(name: string): StoreFile {
    return new SystemFile(Deno.openSync(this.#path(name), { read: true, write: true, create: true }));
  }

  rename(from: string, to: string): void {
    Deno.renameSync(this.#path(from), this.#path(to));
  }

  remove(name: string): void {
    if (this.has(name)) Deno.removeSync(this.#path(name));
  }

  sync(): void {
    if (Deno.build.os === "windows") return; // where a directory cannot be opened, nor needs to be
    using directory = Deno.openSync(this.name, { read: true });
    directory.syncSync();
  }

  #path(name: string): string {
    return `${this.name}/${name}`;
  }
}

class SystemFile implements StoreFile {
  readonly #file: Deno.FsFile;
  #isLocked = false;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  size(): number {
    return this.#file.statSync().size;
  }

  read(at: number, buffer: Uint8Array): number {
    this.#file.seekSync(at, Deno.SeekMode.Start);
    let length = 0;
    while (length < buffer.length) {
      const count = this.#file.readSync(buffer.subarray(length));
      if (count === null) break;
      length += count;
    }
    return length;
  }

  write(at: number, bytes: Uint8Array): void {
    this.#file.seekSync(at, Deno.SeekMode.Start);
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(this.#file.writeSync(rest));
  }

  truncate(size: number): void {
    this.#file.truncateSync(size);
  }

  sync(): void {
    this.#file.syncDataSync();
  }

  lock(): boolean {
    this.#isLocked = this.#file.tryLockSync(true);
    return this.#isLocked;
  }

  close(): void {
    // A child process that is starting has a copy of the descriptor, which keeps the lock until the child's program begins.
    if (this.#isLocked) this.#file.unlockSync();
    this.#file.close();
  }
}
