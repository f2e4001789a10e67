import { assertEquals, assertMatch } from "@std/assert";
import { folderTest } from "../../folder.ts";
import { bench } from "../support/workload_runs.ts";

folderTest("a stored run is judged again, by its index from either end or by its folder", async (folder) => {
  const run = (...args: readonly string[]) => bench(args, { cwd: folder });
  for (const workload of ["echo", "unique-ids"]) {
    const options = ["--virtual", "--time-limit", "1", "--seed", "1", "--store", "store"];
    const { status, stderr } = await run("test", "-w", workload, ...options);
    assertEquals(status, 0, stderr);
  }
  for (
    const [args, workload] of [
      [[], "unique-ids"],
      [["-t", "-1"], "unique-ids"],
      [["--test=-2"], "echo"],
      [["-t", "0"], "echo"],
      [["store/echo/latest"], "echo"],
      [["--test", "store/unique-ids/latest"], "unique-ids"],
    ] as const
  ) {
    const { status, stdout, stderr } = await run("analyze", ...args);
    assertEquals(status, 0, stderr);
    assertMatch(stdout, new RegExp(`^history of +${workload}$`, "m"), args.join(" "));
  }
  for (
    const [args, message] of [
      [["-t", "5"], /--test 5: the store store has 2 runs/],
      [["store/echo/latest", "store/unique-ids/latest"], /analyze takes one run/],
    ] as const
  ) {
    const { status, stderr } = await run("analyze", ...args);
    assertEquals(status, 254);
    assertMatch(stderr, message);
  }
}, { permissions: ["run", "env"], slices: 3 });
