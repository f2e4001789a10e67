/** Nodes that are correct only without concurrency. They must fail at latency 0, too. */

import { assert, assertEquals } from "@std/assert";
import { CHALLENGES } from "../../../lib/bench/grade/challenges.ts";
import { virtualRun } from "../support/virtual_run.ts";
import { soaking } from "../../seeds.ts";
import { kafkaRace } from "../../fixtures/modules/kafka_race.ts";

for (const seed of soaking ? [1, 2, 3] : [1]) {
  Deno.test(`nodes that number messages by themselves fail challenge 5b at default options, seed ${seed}`, async () => {
    const challenge = CHALLENGES.find(({ id }) => id === "5b");
    assert(challenge !== undefined);
    const line = challenge.lines[0]?.arguments.join(" ") ?? "";
    const { result } = await virtualRun(line, { seed, program: kafkaRace });
    assertEquals(result.valid, false);
    assert(JSON.stringify(result.workload["bad-error-types"]).includes("inconsistent-offsets"));
  });
}
