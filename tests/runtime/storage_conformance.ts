/** The conformance suite of stores, run on the real and the simulated one. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DamagedStoreError, type Storage } from "../../lib/runtime/host.ts";
import type { Damage } from "../../lib/sim/disk.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { forSeeds } from "../seeds.ts";

/** A disk that outlives the incarnations of its node. */
export interface DiskUnderTest {
  /** Opens the store for a new incarnation. The previous one was killed and lost its unsynced writes. */
  open(): Storage;
  /** The names and lengths of the files. */
  files(): ReadonlyMap<string, number>;
  /** Damages a file, before the next incarnation opens it. */
  damage(damage: Damage): void;
  /** Throws it away. */
  close(): void;
}

/** Registers the suite for one kind of store; `make` gives a new, empty disk. */
export function storageConformance(
  name: string,
  make: () => DiskUnderTest,
  options: { readonly ignore?: boolean } = {},
): void {
  const { ignore = false } = options;
  const test = (claim: string, run: (disk: DiskUnderTest) => void) =>
    Deno.test(`${name}: ${claim}`, { ignore }, () => {
      const disk = make();
      try {
        run(disk);
      } finally {
        disk.close();
      }
    });
  const contents = (storage: Storage, log: string) =>
    Array.from(storage.read(log), ({ index, value }) => `${index} ${value}`);
  const filled = (storage: Storage, log: string, count: number) => {
    for (let i = 0; i < count; i++) storage.append(log, `v${i}`);
  };

  test("a put value is visible at once, until it is replaced or removed", (disk) => {
    const storage = disk.open();
    assertEquals(storage.get("a"), undefined);
    storage.put("a", "1");
    storage.put("b", "");
    assertEquals([storage.get("a"), storage.get("b")], ["1", ""]);
    storage.put("a", "2");
    storage.remove("b");
    storage.remove("never there");
    assertEquals([storage.get("a"), storage.get("b")], ["2", undefined]);
  });

  test("anything but a string is an error, and changes nothing", (disk) => {
    const storage = disk.open();
    storage.put("a", "1");
    for (const wrong of [5, undefined, null, {}]) {
      assertThrows(() => storage.put("a", wrong as string), TypeError, "keeps strings");
      assertThrows(() => storage.put(wrong as string, "1"), TypeError, "keeps strings");
      assertThrows(() => storage.append("log", wrong as string), TypeError, "keeps strings");
    }
    storage.sync();
    const after = disk.open();
    assertEquals([after.get("a"), contents(after, "log")], ["1", []]);
  });

  test("each log numbers its records from 0 and reads them oldest first", (disk) => {
    const storage = disk.open();
    assertEquals(["x", "y", "z"].map((value) => storage.append("log", value)), [0, 1, 2]);
    assertEquals(storage.append("other", "o"), 0);
    assertEquals(contents(storage, "log"), ["0 x", "1 y", "2 z"]);
    assertEquals(contents(storage, "other"), ["0 o"]);
    assertEquals(contents(storage, "empty"), []);
  });

  test("a log and a key of the same name are independent", (disk) => {
    const storage = disk.open();
    storage.put("name", "value");
    storage.append("name", "record");
    assertEquals([storage.get("name"), ...contents(storage, "name")], ["value", "0 record"]);
  });

  test("after truncate, the next record has the index of the first removed one", (disk) => {
    const storage = disk.open();
    filled(storage, "log", 5);
    storage.truncate("log", 3);
    assertEquals(contents(storage, "log"), ["0 v0", "1 v1", "2 v2"]);
    assertEquals(storage.append("log", "new"), 3);
    storage.truncate("log", 9);
    assertEquals(
      contents(storage, "log"),
      ["0 v0", "1 v1", "2 v2", "3 new"],
      "past the end there is nothing to cut",
    );
    storage.truncate("log", 0);
    assertEquals([storage.append("log", "again"), ...contents(storage, "log")], [0, "0 again"]);
  });

  test("discard removes the oldest records and keeps the indexes of the others", (disk) => {
    const storage = disk.open();
    filled(storage, "log", 5);
    storage.discard("log", 2);
    assertEquals(contents(storage, "log"), ["2 v2", "3 v3", "4 v4"]);
    storage.discard("log", 1);
    assertEquals(contents(storage, "log"), ["2 v2", "3 v3", "4 v4"]);
    storage.discard("log", 5);
    assertEquals([...contents(storage, "log"), storage.append("log", "v5")], [5]);
  });

  test("after discard past the end, the next record has the given index", (disk) => {
    const storage = disk.open();
    filled(storage, "log", 2);
    storage.discard("log", 10);
    assertEquals(storage.append("log", "v10"), 10);
    storage.sync();
    assertEquals(contents(disk.open(), "log"), ["10 v10"]);
  });

  test("synced keys, records and log ends survive a kill", (disk) => {
    const first = disk.open();
    first.put("term", "7");
    first.put("gone", "x");
    filled(first, "log", 6);
    filled(first, "emptied", 4);
    first.remove("gone");
    first.truncate("log", 5);
    first.discard("log", 2);
    first.discard("emptied", 4);
    first.sync();
    const second = disk.open();
    assertEquals([second.get("term"), second.get("gone")], ["7", undefined]);
    assertEquals(contents(second, "log"), ["2 v2", "3 v3", "4 v4"]);
    assertEquals([second.append("log", "v5"), second.append("emptied", "v4")], [5, 4]);
  });

  test("a kill loses all unsynced writes", (disk) => {
    const first = disk.open();
    first.put("a", "old");
    filled(first, "log", 3);
    first.sync();
    first.put("a", "new");
    first.put("b", "new");
    first.truncate("log", 1);
    first.append("log", "other");
    first.append("fresh", "x");
    const second = disk.open();
    assertEquals([second.get("a"), second.get("b")], ["old", undefined]);
    assertEquals(contents(second, "log"), ["0 v0", "1 v1", "2 v2"]);
    assertEquals([second.append("log", "v3"), second.append("fresh", "y")], [3, 0]);
  });

  test("sync without writes succeeds, also repeatedly", (disk) => {
    const storage = disk.open();
    for (let i = 0; i < 3; i++) storage.sync();
    storage.put("a", "1");
    for (let i = 0; i < 3; i++) storage.sync();
    assertEquals(disk.open().get("a"), "1");
  });

  test("any text is stored unchanged", (disk) => {
    const texts = [
      "",
      " ",
      "\0",
      "a\0b",
      "é漢🐙\u2028",
      "'\"; DROP TABLE map; --",
      "\n\r\t",
      "x".repeat(1_000_000),
    ];
    const first = disk.open();
    for (const [i, text] of texts.entries()) {
      first.append("log", text);
      first.put(`key ${i}`, text);
    }
    first.sync();
    const second = disk.open();
    assert(Array.from(second.read("log"), ({ value }) => value).every((value, i) => value === texts[i]));
    for (const [i, text] of texts.entries()) assert(second.get(`key ${i}`) === text);
  });

  test("logs can be read in nested loops and during writes", (disk) => {
    const storage = disk.open();
    filled(storage, "a", 2);
    filled(storage, "b", 2);
    const seen: string[] = [];
    for (const a of storage.read("a")) {
      for (const b of storage.read("b")) seen.push(`${a.value} ${b.value}`);
      for (const again of storage.read("a")) seen.push(`${a.value} ${again.value}`);
      storage.put("seen", a.value);
    }
    assertEquals(seen, ["v0 v0", "v0 v1", "v0 v0", "v0 v1", "v1 v0", "v1 v1", "v1 v0", "v1 v1"]);
  });

  test("any single damage of a file is detected at opening, or loses nothing", (probe) => {
    fillAndSync(probe.open());
    const damages = [...probe.files()].flatMap(([file, size]) => damagesOf(file, size));
    const found = new Set<string>();
    for (const damage of damages) {
      const disk = make();
      try {
        fillAndSync(disk.open());
        disk.damage(damage);
        const file = assertFoundOrWhole(disk, damage);
        if (file !== undefined) found.add(`${damage.kind} ${file}`);
      } finally {
        disk.close();
      }
    }
    // Damages of the log are always found, since all of it was acknowledged.
    for (const kind of ["flip", "zero", "truncate", "remove", "replace"]) {
      assert([...found].some((each) => each.startsWith(kind) && each.endsWith(".store")), kind);
    }
  });

  Deno.test(`${name}: random operations and kills give the state of a simple model`, { ignore }, async () => {
    await forSeeds({ slice: 10, full: 500 }, (random) => {
      const disk = make();
      try {
        compareWithModel(disk, random);
      } finally {
        disk.close();
      }
    });
  });
}

