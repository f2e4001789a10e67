/**
 * Breaks one rule at a time. The simulation must notice it by its own violation, and find nothing without it. Mistakes that need a rare
 * schedule are in `schedules_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import { type AccordRules, SAFETY_RULES } from "../../../lib/consensus/accord/safety_rules.ts";
import { keysOf, type Profile, simulate } from "./support/simulation.ts";

interface PlantedBug extends Pick<Profile, "rules" | "keysOf" | "save"> {
  readonly name: string;
  readonly nodes?: number;
  /** The first seed to try. Default: 1. */
  readonly seed?: number;
}

/** Seeds to try at most. */
const SEEDS_MAX = 60;

function rules(changed: Partial<AccordRules>): AccordRules {
  return { ...SAFETY_RULES, ...changed };
}

const BUGS: readonly PlantedBug[] = [
  {
    name: "a slow quorum of less than a majority",
    rules: rules({
      quorums: (nodes) => ({ ...SAFETY_RULES.quorums(nodes), slow: Math.floor(nodes / 2) }),
    }),
  },
  { name: "a vote for a timestamp before a known one", rules: rules({ mayVoteForInitial: () => true }) },
  {
    name: "a recovery that never assumes the fast path",
    rules: rules({ mayHaveTakenFastPath: () => false }),
    nodes: 5,
    seed: 55,
  },
  {
    name: "a recovery that ignores conflicting transactions",
    rules: rules({ testimonyOf: () => "none", isRefutedByExecution: () => false }),
    nodes: 5,
    seed: 11,
  },
  {
    name: "a recovery that takes any conflict for a refutation",
    rules: rules({ testimonyOf: () => "refutes" }),
    nodes: 5,
    seed: 55,
  },
  {
    name: "execution that waits for no undecided dependency",
    rules: rules({
      mustWaitFor: (at, dependency) => dependency.phase === "committed" && dependency.executeAt < at,
    }),
  },
  {
    name: "execution in the order of decisions",
    rules: rules({ mustWaitFor: (_, dependency) => dependency.phase !== "committed" }),
  },
  {
    name: "reads that conflict with nothing",
    keysOf: (command) => keysOf(command).filter(({ writes }) => writes),
  },
  { name: "promises that are not stored", save: () => {} },
  {
    name: "a store that keeps decisions alone",
    save: (storage, { records, ...rest }) =>
      storage.save({ records: records.filter(({ phase }) => phase === "committed"), ...rest }),
  },
];

for (const { name, nodes = 3, seed: first = 1, ...planted } of BUGS) {
  Deno.test(`the simulation finds ${name}`, () => {
    const profile = { nodes, keys: 1, crashes: true };
    for (let seed = first; seed < first + SEEDS_MAX; seed++) {
      const { violation } = simulate(seed, { ...profile, ...planted });
      if (violation === undefined || violation.startsWith("no progress")) continue;
      assertEquals(simulate(seed, profile).violation, undefined);
      return;
    }
    assert(false, `not found in ${SEEDS_MAX} seeds`);
  });
}
