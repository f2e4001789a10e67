/** The file of what an exploration has left. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import { explore } from "../../../lib/bench/explore/explore.ts";
import {
  frontierFile,
  readExploredShards,
  readFrontier,
  type SavedExploration,
  writeFrontier,
} from "../../../lib/bench/explore/frontier_file.ts";
import { folderTest } from "../../folder.ts";
import { scopeOf, stopped } from "./scopes.ts";

folderTest("an exploration that stops continues from its file with the same schedules", async (folder) => {
  const scope = scopeOf("lin-kv", { operationCount: 2, bounds: { drops: 1 } });
  const whole = await explore(scope, { stopped });
  const { rest, ...half } = await explore(scope, { stopped: ({ schedules }) => schedules >= 10 });
  assert(rest !== undefined);
  const { schedules, pruned, depth } = half;
  const saved: SavedExploration = {
    args: ["-w", "lin-kv"],
    workload: "lin-kv",
    operations: 2,
    operationsMax: 2,
    stages: [],
    frontier: { parts: [rest], done: { schedules, pruned, depth, exhausted: true }, isDivided: false },
    hasFailed: false,
  };
  const path = `${folder}/store/explore.json`;
  writeFrontier(path, saved);
  const [part] = readFrontier(path).frontier.parts;
  const later = await explore(scope, { stopped, part });
  assertEquals([later.exhausted, later.failing], [true, undefined]);
  assertEquals(schedules + later.schedules, whole.schedules);
  assertEquals(pruned + later.pruned, whole.pruned);
});

folderTest("a file that is not the rest of an exploration is refused", (folder) => {
  const path = `${folder}/explore.json`;
  assertThrows(() => readFrontier(path), BenchError, "file not found");
  Deno.writeTextFileSync(path, '{"format":2,"args":[1]}');
  assertThrows(() => readFrontier(path), BenchError, "not the rest of an exploration");
});

folderTest("the shards in a store are read in order", (folder) => {
  assertEquals(frontierFile({ index: 1, total: 1 }), "explore.json");
  assertEquals(readExploredShards(`${folder}/absent`), []);
  for (const index of [2, 1]) {
    const shard = { index, total: 2 };
    writeFrontier(`${folder}/${frontierFile(shard)}`, {
      args: [],
      workload: "echo",
      operations: 1,
      operationsMax: 1,
      stages: [],
      frontier: { parts: [], done: { schedules: 1, pruned: 0, depth: 1, exhausted: true }, isDivided: true },
      shard,
      hasFailed: false,
    });
  }
  assertEquals(readExploredShards(folder).map(({ shard }) => shard?.index), [1, 2]);
});
