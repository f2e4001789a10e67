import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  describeFaults,
  describeLoad,
  figureLines,
  tablesOf,
} from "../../../../lib/bench/tradeoff/consensus/tables.ts";
import { style } from "../../../../lib/bench/terminal/style.ts";
import { CONSENSUS_CONDITIONS, sampleMeasurements } from "./sample_consensus.ts";

Deno.test("each network has tables of conflicts and of faults, and messages have one of two rates", () => {
  const tables = tablesOf(sampleMeasurements(), CONSENSUS_CONDITIONS);
  const lines = tables.map((table) => figureLines(table, style(false)));
  assertEquals(lines.map(({ length }) => length), [11, 11, 11, 11, 5]);
  const [latency = [], faults = [], regions = [], , messages = []] = lines;
  assertEquals(
    latency[0]?.split(/\s+/).join(" "),
    "engine confl% n0 n1 n2 n3 n4 median p99 hops p99 hops reads ops/s failed% msgs/op",
  );
  assertEquals(latency[1]?.split(/\s+/).slice(0, 11).join(" "), "Raft 0 200 400 400 400 400 400 407 4 4.1");
  assertEquals(latency[8]?.split(/\s+/).slice(0, 4).join(" "), "EPaxos 10 200 210");
  assertStringIncludes(faults[9] ?? "", "first node dies");
  assertStringIncludes(faults[9]?.replace(/ +/g, " ") ?? "", "Raft 400 407 409 1500 1510 100 0.4 7.4");
  assertStringIncludes(regions[0] ?? "", "SG");
  assertEquals(messages.slice(1).map((line) => line.split(/\s+/).slice(0, 3).join(" ")), [
    "Raft 100 7.4",
    "EPaxos 100 13",
    "Raft 1000 7.4",
    "EPaxos 1000 13",
  ]);
});

Deno.test("a wrong run is marked in the table", () => {
  const measurements = sampleMeasurements(["raft"]).map((each) => ({ ...each, valid: false as const }));
  const [latency] = tablesOf(measurements, CONSENSUS_CONDITIONS);
  assertEquals(
    latency && figureLines(latency, style(false)).filter((line) => line.endsWith("invalid")).length,
    5,
  );
});

Deno.test("the load and the faults are described with their figures", () => {
  assertStringIncludes(describeLoad(CONSENSUS_CONDITIONS), "100 operations/s over all clients");
  assertStringIncludes(describeLoad(CONSENSUS_CONDITIONS), "medians of 3 seeds");
  assertStringIncludes(describeLoad({ ...CONSENSUS_CONDITIONS, seeds: [5] }), "seed 5");
  assertStringIncludes(describeFaults(CONSENSUS_CONDITIONS), "after 2 s");
});
