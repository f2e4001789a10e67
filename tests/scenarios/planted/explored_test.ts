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
import { SCOPES, type SmallScope } from "./scopes.ts";

const NONE = { drops: 0, duplicates: 0, crashes: 0, timeouts: 0 };

async function scopeOf(
  directory: string,
  { sweep }: PlantedBug,
  small: SmallScope,
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
