/**
 * The durable store of a node: a log of changes with chained checksums, and a mark that says how far the log was durable.
 * Guarantee: if one file of a closed store is damaged, the next opening finds it, or nothing that was acknowledged is missing.
 * The README of this folder has the format and the argument.
 *
 * Tested by `tests/runtime/storage/crash_test.ts`.
 */

import { DamagedStoreError } from "../host.ts";
import { Contents } from "./contents.ts";
import type { StoreFile, StoreFolder } from "./files.ts";
import { FileStore, type OpenStore, type StoreFiles } from "./file_store.ts";
import { encodeHeader, type Header, readHeader, STORE_FORMAT } from "./header.ts";
import { type Mark, readMarks, writeMark } from "./mark.ts";
import { type LogEnd, scanLog } from "./scan.ts";

/** Options for opening a store. */
export interface OpenOptions {
  readonly nodeId: string;
  /** The run that the store must belong to. Any run if undefined. */
  readonly run: string | undefined;
  /** Draws a name that no other store has. */
  readonly newId: () => string;
  /** Receives one line per repair. */
  readonly log: (line: string) => void;
  /**
   * The least length of a log that is rewritten, in bytes.
   *
   * @default {4 MiB}
   */
  readonly rewriteBytesMin?: number;
}

/** A store that cannot be used, although it is not damaged: it belongs elsewhere, or is in use. */
export class StoreRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StoreRefusedError";
  }
}

/** A log is rewritten once it has at least this length, in bytes, and at most half of it still holds. */
const REWRITE_BYTES_MIN_DEFAULT = 4 * 1024 * 1024;

/** Returns the names of a node's store files. Throws if the id cannot be part of a name. */
function storeFiles(nodeId: string): StoreFiles {
  if (!/^[A-Za-z0-9_.-]+$/.test(nodeId)) {
    throw new StoreRefusedError(`node id ${nodeId} cannot name a file`);
  }
  return { log: `${nodeId}.store`, mark: `${nodeId}.mark`, next: `${nodeId}.store.new` };
}

/**
 * Opens the store of a node, and makes it if it was never there. Throws {@linkcode DamagedStoreError} if something that was
 * acknowledged may be missing, and {@linkcode StoreRefusedError} if the store is in use, or of another node, run or format.
 */
export function openStore(folder: StoreFolder, options: OpenOptions): OpenStore {
  const files = storeFiles(options.nodeId);
  refuseOldFormat(folder, options.nodeId);
  const markFile = openMark(folder, files);
  try {
    const { rewriteBytesMin = REWRITE_BYTES_MIN_DEFAULT } = options;
    return openMarked(folder, { ...options, files, markFile, rewriteBytesMin });
  } catch (error) {
    markFile.close(); // and with it the lock
    throw error;
  }
}

function openMarked(folder: StoreFolder, options: Opening): OpenStore {
  const { files, markFile } = options;
  const marks = readMarks(markFile);
  const newest = newestOf(marks);
  if (folder.has(files.log)) {
    if (newest === undefined) {
      throw damaged(
        folder,
        files.mark,
        `holds no valid mark, so that nothing says how long ${files.log} was`,
      );
    }
    if (newest.state === "live") return openLog(folder, { ...options, marks, newest });
  } else if (newest?.state === "live") {
    throw damaged(
      folder,
      files.log,
      `is missing, although ${files.mark} says that it held ${newest.length} bytes`,
    );
  }
  return createStore(folder, options);
}

/** Renames the files of a damaged store, so that they remain for inspection and an empty store can replace them. */
export function setStoreAside(folder: StoreFolder, nodeId: string): void {
  const files = storeFiles(nodeId);
  let number = 1;
  while ([files.log, files.mark].some((name) => folder.has(`${name}.damaged-${number}`))) number++;
  for (const name of [files.log, files.mark]) {
    if (folder.has(name)) folder.rename(name, `${name}.damaged-${number}`);
  }
  folder.sync();
}

function damaged(folder: StoreFolder, file: string, problem: string): DamagedStoreError {
  return new DamagedStoreError(`${folder.name}/${file}`, problem);
}

function refuseOldFormat(folder: StoreFolder, nodeId: string): void {
  const file = `${nodeId}.sqlite`;
  if (!folder.has(file)) return;
  throw new StoreRefusedError(
    `${folder.name}/${file} is a store of an older format, which this version cannot read: name another directory, or remove it`,
  );
}

/** Opens the file of the mark and locks it for as long as this process runs. */
function openMark(folder: StoreFolder, { log, mark }: StoreFiles): StoreFile {
  if (folder.has(log) && !folder.has(mark)) {
    throw damaged(folder, mark, `is missing, so that nothing says how long ${log} was`);
  }
  const file = folder.open(mark);
  if (file.lock()) return file;
  file.close();
  throw new StoreRefusedError(`${folder.name}/${mark} is in use by another process: stop that one first`);
}

function newestOf(marks: readonly Mark[]): Mark | undefined {
  return marks.toSorted((a, b) => b.sequence - a.sequence)[0];
}

interface Opening extends OpenOptions {
  readonly rewriteBytesMin: number;
  readonly files: StoreFiles;
  readonly markFile: StoreFile;
}

