/** The files of a store: a small interface, which the simulator implements, too. */

/** One open file. */
export interface StoreFile {
  /** The length in bytes. */
  size(): number;
  /** Fills `buffer` from byte `at` on; returns the number of bytes read, less than asked for only at the end. */
  read(at: number, buffer: Uint8Array): number;
  /** Writes all of `bytes` from byte `at` on. */
  write(at: number, bytes: Uint8Array): void;
  /** Cuts the file to a length. */
  truncate(size: number): void;
  /** Makes everything written before durable. */
  sync(): void;
  /** Takes the exclusive lock, which ends with the process or the file; returns false if another process has it. */
  lock(): boolean;
  close(): void;
}

/** The folder that holds the files of a store. */
export interface StoreFolder {
  /** The folder's name, for messages. */
  readonly name: string;
  /** True if there is a file of that name. */
  has(name: string): boolean;
  /** Opens a file for reading and writing. Creates an empty one if it does not exist. */
  open(name: string): StoreFile;
  /** Renames a file, in place of one that has the new name. */
  rename(from: string, to: string): void;
  /** Removes a file; harmless if there is none. */
  remove(name: string): void;
  /** Makes the creation, renaming and removal of files durable. */
  sync(): void;
}
