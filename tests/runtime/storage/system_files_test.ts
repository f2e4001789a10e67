import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { DamagedStoreError } from "../../../lib/runtime/host.ts";
import type { OpenStore } from "../../../lib/runtime/storage/file_store.ts";
import { StoreRefusedError } from "../../../lib/runtime/storage/store.ts";
import { openStoreIn, replaceStoreIn } from "../../../lib/runtime/storage/system_files.ts";
import { damagedBytes } from "../../../lib/sim/disk.ts";
import { folderTest } from "../../folder.ts";
import { type DiskUnderTest, storageConformance } from "../storage_conformance.ts";

const ignore = (["read", "write"] as const).some((name) =>
  Deno.permissions.querySync({ name }).state !== "granted"
);

let stores = 0;

function options(run?: string, nodeId = "n1") {
  return { nodeId, run, newId: () => `store ${stores++}`, log: () => {} };
}

function open(directory: string, run?: string, nodeId?: string): OpenStore {
  return openStoreIn(directory, options(run, nodeId));
}

/** Opens a store, calls a function with it, and closes it. */
function use(directory: string, act: (storage: OpenStore) => void, run?: string, nodeId?: string): void {
  const storage = open(directory, run, nodeId);
  try {
    act(storage);
  } finally {
    storage.close();
  }
}

const nothing = () => {};

/** Copies the files of a store, as a killed process leaves them. */
function copied(from: string, to: string): string {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  return to;
}

/** A directory whose node is killed by copying its files: the process that wrote them goes on, unread. */
function disk(): DiskUnderTest {
  const root = Deno.makeTempDirSync({ prefix: "charybdis-" });
  let incarnation = 0;
  const opened: OpenStore[] = [];
  const directory = () => `${root}/${incarnation}`;
  return {
    open() {
      const before = directory();
      incarnation++;
      if (incarnation > 1) copied(before, directory());
      const storage = open(directory(), "run 1");
      opened.push(storage);
      return storage;
    },
    files: () =>
      new Map(
        [...Deno.readDirSync(directory())].map((
          { name },
        ) => [name, Deno.statSync(`${directory()}/${name}`).size]),
      ),
    damage(damage) {
      const path = `${directory()}/${damage.file}`;
      const bytes = damagedBytes(Deno.readFileSync(path), damage);
      if (bytes === undefined) Deno.removeSync(path);
      else Deno.writeFileSync(path, bytes);
    },
    close() {
      for (const storage of opened) storage.close();
      Deno.removeSync(root, { recursive: true });
    },
  };
}

storageConformance("the store of files", disk, { ignore });

folderTest("a store of another run is refused with both names, and unchanged", (directory) => {
  use(directory, nothing, "run 1");
  const error = assertThrows(() => open(directory, "run 2"), StoreRefusedError);
  assertStringIncludes(error.message, `${directory}/n1.store is of run run 1, not run 2`);
  assertStringIncludes(error.message, "name another directory, or remove it");
  use(directory, nothing, "run 1");
});

folderTest("a store without a run adopts the first one, and keeps its content", (directory) => {
  use(directory, (storage) => {
    storage.put("key", "value");
    storage.sync();
  });
  use(directory, (storage) => assertEquals(storage.get("key"), "value"), "run 1");
  assertThrows(() => open(directory, "run 2"), StoreRefusedError, "is of run run 1");
  use(directory, (storage) => assertEquals(storage.get("key"), "value", "a start may leave the run out"));
});

folderTest("the store of another node is refused", (directory) => {
  use(directory, nothing, "run 1", "n1");
  for (const kind of ["store", "mark"]) {
    Deno.renameSync(`${directory}/n1.${kind}`, `${directory}/n2.${kind}`);
  }
  assertThrows(() => open(directory, "run 1", "n2"), StoreRefusedError, "n2.store is of node n1, not n2");
});

