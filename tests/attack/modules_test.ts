import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { folderTest } from "../folder.ts";
import { assertTook, soaking } from "../seeds.ts";
import { runBench, say } from "./bench_run.ts";

/** The maximum time that a hostile module may keep the bench busy, in seconds. */
const SECONDS_MAX = 10;
/** The memory that the bench may use, in MB. */
const MEMORY_MB_MAX = 1000;

interface HostileModule {
  readonly name: string;
  readonly text: string;
  /** A part of the expected message. */
  readonly says: string;
}

const HEAD = 'import { type Node } from "@charybdis/charybdis";\n';
const ECHO = 'export function bad(node: Node): void { node.on("echo", ({ echo }) => ({ echo })); }\n';

/** A module whose echo handler does this first. */
function handler(code: string): string {
  return `${HEAD}export function bad(node: Node): void {\n` +
    `  node.on("echo", async ({ echo }) => { ${code}; return { echo }; });\n}\n`;
}

const ALLOCATE = "const all = []; for (;;) all.push(new Array(1000).fill(0.5))";

const MODULES: readonly HostileModule[] = [
  { name: "a loop at the top level", text: `while (true) {}\n${HEAD}${ECHO}`, says: "top level did not end" },
  {
    name: "an endless await at the top level",
    text: `await new Promise(() => {});\n${HEAD}${ECHO}`,
    says: "top level did not end",
  },
  { name: "an exit at the top level", text: `Deno.exit(0);\n${HEAD}${ECHO}`, says: "Deno is out of reach" },
  { name: "endless microtasks", text: handler("for (;;) await null"), says: "never ends" },
  { name: "a loop in a handler", text: handler("for (;;);"), says: "never ends" },
  {
    name: "memory without end",
    text: handler(ALLOCATE),
    says: "node n",
  },
  {
    name: "messages without end",
    text: handler("for (;;) node.send(node.id, { type: 'x' })"),
    says: "node n",
  },
  {
    name: "events without time",
    text:
      `${HEAD}export function bad(node: Node): void { const again = () => void node.after(0, again); again();\n` +
      `  node.on("echo", ({ echo }) => ({ echo })); }\n`,
    says: "without any time passing",
  },
  {
    name: "an unhandled rejection",
    text: handler("Promise.reject(new Error('unattended'))"),
    says: "unattended",
  },
  {
    name: "a forged message",
    text: handler("postMessage({ kind: 'result' })"),
    says: "postMessage is not defined",
  },
];
const FAST: ReadonlySet<string> = new Set([
  "an exit at the top level",
  "endless microtasks",
]);

folderTest("test, sweep and learn name a hostile module within ten seconds", async (folder) => {
  const modules = MODULES.filter(({ name }) => soaking || FAST.has(name));
  let longest = 0;
  let memoryMb = 0;
  let runs = 0;
  for (const { name, text, says } of modules) {
    Deno.mkdirSync(`${folder}/learn`, { recursive: true });
    const path = `${folder}/learn/echo.ts`;
    Deno.writeTextFileSync(path, text);
    const line = ["-w", "echo", "--module", path, "--node-count", "1", "--time-limit", "1"];
    const store = ["--store", `${folder}/store`];
    const commands = [
      ["test", ...line, "--virtual", "--rate", "10", ...store],
      ["sweep", ...line, "--seeds", "1..3", "--jobs", "1", ...store],
      ["learn", "check", "1", "--dir", `${folder}/learn`],
    ];
    for (const command of soaking ? commands : commands.slice(0, 1)) {
      const run = await runBench(command, { cwd: folder });
      const what = `${name}, ${command[0]}: status ${run.code}, ${
        run.seconds.toFixed(1)
      } s, ${run.memoryMb} MB`;
      if (soaking) say(what);
      runs++;
      longest = Math.max(longest, run.seconds);
      memoryMb = Math.max(memoryMb, run.memoryMb);
      assert(run.code !== 0, what);
      assert(run.memoryMb < MEMORY_MB_MAX, what);
      assertTook(run.seconds, { lessThan: SECONDS_MAX, what });
      if (command[0] === "test") {
        const kept = name.startsWith("a forged") ? logOf(`${folder}/store`) : "";
        assertStringIncludes(run.stdout + run.stderr + kept, says, what);
      }
    }
  }
  say(
    `attack: ${runs} runs of ${modules.length} modules, ${longest.toFixed(1)} s and ${memoryMb} MB at most`,
  );
}, { permissions: ["run"], slices: 3, ignore: Deno.build.os !== "linux" });

function logOf(store: string): string {
  return Deno.readTextFileSync(`${store}/latest/node-logs/n0.log`);
}

folderTest("replay draws no futures of a run that hung", async (folder) => {
  const path = `${folder}/greedy.ts`;
  Deno.writeTextFileSync(
    path,
    `${HEAD}export function bad(node: Node): void { node.on("echo", () => { ${ALLOCATE} }); }\n`,
  );
  const store = `${folder}/store`;
  const found = await runBench([
    "sweep",
    "-w",
    "echo",
    "--module",
    path,
    "--seeds",
    "1..3",
    "--store",
    store,
  ]);
  assertEquals(found.code, 1, found.stderr);
  const replayed = await runBench(["replay", `${store}/echo/latest`, "--inevitable"]);
  assertEquals(replayed.code, 1, replayed.stderr);
  assertStringIncludes(replayed.stdout, "No futures were drawn");
  assertStringIncludes(replayed.stdout, "identical to the recorded one");
  assertTook(replayed.seconds, { lessThan: SECONDS_MAX, what: "the replay" });
}, { permissions: ["run"], slices: 3, ignore: Deno.build.os !== "linux" });

folderTest("replay prints the module that it runs, and refuses a URL", async (folder) => {
  const path = `${folder}/forgetful.ts`;
  Deno.writeTextFileSync(
    path,
    `${HEAD}export function bad(node: Node): void { node.on("echo", () => ({ echo: "" })); }\n`,
  );
  const swept = await runBench([
    ...["sweep", "-w", "echo", "--module", path, "--seeds", "1", "--shrink-tries", "5"],
    ...["--store", `${folder}/store`],
  ]);
  assertEquals(swept.code, 1, swept.stderr);
  const found = `${folder}/store/echo/latest/case.json`;
  const replayed = await runBench(["replay", found]);
  assertEquals(replayed.code, 1);
  assertStringIncludes(replayed.stderr, `replay runs the module ${path}, without permissions`);
  const recorded = JSON.parse(Deno.readTextFileSync(found));
  const secret = `${folder}/secret`;
  const code = `Deno.writeTextFileSync(${JSON.stringify(secret)}, "taken"); export function bad(node) {}`;
  for (
    const module of [`data:text/javascript,${encodeURIComponent(code)}`, "http://127.0.0.1:1/x.ts", 7, {}]
  ) {
    Deno.writeTextFileSync(`${folder}/case.json`, JSON.stringify({ ...recorded, module }));
    const run = await runBench(["replay", `${folder}/case.json`]);
    assert([254, 255].includes(run.code), `${run.code}: ${run.stdout}`);
    assert([...Deno.readDirSync(folder)].every(({ name }) => name !== "secret"));
  }
  Deno.writeTextFileSync(path, `${code}\n`);
  assertEquals((await runBench(["replay", found])).code, 254);
  assert([...Deno.readDirSync(folder)].every(({ name }) => name !== "secret"));
}, { permissions: ["run"], slices: 3, ignore: Deno.build.os !== "linux" });
