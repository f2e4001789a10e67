import { assertEquals, assertThrows } from "@std/assert";
import { InvariantError } from "../../../lib/protocol/errors.ts";
import { Log } from "../../../lib/consensus/raft/log.ts";
import { changed, Configurations } from "../../../lib/consensus/raft/configuration.ts";
import { Progress } from "../../../lib/consensus/raft/progress.ts";
import { majority, quorumValue, tally } from "../../../lib/consensus/raft/quorum.ts";
import { SAFETY_RULES } from "../../../lib/consensus/raft/safety_rules.ts";

function log(...terms: number[]): Log {
  return new Log(
    { index: 0, term: 0 },
    terms.map((term, i) => ({ index: i + 1, term, payload: { kind: "noop" } })),
  );
}

Deno.test("any two majorities share a voter", () => {
  assertEquals([1, 2, 3, 4, 5, 6, 7].map((n) => majority(n)), [1, 2, 2, 3, 3, 4, 4]);
  assertEquals(quorumValue([5, 3, 1]), 3);
  assertEquals(quorumValue([5, 3, 2, 1]), 2);
  assertEquals(quorumValue([]), 0);
  assertEquals(tally({ granted: 2, refused: 0, voters: 3 }), "won");
  assertEquals(tally({ granted: 1, refused: 2, voters: 3 }), "lost");
  assertEquals(tally({ granted: 1, refused: 1, voters: 3 }), "open");
  assertEquals(tally({ granted: 0, refused: 0, voters: 0 }), "lost");
});

Deno.test("a log is cut, compacted and searched by term", () => {
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
  assertEquals(some.slice(3, { to: 9, max: 2 }).map(({ index }) => index), [3, 4]);
  assertThrows(() => some.truncate(2), InvariantError);
  assertThrows(() => some.append({ index: 9, term: 4, payload: { kind: "noop" } }), InvariantError);
  assertThrows(() => some.append({ index: 6, term: 3, payload: { kind: "noop" } }), InvariantError);
});

Deno.test("a membership holds from its entry on, and ends with it", () => {
  const base = { voters: ["a", "b"], learners: [] };
  const configurations = new Configurations({ index: 0, membership: base, incarnations: {} });
  const more = { voters: ["a", "b", "c"], learners: [] };
  configurations.append({ index: 3, term: 1, payload: { kind: "membership", membership: more } });
  configurations.append({ index: 4, term: 1, payload: { kind: "rejoin", node: "b", incarnation: "b2" } });
  assertEquals(configurations.membership, more);
  assertEquals(configurations.incarnations, { b: "b2" });
  assertEquals(configurations.at(3).incarnations, {});
  configurations.truncate(4);
  assertEquals(configurations.incarnations, {});
  configurations.truncate(3);
  assertEquals(configurations.membership, base);
});

Deno.test("changes of membership that make no sense are named", () => {
  const one = { voters: ["a"], learners: ["b"] };
  assertEquals(changed(one, { remove: "a" }), "a is the last voter");
  assertEquals(changed(one, { remove: "c" }), "c is no member");
  assertEquals(changed(one, { add: "a", as: "voter" }), "a is a voter already");
  assertEquals(changed(one, { add: "b", as: "learner" }), "b is a learner already");
  assertEquals(changed(one, { add: "b", as: "voter" }), { voters: ["a", "b"], learners: [] });
});

Deno.test("a peer's progress never goes back by late answers", () => {
  const progress = new Progress(10, 0);
  progress.recordAccepted(9);
  progress.recordSent(12, 1);
  progress.recordSent(15, 2);
  progress.recordAccepted(15);
  progress.recordAccepted(12);
  assertEquals([progress.match, progress.next, progress.inflight, progress.state], [
    15,
    16,
    0,
    "replicating",
  ]);
  progress.probe(3);
  assertEquals([progress.next, progress.state], [16, "probing"]);
});

Deno.test("a lease ends before the promises that it rests on, by any clocks within the bound", () => {
  for (const driftMax of [0, 0.05, 0.2, 0.5]) {
    for (const jumpMsMax of [0, 20]) {
      const lease = SAFETY_RULES.leaseMs(150, { driftMax, jumpMsMax });
      const leaseInRealTime = lease / (1 - driftMax); // on the slowest clock
      const promiseInRealTime = (150 - jumpMsMax) / (1 + driftMax); // on the fastest one
      assertEquals(leaseInRealTime <= promiseInRealTime + 1e-9, true);
    }
  }
});
