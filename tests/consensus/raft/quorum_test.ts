import { assertEquals } from "@std/assert";
import { majority, quorumValue, tally } from "../../../lib/consensus/raft/quorum.ts";

Deno.test("majority, quorumValue and tally: any two majorities share a voter", () => {
  assertEquals([1, 2, 3, 4, 5, 6, 7].map((n) => majority(n)), [1, 2, 2, 3, 3, 4, 4]);
  assertEquals(quorumValue([5, 3, 1]), 3);
  assertEquals(quorumValue([5, 3, 2, 1]), 2);
  assertEquals(quorumValue([]), 0);
  assertEquals(tally({ granted: 2, refused: 0, voters: 3 }), "won");
  assertEquals(tally({ granted: 1, refused: 2, voters: 3 }), "lost");
  assertEquals(tally({ granted: 1, refused: 1, voters: 3 }), "open");
  assertEquals(tally({ granted: 0, refused: 0, voters: 0 }), "lost");
});
