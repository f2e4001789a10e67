import { assertEquals } from "@std/assert";
import { Progress } from "../../../lib/consensus/raft/progress.ts";

Deno.test("Progress: late replies never decrease match or next", () => {
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
