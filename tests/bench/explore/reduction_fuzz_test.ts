/** The reduced search of random nodes sees what they see in every order. */

import { assertEquals } from "@std/assert";
import { search } from "../../../lib/bench/explore/search.ts";
import { World } from "../../../lib/bench/explore/world.ts";
import type { Bounds, Explored } from "../../../lib/bench/explore/world_options.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { forSeeds, soaking } from "../../seeds.ts";
import { scopeOf } from "./scopes.ts";

/** The events of each node of the current execution, in their order. */
const seen = new Map<string, string[]>();

/** The maximum number of events to which a node reacts. */
const REACTIONS_MAX = 4;

/** Returns a node whose reaction to an event depends on all that it has seen. It sends, starts and cancels timers, and reads the time. */
function randomNode(seed: number) {
  return (node: Node) => {
    let events: string[] = [];
    const cancels: (() => void)[] = [];
    const see = (event: string) => {
      events = [...events, event];
      seen.set(node.id, [...seen.get(node.id) ?? [], event]);
      const random = new SeededRandom(`${seed} ${node.id} ${events.join()}`);
      if (events.length > REACTIONS_MAX) return;
      if (random.chance(0.3)) see(`now ${node.now().toFixed(6)}`);
      if (random.chance(0.5)) node.send(random.pick(node.peers), { type: "told", what: random.below(3) });
      if (random.chance(0.3)) {
        const delayMs = 10 * (1 + random.below(3));
        cancels.push(node.after(delayMs, () => see(`timer of ${delayMs}`)));
      }
      if (random.chance(0.3)) cancels.pop()?.();
    };
    see("start");
    node.on("echo", ({ echo }) => {
      see("echo");
      return { echo: String(echo) };
    });
    node.on("told", ({ what }, from) => see(`told ${what} by ${from}`));
  };
}

function drawBounds(random: SeededRandom): Bounds {
  const kinds = ["drops", "duplicates", "crashes", "partitions", "timeouts"] as const;
  const bounds = { drops: 0, duplicates: 0, crashes: 0, partitions: 0, timeouts: 0 };
  for (let count = 1 + random.below(3); count > 0; count--) bounds[random.pick(kinds)]++;
  return bounds;
}

/** Returns what the nodes and clients saw; undefined if the search needs too many executions. */
async function outcomesOf(
  begin: () => Promise<World>,
  { reduces, schedulesMax }: { readonly reduces: boolean; readonly schedulesMax: number },
): Promise<ReadonlySet<string> | undefined> {
  const outcomes = new Set<string>();
  const { exhausted } = await search<Explored>({
    reduces,
    begin: () => {
      seen.clear();
      return begin();
    },
    visit: ({ history }) => {
      const operations = history.flatMap(({ process, type }) =>
        typeof process === "number" ? [`${process} ${type}`] : []
      );
      outcomes.add(JSON.stringify([[...seen].sort(), operations]));
      return true;
    },
    stopped: ({ schedules }) => schedules >= schedulesMax,
  });
  return exhausted ? outcomes : undefined;
}

Deno.test("each outcome of a random cluster is found by the reduced search", async () => {
  await forSeeds({ slice: 5, full: 300 }, async (random, seed) => {
    const bounds = drawBounds(random);
    const scope = {
      ...scopeOf("echo", {
        nodes: 2 + random.below(2),
        operationCount: 1 + random.below(2),
        program: randomNode(seed),
        settleMs: 0,
        bounds,
      }),
      clockDrift: random.pick([0, 0, 0.1]),
    };
    const begin = () => World.begin(scope);
    const all = await outcomesOf(begin, { reduces: false, schedulesMax: soaking ? 2000 : 500 });
    if (all === undefined) return;
    const reduced = await outcomesOf(begin, { reduces: true, schedulesMax: Infinity });
    const missing = [...all].filter((each) => reduced?.has(each) !== true);
    assertEquals(missing, [], `${JSON.stringify(bounds)}, drift ${scope.clockDrift}`);
  });
});
