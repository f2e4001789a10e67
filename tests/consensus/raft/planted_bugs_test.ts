import { assert, assertEquals } from "@std/assert";
import { sliceOf } from "../../seeds.ts";
import { PLANTED_BUGS, type PlantedBug } from "./support/planted_bugs.ts";
import { simulate } from "./support/simulation.ts";

/** Seeds to try when the recorded seed does not show a bug any more. */
const SEEDS_MAX = 400;

/** Returns true if a seed shows the bug by its own violation. A cluster that does not recover may have any cause. */
function isFound({ profile, seed: recorded, finding }: PlantedBug): boolean {
  for (let seed = 0; seed <= SEEDS_MAX; seed++) {
    const { violation } = simulate(seed === 0 ? recorded : seed, profile);
    if (violation !== undefined && finding.test(violation)) return true;
  }
  return false;
}

for (const bug of sliceOf(PLANTED_BUGS, 3)) {
  const { name, profile, seed } = bug;

  Deno.test(`the simulation finds: ${name} (seed ${seed})`, () => {
    assert(isFound(bug), `not found in ${SEEDS_MAX} seeds`);
  });

  Deno.test(`seed ${seed} is valid without: ${name}`, () => {
    const { rules: _rules, sessions: _sessions, disk: _disk, incarnations: _incarnations, ...proven } =
      profile;
    assertEquals(simulate(seed, proven).violation, undefined);
  });
}
