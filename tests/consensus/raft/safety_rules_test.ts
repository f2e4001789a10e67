import { assertEquals } from "@std/assert";
import { SAFETY_RULES } from "../../../lib/consensus/raft/safety_rules.ts";

Deno.test("leaseMs: a lease ends before the promises that it depends on, for all bounded clocks", () => {
  for (const driftMax of [0, 0.05, 0.2, 0.5]) {
    for (const jumpMsMax of [0, 20]) {
      const lease = SAFETY_RULES.leaseMs(150, { driftMax, jumpMsMax });
      const leaseInRealTime = lease / (1 - driftMax); // on the slowest clock
      const promiseInRealTime = (150 - jumpMsMax) / (1 + driftMax); // on the fastest one
      assertEquals(leaseInRealTime <= promiseInRealTime + 1e-9, true);
    }
  }
});