folderTest("a mark of another node's store is damage", (directory) => {
  for (const id of ["n1", "n2"]) use(directory, nothing, "run 1", id);
  Deno.copyFileSync(`${directory}/n2.mark`, `${directory}/n1.mark`);
  assertThrows(() => open(directory), DamagedStoreError, "n1.mark belongs to another store than n1.store");
});

folderTest("a store that is already open is refused with one line", (directory) => {
  use(directory, () => {
    const error = assertThrows(() => open(directory), StoreRefusedError);
    assertStringIncludes(error.message, `${directory}/n1.mark is in use by another process`);
  });
  use(directory, nothing);
});

/** A thread that starts one process after another, each of which has a copy of every open file for a moment. */
const STARTER = `data:text/javascript,${
  encodeURIComponent('postMessage("ready"); for (;;) await new Deno.Command("true").output();')
}`;

folderTest("a closed store can be opened again while another thread starts processes", async (directory) => {
  const starter = new Worker(STARTER, { type: "module" });
  try {
    await new Promise((resolve) => starter.onmessage = resolve);
    for (let i = 0; i < 200; i++) use(directory, nothing);
  } finally {
    starter.terminate();
  }
}, { permissions: ["run"] });

folderTest("a store of an older format is refused and unchanged", (directory) => {
  Deno.writeTextFileSync(`${directory}/n1.sqlite`, "SQLite format 3\0");
  assertThrows(() => open(directory), StoreRefusedError, "n1.sqlite is a store of an older format");
  assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["n1.sqlite"]);
});

folderTest("each node has its own files, in a directory that is created if needed", (directory) => {
  for (const id of ["n1", "n2"]) {
    use(
      `${directory}/a/b`,
      (storage) => {
        storage.put("id", id);
        storage.sync();
      },
      "run 1",
      id,
    );
  }
  use(`${directory}/a/b`, (storage) => assertEquals(storage.get("id"), "n2"), "run 1", "n2");
  for (const id of ["", "../n1", "a/b", "a\0", "é"]) {
    assertThrows(() => open(directory, "run 1", id), StoreRefusedError, "cannot name a file");
  }
});

folderTest(
  "a file that is not a store is damage, and a path that is not a directory is refused",
  (directory) => {
    for (const text of ["junk", "this is a text, and longer than the header of a store".repeat(20)]) {
      Deno.writeTextFileSync(`${directory}/n1.store`, text);
      assertThrows(() => open(directory), DamagedStoreError);
      assertEquals(Deno.readTextFileSync(`${directory}/n1.store`), text, "left as it was");
    }
    assertThrows(() => open(`${directory}/n1.store`), StoreRefusedError, "cannot be used");
  },
);

folderTest("a replaced damaged store is kept under other names", (directory) => {
  for (const number of [1, 2]) {
    Deno.writeTextFileSync(`${directory}/n1.store`, `junk ${number}`);
    assertThrows(() => open(directory), DamagedStoreError);
    const storage = replaceStoreIn(directory, options());
    assertEquals(storage.get("key"), undefined);
    storage.close();
    assertEquals(Deno.readTextFileSync(`${directory}/n1.store.damaged-${number}`), `junk ${number}`);
    Deno.removeSync(`${directory}/n1.mark`);
  }
});

folderTest("discarded records leave the file once it is large", (directory) => {
  const value = "x".repeat(100_000);
  use(directory, (storage) => {
    for (let i = 0; i < 100; i++) {
      storage.put("state", `${i}${value}`);
      storage.append("log", `${i}`);
      storage.discard("log", i);
      storage.sync();
    }
  });
  const { size } = Deno.statSync(`${directory}/n1.store`);
  assert(size < 5_000_000, `${size} bytes`);
  use(directory, (storage) => {
    assertEquals(storage.get("state"), `99${value}`);
    assertEquals([...storage.read("log")], [{ index: 99, value: "99" }]);
  });
});
