import { assertEquals, assertThrows } from "@std/assert";
import { type Entry, MissingEntriesError, RaftStorage, type Ready } from "../../../lib/consensus/mod.ts";
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

Deno.test("what was saved is loaded: term, vote, log after truncation, snapshot", () => {
  const disk = new LossyDisk();
  const records = new RaftStorage(disk);
  assertEquals(records.load(membership).entries, []);
  records.save({
    ...nothing,
    hardState: { term: 2, vote: "a", eligible: true },
    entries: [1, 2, 3, 4].map((i) => entry(i, 1)),
  });
  records.save({ ...nothing, truncateFrom: 3, entries: [entry(3, 2)] });
  records.save({ ...nothing, snapshot: snapshot(2, 1), discardBefore: 2 });
  disk.sync();
  const loaded = new RaftStorage(disk).load(membership);
  assertEquals(loaded.hardState, { term: 2, vote: "a", eligible: true, coldStart: undefined });
  assertEquals(loaded.snapshot, snapshot(2, 1));
  assertEquals(loaded.entries, [entry(3, 2)]);
});

Deno.test("a snapshot from the leader replaces a log that ends before it, and the log goes on after it", () => {
  const disk = new LossyDisk();
  const records = new RaftStorage(disk);
  records.save({ ...nothing, entries: [entry(1, 1), entry(2, 1)] });
  records.save({ ...nothing, restore: true, snapshot: snapshot(100, 3), truncateFrom: 1 });
  records.save({ ...nothing, entries: [entry(101, 3), entry(102, 3)] });
  disk.sync();
  const again = new RaftStorage(disk);
  assertEquals(again.load(membership).entries, [entry(101, 3), entry(102, 3)]);
  again.save({ ...nothing, truncateFrom: 102, entries: [entry(102, 4)] });
  assertEquals(new RaftStorage(disk).load(membership).entries, [entry(101, 3), entry(102, 4)]);
});

Deno.test("a turn of which only a beginning was stored leaves a store that makes sense", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const disk = new LossyDisk();
    const records = new RaftStorage(disk);
    records.save({
      ...nothing,
      hardState: { term: 1, vote: "a", eligible: true },
      entries: [1, 2, 3, 4, 5].map((i) => entry(i, 1)),
    });
    disk.sync();
    // The snapshot conflicts with entries 4 and 5, and new ones follow it.
    records.save({
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

Deno.test("an incarnation lasts as long as its store, and so does its cold start", () => {
  const disk = new LossyDisk();
  const records = new RaftStorage(disk);
  assertEquals(records.incarnation(() => "first"), "first");
  const coldStart = { round: 2, answers: { b: "b1" }, before: { b: "b1", c: "c1" } };
  records.save({ ...nothing, hardState: { term: 0, vote: undefined, eligible: false, coldStart } });
  disk.sync();
  const again = new RaftStorage(disk);
  assertEquals(again.incarnation(() => "second"), "first");
  assertEquals(again.load(membership).hardState.coldStart, coldStart);
});

Deno.test("a store that was used and lacks the vote, or the incarnation, is refused", () => {
  for (const missing of ["raft.vote", "raft.incarnation"]) {
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

Deno.test("entries that are missing are noticed", () => {
  const disk = new LossyDisk();
  new RaftStorage(disk).save({ ...nothing, entries: [entry(1, 1), entry(2, 1), entry(3, 1)] });
  disk.discard("raft.log", 1);
  assertThrows(
    () => new RaftStorage(disk).load(membership),
    MissingEntriesError,
    "begins with entry 2, not 1",
  );
});

Deno.test("an entry that does not follow the one before it is noticed", () => {
  const disk = new LossyDisk();
  for (const index of [1, 3]) disk.append("raft.log", JSON.stringify([index, 1, { kind: "noop" }]));
  assertThrows(
    () => new RaftStorage(disk).load(membership),
    MissingEntriesError,
    "entry 3 does not follow 1",
  );
});
