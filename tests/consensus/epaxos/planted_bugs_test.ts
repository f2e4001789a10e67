/**
 * Breaks one rule at a time. The simulation, or the schedule of a transcript, must notice it by its own violation, and find nothing without
 * it.
 */

import { assert, assertEquals, assertExists } from "@std/assert";
import { PLANTED_BUGS, PLANTED_SCHEDULES } from "./support/planted_bugs.ts";
import { simulate } from "./support/simulation.ts";
import { play } from "../leaderless/support/transcript.ts";
import { Cluster } from "./support/transcript.ts";

/** Seeds to try at most. */
const SEEDS_MAX = 60;

for (const { name, nodes = 3, seed: first = 1, steady = false, ...planted } of PLANTED_BUGS) {
  Deno.test(`the simulation finds ${name}`, () => {
    const profile = { nodes, keys: 1, crashes: true, steady };
    for (let seed = first; seed < first + SEEDS_MAX; seed++) {
      const { violation } = simulate(seed, { ...profile, ...planted });
      if (violation === undefined || violation.startsWith("no progress")) continue;
      assertEquals(simulate(seed, profile).violation, undefined);
      return;
    }
    assert(false, `not found in ${SEEDS_MAX} seeds`);
  });
}

for (const { name, transcript, rules } of PLANTED_SCHEDULES) {
  Deno.test(`the schedule ${transcript} finds ${name}`, async () => {
    const text = await Deno.readTextFile(new URL(`./transcripts/${transcript}.txt`, import.meta.url));
    const correct = new Cluster();
    play(text, correct);
    assertEquals(correct.disagreement, undefined);
    const broken = new Cluster(rules);
    play(text, broken);
    assertExists(broken.disagreement);
  });
}
