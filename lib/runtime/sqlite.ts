/** The real store: one SQLite file a node, with a checksum on every record. Loaded only when `--data` is given. */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { crc32c } from "./crc32c.ts";
import { CorruptRecordError, type Storage } from "./host.ts";

/** Increased whenever a file written before cannot be read any more. */
const FORMAT = "2";

/** What each SQLite file begins with. A short file of anything else SQLite takes for an empty one, and overwrites. */
const MAGIC = "SQLite format 3\0";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// Values are blobs, since a text is read back only to its first NUL.
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS map (key TEXT PRIMARY KEY, value BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS log (name TEXT, position INTEGER, value BLOB NOT NULL, crc INTEGER NOT NULL,
    PRIMARY KEY (name, position)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS log_end (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
`;

/**
 * Opens `DIR/<node id>.sqlite`, making both if needed. What is put between two `sync`s is one transaction. Throws when
 * the directory cannot be used, the file is of another format, or it belongs to another run.
 */
export function openSqlite(
  directory: string,
  options: { readonly nodeId: string; readonly run: string | undefined },
): Storage {
  if (!/^[A-Za-z0-9_.-]+$/.test(options.nodeId)) {
    throw new Error(`node id ${options.nodeId} cannot name a file`);
  }
  const path = `${directory}/${options.nodeId}.sqlite`;
  const storage = openFile(directory, path);
  checkOwner(storage, { path, key: "charybdis/format", expected: FORMAT, what: "format" });
  if (options.run !== undefined) {
    checkOwner(storage, { path, key: "charybdis/run", expected: options.run, what: "run" });
  }
  storage.sync();
  return storage;
}

function openFile(directory: string, path: string): SqliteStorage {
  try {
    Deno.mkdirSync(directory, { recursive: true });
    requireDatabase(path);
    return new SqliteStorage(new DatabaseSync(path));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} cannot be used (${why}): name a folder that can be written with --data`);
  }
}

function requireDatabase(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true, create: true });
  const head = new Uint8Array(MAGIC.length);
  const length = file.readSync(head) ?? 0;
  if (length > 0 && decoder.decode(head.subarray(0, length)) !== MAGIC) {
    throw new Error("the file there is no SQLite database");
  }
}

function checkOwner(
  storage: Storage,
  { path, key, expected, what }: { path: string; key: string; expected: string; what: string },
): void {
  const found = storage.get(key);
  if (found === undefined) storage.put(key, expected);
  else if (found !== expected) {
    throw new Error(
      `the store ${path} is of ${what} ${found}, not ${expected}: name another directory, or remove it`,
    );
  }
}

class SqliteStorage implements Storage {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #ends = new Map<string, number>();
  #dirty = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(SCHEMA);
  }

  get(key: string): string | undefined {
    const row = this.#sql("SELECT value, crc FROM map WHERE key = ?").get(key);
    return row === undefined ? undefined : checked(`key ${key}`, row);
  }

  put(key: string, value: string): void {
    const bytes = encoder.encode(value);
    this.#write("INSERT OR REPLACE INTO map VALUES (?, ?, ?)", [key, bytes, crc32c(bytes)]);
  }

  remove(key: string): void {
    this.#write("DELETE FROM map WHERE key = ?", [key]);
  }

  append(log: string, value: string): number {
    const index = this.#end(log);
    const bytes = encoder.encode(value);
    this.#write("INSERT INTO log VALUES (?, ?, ?, ?)", [log, index, bytes, crc32c(bytes)]);
    this.#setEnd(log, index + 1);
    return index;
  }

  *read(log: string): Iterable<{ index: number; value: string }> {
    // A statement of its own, since another log, or this one, may be read meanwhile.
    const rows = this.#database.prepare(
      "SELECT position, value, crc FROM log WHERE name = ? ORDER BY position",
    ).iterate(log);
    for (const row of rows) {
      const index = Number(row["position"]);
      yield { index, value: checked(`log ${log}, index ${index}`, row) };
    }
  }

  truncate(log: string, from: number): void {
    this.#write("DELETE FROM log WHERE name = ? AND position >= ?", [log, from]);
    this.#setEnd(log, Math.min(from, this.#end(log)));
  }

  discard(log: string, before: number): void {
    this.#write("DELETE FROM log WHERE name = ? AND position < ?", [log, before]);
    this.#setEnd(log, Math.max(before, this.#end(log)));
  }

  sync(): void {
    if (!this.#dirty) return;
    this.#database.exec("COMMIT");
    this.#dirty = false;
  }

  #end(log: string): number {
    const known = this.#ends.get(log);
    if (known !== undefined) return known;
    const row = this.#sql("SELECT next FROM log_end WHERE name = ?").get(log);
    return row === undefined ? 0 : Number(row["next"]);
  }

  #setEnd(log: string, next: number): void {
    this.#ends.set(log, next);
    this.#write("INSERT OR REPLACE INTO log_end VALUES (?, ?)", [log, next]);
  }

  #write(sql: string, values: Array<string | number | Uint8Array>): void {
    if (!this.#dirty) this.#database.exec("BEGIN");
    this.#dirty = true;
    this.#sql(sql).run(...values);
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) this.#statements.set(text, statement = this.#database.prepare(text));
    return statement;
  }
}

function checked(place: string, row: Readonly<Record<string, unknown>>): string {
  const value = row["value"];
  if (!(value instanceof Uint8Array) || crc32c(value) !== row["crc"]) throw new CorruptRecordError(place);
  return decoder.decode(value);
}
