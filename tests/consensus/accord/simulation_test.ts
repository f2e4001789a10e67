import { assert, assertEquals } from "@std/assert";
import { soaking } from "../../seeds.ts";
import { type Profile, simulate } from "./support/simulation.ts";

const PROFILES: readonly Profile[] = [
  { nodes: 3, keys: 1, crashes: true },
  { nodes: 3, keys: 3, crashes: false, skewMs: 50 },
  { nodes: 5, keys: 1, crashes: true },
  { nodes: 5, keys: 4, crashes: true, skewMs: 50 },
  { nodes: 4, keys: 2, crashes: true },
  { nodes: 2, keys: 2, crashes: true },
  { nodes: 3, keys: 1, crashes: true, steady: true },
  { nodes: 5, keys: 1, crashes: true, stores: false },
];
const SEEDS = soaking ? 500 : 2;
/** Operations that are answered per seed, on average over the seeds. */
const ANSWERED_MIN = 15;

for (const profile of PROFILES) {
  const { nodes, keys, crashes, skewMs, steady, stores = true } = profile;
  const conditions = [
    "lost messages",
    "partitions",
    ...crashes ? [stores ? "crashes" : "crashes without stores"] : [],
    ...steady ? ["steady delays"] : [],
    ...skewMs ? ["skewed clocks"] : [],
  ];
  Deno.test(`${nodes} nodes with ${keys} keys stay strict-serializable under ${conditions.join(", ")}`, () => {
    let answered = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = simulate(seed, profile);
      assertEquals(outcome.violation, undefined, `seed ${seed}`);
      answered += outcome.answered;
    }
    assert(answered >= SEEDS * ANSWERED_MIN, `only ${answered} operations were answered`);
  });
}
