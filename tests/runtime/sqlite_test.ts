import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Storage } from "../../lib/runtime/host.ts";
import { folderTest } from "../folder.ts";
import { type DiskUnderTest, storageConformance } from "./storage_conformance.ts";

const ignore = (["read", "write"] as const).some((name) =>
  Deno.permissions.querySync({ name }).state !== "granted"
);

type Open = (directory: string, run?: string, nodeId?: string) => Storage;

/** Opens a store; loaded late, so that this file needs no permission where its tests are left out. */
const openSqlite: Open | undefined = ignore ? undefined : await loaded();

async function loaded(): Promise<Open> {
  const sqlite = await import("../../lib/runtime/sqlite.ts");
  return (directory, run, nodeId = "n1") => sqlite.openSqlite(directory, { nodeId, run });
}

function open(directory: string, run?: string, nodeId?: string): Storage {
  assert(openSqlite !== undefined);
  return openSqlite(directory, run, nodeId);
}

/** Changes the file itself, behind the store's back. */
async function alterer(): Promise<(path: string, sql: string, ...values: Array<string | number>) => void> {
  const { DatabaseSync } = await import("node:sqlite");
  return (path, sql, ...values) => {
    const database = new DatabaseSync(path);
    database.prepare(sql).run(...values);
    database.close();
  };
}

const alter = ignore ? undefined : await alterer();

function damage(path: string, place: string): void {
  const log = /^log (.*), index (\d+)$/.exec(place);
  const flipped = "SET value = CAST('X' || substr(value, 2) AS BLOB)";
  if (log !== null) {
    alter?.(path, `UPDATE log ${flipped} WHERE name = ? AND position = ?`, log[1] ?? "", Number(log[2]));
  } else alter?.(path, `UPDATE map ${flipped} WHERE key = ?`, place.slice("key ".length));
}

/**
 * A directory whose node is killed by copying its files as they stand, as a disk would have them after a crash: the process
 * that wrote them goes on, but nothing reads what it writes.
 */
function disk(): DiskUnderTest {
  const root = Deno.makeTempDirSync({ prefix: "charybdis-" });
  let life = 0;
  const directory = () => `${root}/${life}`;
  return {
    open() {
      const before = directory();
      life++;
      Deno.mkdirSync(directory());
      if (life > 1) {
        for (const { name } of Deno.readDirSync(before)) {
          // The shared-memory file is rebuilt: after a crash of the machine it is not there.
          if (!name.endsWith("-shm")) Deno.copyFileSync(`${before}/${name}`, `${directory()}/${name}`);
        }
      }
      return open(directory(), "run 1");
    },
    damage: (place) => damage(`${directory()}/n1.sqlite`, place),
    close: () => Deno.removeSync(root, { recursive: true }),
  };
}

storageConformance("the SQLite store", disk, { ignore });

folderTest("a store of another run is refused by both names, and left as it was", (directory) => {
  open(directory, "run 1").sync();
  const error = assertThrows(() => open(directory, "run 2"), Error);
  assertStringIncludes(error.message, `${directory}/n1.sqlite is of run run 1, not run 2`);
  assertStringIncludes(error.message, "name another directory, or remove it");
  open(directory, "run 1");
});

folderTest(
  "a store may be opened without naming the run; a store without a run takes the first that is named",
  (directory) => {
    open(directory).sync();
    open(directory, "run 1").sync();
    open(directory).sync();
    assertThrows(() => open(directory, "run 2"), Error, "is of run run 1");
  },
);

folderTest("a store of another format is refused", (directory) => {
  open(directory).sync();
  const storage = open(directory);
  storage.put("charybdis/format", "0");
  storage.sync();
  assertThrows(() => open(directory), Error, "is of format 0, not 2");
});

folderTest("nodes have a file each, in a directory that is made if needed", (directory) => {
  for (const id of ["n1", "n2"]) {
    const storage = open(`${directory}/a/b`, "run 1", id);
    storage.put("id", id);
    storage.sync();
  }
  assertEquals(open(`${directory}/a/b`, "run 1", "n2").get("id"), "n2");
  for (const id of ["", "../n1", "a/b", "a\0", "é"]) {
    assertThrows(() => open(directory, "run 1", id), Error, "cannot name a file");
  }
});

folderTest("a file that is no store is refused, and so is a place that is no directory", (directory) => {
  for (const text of ["junk", "this is a text, and longer than the header of a database file".repeat(20)]) {
    Deno.writeTextFileSync(`${directory}/n1.sqlite`, text);
    assertThrows(
      () => open(directory),
      Error,
      "n1.sqlite cannot be used (the file there is no SQLite database)",
    );
    assertEquals(Deno.readTextFileSync(`${directory}/n1.sqlite`), text, "left as it was");
  }
  assertThrows(() => open(`${directory}/n1.sqlite`), Error);
});

folderTest("a record whose checksum was damaged, or whose value was changed, is found out", (directory) => {
  const first = open(directory);
  first.put("a", "value");
  first.append("log", "value");
  first.sync();
  alter?.(`${directory}/n1.sqlite`, "UPDATE map SET crc = crc + 1 WHERE key = 'a'");
  alter?.(`${directory}/n1.sqlite`, "UPDATE log SET value = 7 WHERE name = 'log'");
  const second = open(directory);
  assertThrows(() => second.get("a"), Error, "key a is damaged");
  assertThrows(() => [...second.read("log")], Error, "log log, index 0 is damaged");
});