function fillAndSync(storage: Storage): void {
  storage.put("term", "7");
  for (let i = 0; i < 5; i++) {
    storage.append("log", `value ${i}`);
    storage.sync();
  }
}

/** Returns damages of a file: at its start, middle and end, and of the whole file. */
function damagesOf(file: string, size: number): Damage[] {
  const bytes = [0, 20, Math.floor(size / 2), size - 1];
  return [
    ...bytes.map((byte): Damage => ({ kind: "flip", file, byte, bit: 3 })),
    ...bytes.map((byte): Damage => ({ kind: "zero", file, from: byte, to: byte + 16 })),
    ...bytes.map((size): Damage => ({ kind: "truncate", file, size })),
    { kind: "remove", file },
    { kind: "replace", file, bytes: new TextEncoder().encode("some other file\n".repeat(40)) },
  ];
}

/** Opens a damaged store. Returns the file in which damage was found; fails if none was and something is missing. */
function assertFoundOrWhole(disk: DiskUnderTest, damage: Damage): string | undefined {
  let storage: Storage;
  try {
    storage = disk.open();
  } catch (error) {
    assert(error instanceof DamagedStoreError, `${JSON.stringify(damage)}: ${error}`);
    return error.file;
  }
  const values = Array.from(storage.read("log"), ({ value }) => value);
  assertEquals([storage.get("term"), values.length], ["7", 5], JSON.stringify(damage));
  return undefined;
}