/** Creates an empty store. Until both slots of the mark are live, another start creates it again. */
function createStore(folder: StoreFolder, options: Opening): FileStore {
  const { files, markFile, nodeId, run, newId, rewriteBytesMin } = options;
  const store = newId();
  const mark = (sequence: number, state: Mark["state"], end: LogEnd) =>
    writeMark(markFile, { sequence, state, store, generation: 0, ...end });
  // An existing log is left from an interrupted creation. It must be removed before its marks.
  folder.remove(files.log);
  folder.sync();
  for (const sequence of [0, 1]) mark(sequence, "creating", { length: 0, crc: 0 });
  folder.sync();
  const header: Header = {
    format: STORE_FORMAT,
    node: nodeId,
    run: run ?? null,
    store,
    generation: 0,
    parent: null,
    rewritten: 0,
  };
  const { bytes, crc } = encodeHeader(header);
  const log = folder.open(files.log);
  log.truncate(0);
  log.write(0, bytes);
  log.sync();
  folder.sync();
  const end = { length: bytes.length, crc };
  for (const sequence of [2, 3]) mark(sequence, "live", end);
  const contents = new Contents();
  return new FileStore(folder, { files, header, log, markFile, end, sequence: 3, contents, rewriteBytesMin });
}

interface Reopening extends Opening {
  readonly marks: readonly Mark[];
  readonly newest: Mark;
}

/** Opens a store that was there before. */
function openLog(folder: StoreFolder, options: Reopening): FileStore {
  const log = folder.open(options.files.log);
  try {
    return checkedStore(folder, log, options);
  } catch (error) {
    log.close();
    throw error;
  }
}

function checkedStore(folder: StoreFolder, log: StoreFile, options: Reopening): FileStore {
  const { files, markFile, marks, newest, rewriteBytesMin } = options;
  const { header, length, crc } = requireHeader(folder, log, options);
  const { end, size, contents, reached } = scanLog(log, { length, crc }, newest);
  const isOnlyMark = marks.length < 2;
  const problem = isShort(header, { end, reached, size, start: length, newest, isOnlyMark });
  if (problem !== undefined) throw damaged(folder, files.log, problem);
  if (end.length < size) {
    options.log(
      `${folder.name}/${files.log}: dropped ${
        size - end.length
      } bytes of a last write that was cut short; none of it was acknowledged`,
    );
    log.truncate(end.length);
    log.sync();
  }
  if (isOnlyMark) {
    options.log(
      `${folder.name}/${files.mark}: one of its two marks was damaged; the log is whole, so it is written again`,
    );
  }
  folder.remove(files.next); // left by a rewriting that was cut short
  const { sequence } = newest;
  const store = new FileStore(folder, {
    files,
    header,
    log,
    markFile,
    end,
    sequence,
    contents,
    rewriteBytesMin,
  });
  store.mark();
  if (header.run === null && options.run !== undefined) store.rewrite(options.run);
  return store;
}

function requireHeader(folder: StoreFolder, log: StoreFile, options: Reopening) {
  const { files, newest } = options;
  const found = readHeader(log);
  switch (found.kind) {
    case "none":
      throw damaged(
        folder,
        files.log,
        "does not begin as a store does: it is damaged there, or another file",
      );
    case "other_format":
      throw new StoreRefusedError(
        `${folder.name}/${files.log} is of format ${found.format}, not ${STORE_FORMAT}: name another directory, or remove it`,
      );
    case "header":
      refuseOtherOwner(folder, found.header, options);
      if (found.header.store === newest.store) return found;
      throw damaged(folder, files.mark, `belongs to another store than ${files.log}`);
  }
}

function refuseOtherOwner(folder: StoreFolder, header: Header, { nodeId, run, files }: Opening): void {
  const refuse = (what: string, found: string, expected: string) => {
    throw new StoreRefusedError(
      `the store ${folder.name}/${files.log} is of ${what} ${found}, not ${expected}: name another directory, or remove it`,
    );
  };
  if (header.node !== nodeId) refuse("node", header.node, nodeId);
  if (run !== undefined && header.run !== null && header.run !== run) refuse("run", header.run, run);
}

/** Returns the reason why a log may lack acknowledged changes, or undefined. */
function isShort(
  header: Header,
  { end, reached, size, start, newest, isOnlyMark }: {
    readonly end: LogEnd;
    readonly reached: boolean;
    readonly size: number;
    /** The start of the log's frames. */
    readonly start: number;
    readonly newest: Mark;
    readonly isOnlyMark: boolean;
  },
): string | undefined {
  const { generation, parent, rewritten } = header;
  // A kill between the rename of a rewritten log and its first mark leaves the mark of the previous log.
  const isJustRewritten = parent !== null && newest.generation === generation - 1 &&
    newest.length === parent.length && newest.crc === parent.crc;
  if (newest.generation !== generation && !isJustRewritten) {
    return `is of generation ${generation}, but its mark is of generation ${newest.generation}`;
  }
  const durable = isJustRewritten ? start + rewritten : newest.length;
  if (end.length < durable || (!isJustRewritten && !reached)) {
    return end.length < size
      ? `is damaged at byte ${end.length}; it was acknowledged up to byte ${durable}`
      : `ends at byte ${end.length}, but was acknowledged up to byte ${durable}`;
  }
  // A mark is written only after a sync of the log, so an interrupted mark implies a complete log.
  if (end.length < size && (isOnlyMark || isJustRewritten)) return `is damaged at byte ${end.length}`;
  return undefined;
}
