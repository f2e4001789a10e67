import { assertEquals, assertMatch } from "@std/assert";
import { nodeTemplate, workloadTemplate } from "../../../lib/bench/cli/new_templates.ts";
import { folderTest } from "../../folder.ts";
import { bench, EXAMPLES } from "../support/workload_runs.ts";

folderTest("a new workload runs at once, and finds a node that is wrong", async (folder) => {
  const run = (...args: readonly string[]) => bench(args, { cwd: folder });
  const made = await run("new", "workload", "top-shelf");
  assertEquals(made.status, 0, made.stderr);
  assertEquals(await Deno.readTextFile(`${folder}/top_shelf.ts`), workloadTemplate("top-shelf"));
  const options = ["-w", "./top_shelf.ts", "--seed", "3", "--time-limit", "5", "--rate", "50"];
  const test = ["test", ...options, "--virtual", "--module"];
  const right = await run(...test, "./top_shelf_node.ts", "--faults", "partition");
  assertEquals(right.status, 0, right.stdout);
  const sweep = ["sweep", "-w", "./top_shelf.ts", "--module", "./top_shelf_node.ts", "--seeds", "1..6"];
  const valid = await run(...sweep, "--faults", "partition,loss,pause");
  assertEquals(valid.status, 0, valid.stdout);
  const duplicated = await run(...sweep, "--faults", "duplicate", "--shrink-tries", "2");
  assertEquals(duplicated.status, 1, duplicated.stdout);
  await Deno.writeTextFile(`${folder}/wrong.ts`, nodeTemplate("top-shelf").replace('lin-kv" }', 'lww-kv" }'));
  const wrong = await run(...test, "./wrong.ts");
  assertEquals(wrong.status, 1, wrong.stdout);
  assertMatch(wrong.stdout, /Part "[abc]": no order of the operations explains get/);
}, { permissions: ["run", "env"], slices: 3 });

folderTest("a new workload with the name of an example has a right and a wrong node", async (folder) => {
  const made = await bench(["new", "workload", "lock"], { cwd: folder });
  assertEquals(made.status, 0, made.stderr);
  const texts = ["workloads/lock.ts", "nodes/lock.ts", "nodes/lock_wrong.ts"].map((path) =>
    Deno.readTextFileSync(`${EXAMPLES}/${path}`)
  );
  const written = ["lock.ts", "lock_node.ts", "lock_wrong.ts"].map((path) =>
    Deno.readTextFileSync(`${folder}/${path}`)
  );
  assertEquals(written, texts);
}, { permissions: ["run", "env"], slices: 3 });

folderTest("a new workload is refused with a bad name, and never replaces a file", async (folder) => {
  const run = (...args: readonly string[]) => bench(["new", ...args], { cwd: folder });
  for (
    const [args, message] of [
      [["workload"], /new takes the word workload and a name/],
      [["workload", "Top"], /Top cannot be a name/],
      [["workload", "broadcast"], /built-in workload broadcast/],
    ] as const
  ) {
    const { status, stderr } = await run(...args);
    assertEquals(status, 254);
    assertMatch(stderr, message);
  }
  await Deno.writeTextFile(`${folder}/shelf_node.ts`, "mine");
  const { stderr } = await run("workload", "shelf");
  assertMatch(stderr, /shelf_node\.ts exists already/);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["shelf_node.ts"]);
}, { permissions: ["run", "env"], slices: 3 });
