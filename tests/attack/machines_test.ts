import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { folderTest } from "../folder.ts";
import { soaking } from "../seeds.ts";
import { mayMount, mountDisk, unmountDisk } from "../small_disk.ts";
import { type BenchRun, runBench, say } from "./bench_run.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const ECHO = ["test", "-w", "echo", "--bin", `${ROOT}bin/echo`, "--node-count", "2", "--time-limit", "1"];
const VIRTUAL = ["test", "-w", "echo", "--virtual", "--time-limit", "1"];
const canMount = await mayMount();
const options = { permissions: ["run", "sys"], slices: 3, ignore: Deno.build.os !== "linux" } as const;

/** Checks that the bench failed properly: status 255, and one line that starts with its name and has no stack. */
function assertOneLine(run: BenchRun, what: string): void {
  assertEquals(run.code, 255, `${what}: ${run.stdout}${run.stderr}`);
  const lines = run.stderr.trimEnd().split("\n").filter((line) => !/^\d+ of \d+ s|^checking/.test(line));
  assertEquals(lines.length, 1, `${what}: ${run.stderr}`);
  assertMatch(lines[0] ?? "", /^charybdis: \S/, what);
  assert(!run.stderr.includes("internal error"), run.stderr);
}

/** Returns the states of all runs in a store; a run without test.json has none. */
function statesIn(store: string): string[] {
  const states: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(`${store}/echo`)) {
    if (!isDirectory) continue;
    states.push(JSON.parse(Deno.readTextFileSync(`${store}/echo/${name}/test.json`)).state);
  }
  return states;
}

const SIZES_KB = Array.from({ length: 20 }, (_, i) => 12 + i * 10);

folderTest("a run on a full disk ends with one line, and test.json records it", async (folder) => {
  const sizes = soaking ? SIZES_KB : SIZES_KB.filter((_, i) => i === 2 || i === 6);
  let full = 0;
  for (const size of sizes) {
    const disk = `${folder}/${size}`;
    Deno.mkdirSync(disk);
    assert(await mountDisk(disk, `${size}k`));
    try {
      const run = await runBench([...ECHO, "--rate", "500", "--store", `${disk}/store`]);
      assertEquals(run.orphans, 0);
      if (run.code === 0) continue;
      full++;
      assertOneLine(run, `${size} kB`);
      const names = [...Deno.readDirSync(disk)].map(({ name }) => name);
      if (names.length === 0) continue; // not even the folders fit
      for (const state of statesIn(`${disk}/store`)) assertEquals(state, "failed", `${size} kB`);
      const [cut] = [...Deno.readDirSync(`${disk}/store/echo/latest`)].filter(({ name }) =>
        name === "report.html" || name.endsWith(".new")
      );
      assertEquals(cut, undefined, "a file was left that is cut off");
    } finally {
      assert(await unmountDisk(disk));
    }
  }
  say(`attack: ${sizes.length} small disks, ${full} of them got full`);
  assert(full > 0);
}, { ...options, ignore: !canMount });

folderTest("a report on a full disk leaves no partial file", async (folder) => {
  assertEquals((await runBench([...VIRTUAL, "--store", `${folder}/store`])).code, 0);
  const disk = `${folder}/disk`;
  Deno.mkdirSync(disk);
  assert(await mountDisk(disk, "40k"));
  try {
    assertOneLine(
      await runBench(["report", `${folder}/store/latest`, "--output", `${disk}/r.html`]),
      "report",
    );
    assertEquals([...Deno.readDirSync(disk)], []);
  } finally {
    assert(await unmountDisk(disk));
  }
}, { ...options, ignore: !canMount });

folderTest(
  "an unwritable, vanished or missing folder is reported in one line",
  async (folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    Deno.mkdirSync(`${folder}/store`);
    assertEquals((await runBench([...VIRTUAL, "--store", `${folder}/store`])).code, 0);
    assertOneLine(await runBench([...ECHO, "--store", `${folder}/file/store`]), "below a file");
    assertOneLine(await runBench([...ECHO, "--store", "/proc/none/store"]), "in /proc");
    const report = await runBench(["report", `${folder}/store/latest`, "--output", `${folder}/none/r.html`]);
    assertOneLine(report, "report into a folder that is not there");
    assert(!report.stderr.includes("r.html.") && !exists(`${folder}/none`), "it was made");
    const vanishing = runBench([...ECHO, "--store", `${folder}/vanishing`]);
    // A run makes its folder when it starts.
    const started = () => exists(`${folder}/vanishing/echo/latest/history.jsonl`);
    for (let waitedMs = 0; !started() && waitedMs < 30_000; waitedMs += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    Deno.renameSync(`${folder}/vanishing`, `${folder}/vanished`); // at once, also while the run adds files
    assertOneLine(await vanishing, "a store that vanishes");
  },
  options,
);

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

folderTest("unwritable output does not change the verdict, or is an error", async (folder) => {
  const store = ["--store", `${folder}/store`];
  const full = await runBench([...VIRTUAL, ...store], { shell: 'exec "$@" >/dev/full' });
  assertOneLine(full, "stdout on a full disk");
  const shells = [
    'exec "$@" 2>/dev/full',
    'exec "$@" >&-',
    'exec "$@" 2>&-',
    'exec "$@" >&- 2>&- <&-',
    '{ "$@"; echo "status $?" >&2; } | true',
  ];
  for (const shell of shells) {
    // Without CHARYBDIS_SOAK, processes are started only where the output vanishes later.
    for (const arguments_ of soaking || shell.includes("status") ? [VIRTUAL, ECHO] : [VIRTUAL]) {
      const run = await runBench([...arguments_, ...store], { shell });
      assertEquals(run.code, 0, `${shell}: ${run.stderr}`);
      if (shell.includes("status")) assertStringIncludes(run.stderr, "status 0");
    }
  }
  for (const state of statesIn(`${folder}/store`)) assertEquals(state, "done");
}, options);

folderTest(
  "without an environment and under tight limits, the bench works or names the limit",
  async (folder) => {
    const store = ["--store", `${folder}/store`];
    const bare = await runBench([...ECHO, ...store], { clearEnv: true });
    assertEquals(bare.code, 0, bare.stderr);
    for (const files of [24, 40, 64]) {
      const run = await runBench([...ECHO, ...store, "--node-count", "25"], {
        shell: `ulimit -n ${files}; exec "$@"`,
      });
      assertOneLine(run, `ulimit -n ${files}`);
      assertStringIncludes(run.stderr, "ulimit -n");
      assertEquals(run.orphans, 0);
    }
  },
  options,
);

folderTest("a killed bench leaves no process, and its run can be checked", async (folder) => {
  const run = await runBench([...ECHO, "--time-limit", "60", "--store", `${folder}/store`], {
    signal: { name: "SIGKILL", afterMs: 2500, reached: () => exists(`${folder}/store/latest/history.jsonl`) },
  });
  assertEquals(run.orphans, 0);
  const checked = await runBench(["check", `${folder}/store/latest`]);
  assert([0, 2].includes(checked.code), checked.stderr);
}, options);