interface Model {
  map: Map<string, string>;
  logs: Map<string, { first: number; values: string[] }>;
}

function copyOf({ map, logs }: Model): Model {
  return {
    map: new Map(map),
    logs: new Map([...logs].map(([name, { first, values }]) => [name, { first, values: [...values] }])),
  };
}

function compareWithModel(disk: DiskUnderTest, random: SeededRandom): void {
  let storage = disk.open();
  let now: Model = { map: new Map(), logs: new Map() };
  let synced = copyOf(now);
  const keys = ["a", "b", "c"];
  for (let step = 0; step < 120; step++) {
    const key = random.pick(keys);
    const log = now.logs.get(key) ?? { first: 0, values: [] };
    now.logs.set(key, log);
    const index = random.below(log.first + log.values.length + 2);
    const value = `${step}`;
    switch (random.below(8)) {
      case 0:
        storage.put(key, value);
        now.map.set(key, value);
        break;
      case 1:
        storage.remove(key);
        now.map.delete(key);
        break;
      case 2:
      case 3:
        assertEquals(storage.append(key, value), log.first + log.values.length);
        log.values.push(value);
        break;
      case 4:
        if (index < log.first) break; // discarded records cannot be truncated
        storage.truncate(key, index);
        log.values.length = Math.min(log.values.length, index - log.first);
        break;
      case 5:
        storage.discard(key, index);
        log.values.splice(0, Math.max(0, index - log.first));
        log.first = Math.max(log.first, index);
        break;
      case 6:
        storage.sync();
        synced = copyOf(now);
        break;
      default:
        if (!random.chance(0.3)) break;
        storage = disk.open();
        now = copyOf(synced);
    }
    for (const each of keys) {
      assertEquals(storage.get(each), now.map.get(each), `step ${step}: key ${each}`);
      const { first, values } = now.logs.get(each) ?? { first: 0, values: [] };
      const expected = values.map((value, i) => ({ index: first + i, value }));
      assertEquals([...storage.read(each)], expected, `step ${step}: log ${each}`);
    }
  }
}
