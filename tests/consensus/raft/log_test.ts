import { assertEquals, assertThrows } from "@std/assert";
import { InvariantError } from "../../../lib/protocol/errors.ts";
import { Log } from "../../../lib/consensus/raft/log.ts";

function log(...terms: number[]): Log {
  return new Log(
    { index: 0, term: 0 },
    terms.map((term, i) => ({ index: i + 1, term, payload: { kind: "noop" } })),
  );
}

Deno.test("Log: truncation, compaction and search by term", () => {
  const some = log(1, 1, 2, 2, 4, 4);
  assertEquals(some.lastWithTermAtMost(6, 3), 4);
  assertEquals(some.lastWithTermAtMost(9, 1), 2);
  assertEquals(some.lastWithTermAtMost(6, 0), 0);
  some.truncate(6);
  some.compact(2);
  assertEquals([some.firstIndex, some.lastIndex, some.termAt(2), some.termAt(1), some.lastTerm], [
    3,
    5,
    1,
    undefined,
    4,
  ]);
  assertEquals(some.slice(3, 9, 2).map(({ index }) => index), [3, 4]);
  assertThrows(() => some.truncate(2), InvariantError);
  assertThrows(() => some.append({ index: 9, term: 4, payload: { kind: "noop" } }), InvariantError);
  assertThrows(() => some.append({ index: 6, term: 3, payload: { kind: "noop" } }), InvariantError);
});
