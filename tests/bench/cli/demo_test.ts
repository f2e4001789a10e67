import { assertEquals, assertMatch } from "@std/assert";
import { WORKLOADS } from "../../../lib/checkers/workloads.ts";
import { folderTest } from "../../folder.ts";
import { bench } from "../support/workload_runs.ts";

folderTest("demo runs the node of every workload", async (folder) => {
  const { status, stdout, stderr } = await bench(["demo", "--seed", "1"], {
    cwd: folder,
  });
  assertEquals(status, 0, stderr);
  const lines = stdout.trim().split("\n");
  assertEquals(lines.map((line) => line.split(" ")[0]), [...WORKLOADS]);
  for (const line of lines) assertMatch(line, /^\S+ +valid, [1-9]\d* operations \(--seed 1\)$/);
}, { permissions: ["run", "env"], slices: 3 });
