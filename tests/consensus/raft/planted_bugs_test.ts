import { assert, assertEquals } from "@std/assert";
import { PLANTED_BUGS, type PlantedBug } from "./support/planted_bugs.ts";
import { simulate } from "./support/simulation.ts";

/** As many seeds as it may take to find a bug, when the recorded one does not show it any more. */
const SEEDS_MAX = 400;

/** Whether some seed shows the bug as what it is; that a cluster stands still may follow from anything. */
function isFound({ profile, seed: recorded, finding }: PlantedBug): boolean {
  for (let seed = 0; seed <= SEEDS_MAX; seed++) {
    const { violation } = simulate(seed === 0 ? recorded : seed, profile);
    if (violation !== undefined && finding.test(violation)) return true;
  }
  return false;
}

for (const bug of PLANTED_BUGS) {
  const { name, profile, seed } = bug;

  Deno.test(`the simulator notices that ${name}: seed ${seed}`, () => {
    assert(isFound(bug), `not found in ${SEEDS_MAX} seeds`);
  });

  Deno.test(`seed ${seed} is valid unless ${name}`, () => {
    const { rules: _rules, sessions: _sessions, disk: _disk, incarnations: _incarnations, ...proven } =
      profile;
    assertEquals(simulate(seed, proven).violation, undefined);
  });
}
