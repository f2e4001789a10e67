/** Planted bugs that an exploration of a small scope finds, in which the correct node holds. */

import { assert, assertEquals } from "@std/assert";
import { modelsClaimedBy } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { programOf } from "../../../lib/bench/cluster/program.ts";
import {
  explore,
  exploreSample,
  type FailingSchedule,
  sampleSteps,
  type Scope,
} from "../../../lib/bench/explore/explore.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { workloadOf } from "../../../lib/bench/workloads/registry.ts";
import { folderTest } from "../../folder.ts";
import { sliceOf } from "../../seeds.ts";
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
    ...optionsOf(small),
  ]);
  const bounds = { ...NONE, ...small.bounds };
  return {
    test,
    workload: workloadOf(workload),
    program: programOf(await import(path), { name: path, args: args?.split(" ") ?? [] }),
    seed: small.seed,
    storage: bounds.crashes > 0,
    settleMs: small.settleMs ?? 1000,
    bounds,
    operationCount: small.operations,
  };
}

function optionsOf({ keys, clients, withinS, invariant }: SmallScope): string[] {
  const given = { "key-count": keys, concurrency: clients, "progress-within": withinS, invariant };
  return Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)]
  );
}

/** Returns the first failing schedule of a scope, after a few more executions than it needs, in case the code changes. */
async function failingOf(
  scope: Scope,
  { executions, sampleDepth }: SmallScope,
): Promise<FailingSchedule | undefined> {
  const schedules = executions + 20;
  if (sampleDepth !== undefined) {
    const sample = { first: 0, schedules, depth: sampleDepth, steps: await sampleSteps(scope) };
    return (await exploreSample(scope, { ...sample, stopped: () => false })).failing;
  }
  return (await explore(scope, { stopped: (done) => done.schedules + done.pruned >= schedules })).failing;
}

for (const bug of sliceOf(BUGS, 6)) {
  const small = SCOPES[bug.id];
  if (small === undefined) continue;
  folderTest(`${bug.id}: an exploration finds the bug, and none without it`, async (directory) => {
    const wrong = await failingOf(await scopeOf(`${directory}/wrong`, bug, small, bug), small);
    assert(wrong !== undefined, `${small.executions + 20} executions hold`);
    const right = await failingOf(await scopeOf(`${directory}/right`, bug, small), small);
    assertEquals(right?.steps, undefined);
  });
}

Deno.test("every bug has a scope", () => {
  assertEquals(Object.keys(SCOPES).toSorted(), BUGS.map(({ id }) => id).toSorted());
});
