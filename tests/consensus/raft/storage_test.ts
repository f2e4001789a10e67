import { assertEquals, assertThrows } from "@std/assert";
import { type Entry, MissingEntriesError } from "../../../lib/consensus/mod.ts";
import { RaftStorage, type Ready, StorageFormatError } from "../../../lib/consensus/raft/mod.ts";
import { Disk } from "../../../lib/sim/disk.ts";
import { LossyDisk } from "./support/lossy_disk.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";

const membership = { voters: ["a", "b", "c"], learners: [] };
const nothing: Ready = {
  restore: false,
  entries: [],
  messages: [],
  committed: [],
  reads: [],
  role: "follower",
  leader: undefined,
  term: 0,
};

function entry(index: number, term: number): Entry {
  return { index, term, payload: { kind: "command", command: `c${index}@${term}` } };
}

function snapshot(index: number, term: number) {
  return { index, term, membership, incarnations: {}, data: `state ${index}` };
}

Deno.test("saved state is loaded again: term, vote, truncated log and snapshot", () => {
  const disk = new LossyDisk();
  const storage = new RaftStorage(disk);
  assertEquals(storage.load(membership).entries, []);
  storage.save({
    ...nothing,
    hardState: { term: 2, vote: "a", eligible: true },
    entries: [1, 2, 3, 4].map((i) => entry(i, 1)),
  });
  storage.save({ ...nothing, truncateFrom: 3, entries: [entry(3, 2)] });
  storage.save({ ...nothing, snapshot: snapshot(2, 1), discardBefore: 2 });
  disk.sync();
  const loaded = new RaftStorage(disk).load(membership);
  assertEquals(loaded.hardState, { term: 2, vote: "a", eligible: true, coldStart: undefined });
  assertEquals(loaded.snapshot, snapshot(2, 1));
  assertEquals(loaded.entries, [entry(3, 2)]);
});

Deno.test("a snapshot replaces a log that ends before it, and the log continues after it", () => {
  const disk = new LossyDisk();
  const storage = new RaftStorage(disk);
  storage.save({ ...nothing, entries: [entry(1, 1), entry(2, 1)] });
  storage.save({ ...nothing, restore: true, snapshot: snapshot(100, 3), truncateFrom: 1 });
  storage.save({ ...nothing, entries: [entry(101, 3), entry(102, 3)] });
  disk.sync();
  const again = new RaftStorage(disk);
  assertEquals(again.load(membership).entries, [entry(101, 3), entry(102, 3)]);
  again.save({ ...nothing, truncateFrom: 102, entries: [entry(102, 4)] });
  assertEquals(new RaftStorage(disk).load(membership).entries, [entry(101, 3), entry(102, 4)]);
});

Deno.test("a partly stored turn leaves a consistent store", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const disk = new LossyDisk();
    const storage = new RaftStorage(disk);
    storage.save({
      ...nothing,
      hardState: { term: 1, vote: "a", eligible: true },
      entries: [1, 2, 3, 4, 5].map((i) => entry(i, 1)),
    });
    disk.sync();
    // The snapshot conflicts with entries 4 and 5, and new ones follow it.
    storage.save({
      ...nothing,
      hardState: { term: 2, vote: undefined, eligible: true },
      restore: true,
      snapshot: snapshot(4, 2),
      truncateFrom: 1,
      entries: [entry(5, 2)],
    });
    disk.crash(new SeededRandom(seed));
    const { hardState, snapshot: kept, entries } = new RaftStorage(disk).load(membership);
    const found = JSON.stringify([
      hardState.term,
      kept?.index ?? 0,
      entries.map(({ index, term }) => [index, term]),
    ]);
    const possible = [
      [1, 0, [1, 2, 3, 4, 5].map((i) => [i, 1])],
      [2, 0, [1, 2, 3, 4, 5].map((i) => [i, 1])],
      [2, 4, []],
      [2, 4, [[5, 2]]],
    ].map((each) => JSON.stringify(each));
    assertEquals(possible.includes(found), true, found);
  }
});

Deno.test("an incarnation and its cold start last as long as the store", () => {
  const disk = new LossyDisk();
  const storage = new RaftStorage(disk);
  assertEquals(storage.incarnation(() => "first"), "first");
  const coldStart = { round: 2, replies: { b: "b1" }, previousReplies: { b: "b1", c: "c1" } };
  storage.save({ ...nothing, hardState: { term: 0, vote: undefined, eligible: false, coldStart } });
  disk.sync();
  const again = new RaftStorage(disk);
  assertEquals(again.incarnation(() => "second"), "first");
  assertEquals(again.load(membership).hardState.coldStart, coldStart);
});

Deno.test("a used store without its hard state or its incarnation is refused", () => {
  for (const missing of ["raft.hard_state", "raft.incarnation"]) {
    const storage = new Disk().open();
    new RaftStorage(storage).incarnation(() => "a");
    storage.remove(missing);
    const error = assertThrows(() => new RaftStorage(storage).incarnation(() => "b"), MissingEntriesError);
    assertEquals(error.place, `key ${missing}`);
  }
  const storage = new Disk().open();
  storage.append("raft.log", JSON.stringify([1, 1, { kind: "noop" }]));
  assertThrows(
    () => new RaftStorage(storage).incarnation(() => "b"),
    MissingEntriesError,
    "raft.incarnation",
  );
});

Deno.test("a log that lacks its first entries is refused", () => {
  const disk = new LossyDisk();
  new RaftStorage(disk).save({ ...nothing, entries: [entry(1, 1), entry(2, 1), entry(3, 1)] });
  disk.discard("raft.log", 1);
  assertThrows(
    () => new RaftStorage(disk).load(membership),
    MissingEntriesError,
    "begins with entry 2, not 1",
  );
});

Deno.test("a log with a gap is refused", () => {
  const disk = new LossyDisk();
  for (const index of [1, 3]) disk.append("raft.log", JSON.stringify([index, 1, { kind: "noop" }]));
  assertThrows(
    () => new RaftStorage(disk).load(membership),
    MissingEntriesError,
    "entry 3 does not follow 1",
  );
});

Deno.test("a store of another format is refused with both formats and what to do", () => {
  const first = new LossyDisk();
  first.put("raft.vote", JSON.stringify([3, "a", true, null]));
  assertThrows(
    () => new RaftStorage(first),
    StorageFormatError,
    "the store has format 1, but this version reads format 2. Run the version that wrote it",
  );
  const later = new LossyDisk();
  later.put("raft.hard_state", JSON.stringify({ format: 3, term: 1, eligible: true }));
  assertThrows(() => new RaftStorage(later).load(membership), StorageFormatError, "has format 3");
});

Deno.test("a hard state, snapshot or entry of the wrong shape is refused", () => {
  const records = {
    "raft.hard_state": [{ format: 2, term: "1", eligible: true }, {
      format: 2,
      term: 1,
      eligible: true,
      vote: 5,
    }, [1]],
    "raft.snapshot": [{}, { ...snapshot(1, 1), data: 5 }, null],
  };
  for (const [key, values] of Object.entries(records)) {
    for (const value of values) {
      const disk = new LossyDisk();
      disk.put(key, JSON.stringify(value));
      assertThrows(() => new RaftStorage(disk).load(membership), MissingEntriesError, key);
    }
  }
  for (const value of [{}, [1, 1], [1, 1, { kind: "unknown" }], ["1", 1, { kind: "noop" }]]) {
    const disk = new LossyDisk();
    disk.append("raft.log", JSON.stringify(value));
    assertThrows(() => new RaftStorage(disk).load(membership), MissingEntriesError, "it is not an entry");
  }
});
