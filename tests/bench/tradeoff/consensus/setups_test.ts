import { assertEquals } from "@std/assert";
import { CONFLICTS_PERCENT, setupsOf } from "../../../../lib/bench/tradeoff/consensus/setups.ts";
import { CONSENSUS_CONDITIONS } from "./sample_consensus.ts";

Deno.test("every engine has the same set-ups: conflicts and faults per network, and a higher rate", () => {
  const setups = setupsOf(["raft", "epaxos"], CONSENSUS_CONDITIONS);
  const of = (name: string) =>
    setups.filter(({ engine }) => engine === name).map(({ engine: _, ...setup }) => setup);
  assertEquals(of("raft"), of("epaxos"));
  const regions = of("raft").filter(({ network }) => network === "regions");
  assertEquals(
    regions.filter(({ scenario }) => scenario === "steady").map(({ conflictPercent }) => conflictPercent),
    CONFLICTS_PERCENT,
  );
  assertEquals(
    regions.filter(({ scenario }) => scenario !== "steady").map(({ scenario }) => scenario),
    ["dead", "slow", "slow-leader", "leader-dies"],
  );
  assertEquals(of("raft").map(({ rate }) => rate).filter((rate) => rate !== 100), [1000]);
});
