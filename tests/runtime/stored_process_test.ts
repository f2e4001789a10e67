/** A node with a store as a process: acknowledged writes survive SIGKILL, and without `--data` it accesses no file. */

import { assertEquals, assertMatch } from "@std/assert";
import { folderTest } from "../folder.ts";
import { INIT, line, messagesIn, NodeProcess, type Outcome, run, runnable } from "./executable.ts";

const PERMISSIONS = { permissions: ["run"] } as const;
const ignore = !runnable();

/** The flags of `deno compile` for an executable with a store; the import map that these tests run with, if any. */
function flags(): string[] {
  const std = import.meta.resolve("@std/cli/parse-args");
  const map = /^(file:.*\/\.make\/std\/)/.exec(std)?.[1];
  return [
    "run",
    "--quiet",
    "--no-check",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    ...(map === undefined ? [] : [`--import-map=${map}import_map.json`]),
    new URL("stored_counter.ts", import.meta.url).pathname,
  ];
}

function start(directory: string): Promise<NodeProcess> {
  return NodeProcess.started(Deno.execPath(), {
    args: [...flags(), "--data", directory, "--run", "r1"],
    environment: true,
  });
}

function serveOnce(args: readonly string[], input: string): Promise<Outcome> {
  return run(Deno.execPath(), { args: [...flags(), ...args], input, environment: true });
}

async function ask(node: NodeProcess, body: Readonly<Record<string, unknown>>) {
  await node.write(line({ msg_id: 5, ...body }));
  return (await node.message()).body;
}

folderTest("acknowledged writes survive SIGKILL at any moment", async (directory) => {
  let acknowledged = 0;
  for (let incarnation = 0; incarnation < 3; incarnation++) {
    const node = await start(directory);
    const { value } = await ask(node, { type: "read" });
    // More than what was acknowledged may be there: the last requests may have been stored and not answered.
    assertEquals(Number(value) >= acknowledged, true, `${value} of ${acknowledged} are left`);
    acknowledged = Number(value);
    assertEquals((await ask(node, { type: "permissions" }))["records"], acknowledged);
    for (let i = 0; i < 20; i++) await node.write(line({ type: "add", msg_id: i, delta: 1 }));
    for (let i = 0; i < 7; i++) {
      await node.message();
      acknowledged++;
    }
    node.child.kill("SIGKILL");
    await node.ended();
  }
}, PERMISSIONS);

folderTest("a store of another run ends the node with status 1 and one line", async (directory) => {
  await serveOnce(["--data", directory, "--run", "r1"], INIT);
  const { code, stdout, stderr } = await serveOnce(["--data", directory, "--run", "r2"], INIT);
  assertEquals([code, stdout], [1, ""]);
  assertMatch(
    stderr,
    /^fatal: state cannot be kept: the store \S+n1\.store is of run r1, not r2: name another directory, or remove it\n$/,
  );
}, PERMISSIONS);

folderTest(
  "a damaged store ends the node with status 1, one line, and no output",
  async (directory) => {
    await serveOnce(["--data", directory], INIT + line({ type: "add", msg_id: 2, delta: 1 }));
    for (const file of ["n1.store", "n1.mark"]) {
      const whole = Deno.readFileSync(`${directory}/${file}`);
      Deno.writeFileSync(`${directory}/${file}`, whole.slice(0, 100));
      const { code, stdout, stderr } = await serveOnce(["--data", directory], INIT);
      assertEquals([code, stdout], [1, ""]);
      assertMatch(
        stderr,
        new RegExp(
          `^fatal: nothing is served: the store is damaged: \\S+${file} .*\\. Put both files back as they were, .*\\n$`,
        ),
      );
      Deno.writeFileSync(`${directory}/${file}`, whole);
    }
    assertEquals((await serveOnce(["--data", directory], INIT)).code, 0);
  },
  PERMISSIONS,
);

folderTest(
  "a second process on a store ends with status 1 and one line; the first continues",
  async (directory) => {
    const first = await start(directory);
    await ask(first, { type: "add", delta: 1 });
    const { code, stdout, stderr } = await serveOnce(["--data", directory], INIT);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      /^fatal: state cannot be kept: \S+n1\.mark is in use by another process: stop that one first\n$/,
    );
    assertEquals((await ask(first, { type: "read" }))["value"], 1);
    first.child.kill("SIGKILL");
    await first.ended();
  },
  PERMISSIONS,
);

Deno.test(
  "without --data, an executable that could keep state drops its file permissions",
  { ignore },
  async () => {
    const { code, stdout } = await serveOnce([], INIT + line({ type: "permissions", msg_id: 2 }));
    assertEquals(code, 0);
    const body = messagesIn(stdout)[1]?.body;
    assertEquals([body?.["read"], body?.["write"], body?.["stored"]], ["NotCapable", "NotCapable", false]);
  },
);

Deno.test("--help of an executable with a store explains --data and --run", { ignore }, async () => {
  const { code, stdout } = await serveOnce(["--help"], "");
  assertEquals(code, 0);
  assertMatch(stdout, /--data DIR +Keeps state in DIR/);
  assertMatch(stdout, /--run ID/);
});
