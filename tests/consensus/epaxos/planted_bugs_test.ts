/** Breaks one rule at a time. The simulation must notice it by its own violation, and find nothing without it. */

import { assert, assertEquals } from "@std/assert";
import { type EpaxosRules, SAFETY_RULES } from "../../../lib/consensus/epaxos/safety_rules.ts";
import { type Profile, simulate } from "./support/simulation.ts";

interface PlantedBug extends Pick<Profile, "rules" | "keysOf" | "save" | "steady"> {
  readonly name: string;
  readonly nodes?: number;
  /** The first seed to try. Default: 1. */
  readonly seed?: number;
}

/** Seeds to try at most. */
const SEEDS_MAX = 60;

function rules(changed: Partial<EpaxosRules>): EpaxosRules {
  return { ...SAFETY_RULES, ...changed };
}

const BUGS: readonly PlantedBug[] = [
  {
    name: "a fast quorum without a second node",
    rules: rules({ quorums: (n) => ({ ...SAFETY_RULES.quorums(n), fast: 1 }) }),
  },
  {
    name: "a slow quorum of less than a majority",
    rules: rules({ quorums: (n) => ({ ...SAFETY_RULES.quorums(n), slow: Math.floor(n / 2) }) }),
  },
  { name: "a promise that is not kept", rules: rules({ mayAccept: () => true }), steady: true, seed: 175 },
  {
    name: "a recovery that never assumes the fast path",
    rules: rules({ mayHaveTakenFastPath: () => false }),
  },
  {
    name: "a recovery that takes any conflict for a refutation",
    rules: rules({ isRefutedBySilentCoordinator: () => true, isRefutedByWaiting: () => true }),
    nodes: 5,
  },
  { name: "reads that conflict with nothing", keysOf: (command) => keysOfWrites(command) },
  { name: "promises that are not stored", save: () => {} },
  {
    name: "a store that keeps commits alone",
    save: (storage, { records, snapshot }) =>
      storage.save({ records: records.filter(({ phase }) => phase === "committed"), snapshot }),
  },
];

function keysOfWrites(command: unknown): readonly { key: string; writes: boolean }[] {
  const { f, key } = command as { f: string; key: string };
  return f === "read" ? [] : [{ key, writes: true }];
}

for (const { name, nodes = 3, seed: first = 1, ...planted } of BUGS) {
  Deno.test(`the simulation finds ${name}`, () => {
    const profile = { nodes, keys: 1, crashes: true, steady: planted.steady ?? false };
    for (let seed = first; seed < first + SEEDS_MAX; seed++) {
      const { violation } = simulate(seed, { ...profile, ...planted });
      if (violation === undefined || violation.startsWith("no progress")) continue;
      assertEquals(simulate(seed, profile).violation, undefined);
      return;
    }
    assert(false, `not found in ${SEEDS_MAX} seeds`);
  });
}
