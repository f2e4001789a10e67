import { assert, assertEquals } from "@std/assert";
import { soaking } from "../../seeds.ts";
import { type Profile, simulate } from "./support/simulation.ts";

/** The number of seeds per profile. */
const SEEDS = soaking ? 100 : 2;
/** The minimum number of answered operations per seed, on average. */
const ANSWERED_MIN = 50;

const PROFILES: readonly Profile[] = [
  { nodes: 3, keys: 1, crashes: true },
  { nodes: 3, keys: 3, crashes: false, skewMs: 50 },
  { nodes: 5, keys: 1, crashes: true },
  { nodes: 5, keys: 4, crashes: true },
  { nodes: 4, keys: 2, crashes: true },
  { nodes: 7, keys: 2, crashes: true },
  { nodes: 3, keys: 1, crashes: true, steady: true },
  { nodes: 5, keys: 2, crashes: true, steady: true },
  { nodes: 3, keys: 1, crashes: true, stores: false },
  { nodes: 5, keys: 1, crashes: true, stores: false },
];

for (const profile of PROFILES) {
  const { nodes, keys, crashes, skewMs, steady, stores = true } = profile;
  const faults = crashes
    ? `lost messages, partitions and crashes${stores ? "" : " without stores"}`
    : `lost messages${skewMs ? ", skewed clocks" : ""} and partitions`;
  const delays = steady ? "steady" : "varying";
  Deno.test(`${nodes} nodes, ${keys} keys and ${delays} delays: linearizable under ${faults}`, () => {
    let answered = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = simulate(seed, profile);
      assertEquals(outcome.violation, undefined, `seed ${seed}`);
      answered += outcome.answered;
    }
    assert(answered > SEEDS * ANSWERED_MIN, `only ${answered} operations were answered`);
  });
}
