/** Planted bugs that an exploration of a small scope finds, in which the correct node holds. */

import { assert, assertEquals } from "@std/assert";
import { modelsClaimedBy } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { programOf } from "../../../lib/bench/cluster/program.ts";
import { explore, type Scope } from "../../../lib/bench/explore/explore.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { workloadOf } from "../../../lib/bench/workloads/registry.ts";
import { folderTest } from "../../folder.ts";
import { BUGS } from "./bugs.ts";
import { plant, type PlantedBug } from "./plant.ts";

const NONE = { drops: 0, duplicates: 0, crashes: 0, timeouts: 0 };

/** A scope in which a bug is found, and the number of executions until then. */
interface Small {
  readonly nodes: number;
  readonly operations: number;
  readonly seed: number;
  readonly bounds?: Partial<Scope["bounds"]>;
  readonly executions: number;
}

/**
 * The scope of each bug. The others need more than a minute: a leader or an order of transactions must change between
 * several operations.
 */
const SCOPES: Readonly<Record<string, Small>> = {
  "reused-name": { nodes: 2, operations: 4, seed: 1, bounds: { crashes: 1 }, executions: 3 },
  "no-retransmit": { nodes: 2, operations: 4, seed: 7, bounds: { crashes: 1 }, executions: 238 },
  "no-probe": { nodes: 2, operations: 2, seed: 2, bounds: { drops: 1, timeouts: 2 }, executions: 89 },
  "late-store-g-set": { nodes: 2, operations: 2, seed: 1, bounds: { crashes: 1 }, executions: 2 },
  "forgotten-total": { nodes: 2, operations: 2, seed: 3, bounds: { crashes: 1 }, executions: 2 },
  "ignored-decrement": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "added-twice": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "reused-offset": { nodes: 3, operations: 6, seed: 1, executions: 1 },
  "late-store-kafka": { nodes: 2, operations: 2, seed: 1, bounds: { crashes: 1 }, executions: 1 },
  "own-write-unread": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "unchecked-cas": { nodes: 2, operations: 4, seed: 2, bounds: { timeouts: 2 }, executions: 13 },
  "acknowledges-before-store": {
    nodes: 2,
    operations: 4,
    seed: 2,
    bounds: { crashes: 1, timeouts: 2 },
    executions: 234,
  },
  "half-decides": { nodes: 2, operations: 2, seed: 1, bounds: { timeouts: 2 }, executions: 12 },
  "applies-twice": { nodes: 2, operations: 2, seed: 1, bounds: { timeouts: 2 }, executions: 84 },
  "shared-list": { nodes: 2, operations: 2, seed: 1, executions: 1 },
  "reads-stale-copy": { nodes: 2, operations: 4, seed: 9, executions: 30 },
  "lagging-candidate": { nodes: 3, operations: 4, seed: 17, bounds: { timeouts: 2 }, executions: 62 },
};

async function scopeOf(
  directory: string,
  { sweep }: PlantedBug,
  small: Small,
  bug?: PlantedBug,
): Promise<Scope> {
  const [own = "", args] = sweep.split(" -- ");
  const [, workload = ""] = /-w (\S+)/.exec(own) ?? [];
  const [, models = modelsClaimedBy(workload)?.join()] = /--consistency-models (\S+)/.exec(own) ?? [];
  const path = plant(directory, { workload, ...(bug === undefined ? {} : { bug }) });
  const { test } = parseTest([
    ...["-w", workload, "--virtual", "--node-count", String(small.nodes)],
    ...(models === undefined ? [] : ["--consistency-models", models]),
  ]);
  const bounds = { ...NONE, ...small.bounds };
  return {
    test,
    workload: workloadOf(workload),
    program: programOf(await import(path), { name: path, args: args?.split(" ") ?? [] }),
    seed: small.seed,
    storage: bounds.crashes > 0,
    settleMs: 1000,
    bounds,
    operationCount: small.operations,
  };
}

for (const bug of BUGS) {
  const small = SCOPES[bug.id];
  if (small === undefined) continue;
  folderTest(`${bug.id}: an exploration finds the bug, and none without it`, async (directory) => {
    // The search checks for its end after each execution, and a few more are there in case the code changes.
    const stopped = ({ schedules, pruned }: { readonly schedules: number; readonly pruned: number }) =>
      schedules + pruned >= small.executions + 20;
    const wrong = await explore(await scopeOf(`${directory}/wrong`, bug, small, bug), { stopped });
    assert(wrong.failing !== undefined, `${wrong.schedules} schedules hold`);
    const right = await explore(await scopeOf(`${directory}/right`, bug, small), { stopped });
    assertEquals(right.failing?.steps, undefined);
  });
}

Deno.test("every scope belongs to a bug", () => {
  const ids = BUGS.map(({ id }) => id);
  for (const id of Object.keys(SCOPES)) assert(ids.includes(id), id);
});
