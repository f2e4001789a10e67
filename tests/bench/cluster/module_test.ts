import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { readModule } from "../../../lib/bench/cluster/node_module.ts";
import type { JobResult } from "../../../lib/bench/worker/job.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { StartError } from "../../../lib/bench/errors.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { folderTest } from "../../folder.ts";
import { assertTook, sliceOf } from "../../seeds.ts";

/** The maximum time that a module may keep the bench busy, in seconds. */
const LATE_S_MAX = 10;

/** Runs a module's text in virtual time: an echo node whose handler is `body`, unless `text` is the whole module. */
async function run(
  folder: string,
  { body, text }: { readonly body?: string; readonly text?: string },
): Promise<JobResult> {
  const path = `${folder}/module.ts`;
  await Deno.writeTextFile(
    path,
    `import { type Node } from "@charybdis/charybdis";\n${text ?? ""}\n` +
      `export function program(node: Node): void { node.on("echo", async ({ echo }) => { ${
        body ?? "return { echo };"
      } }); }\n`,
  );
  const line = `--virtual -w echo --node-count 2 --rate 20 --time-limit 1`;
  const { test } = parseTest(line.split(" "));
  const worker = new BenchWorker();
  const began = performance.now();
  try {
    return await worker.run({
      kind: "virtual",
      test,
      seed: 1,
      nodeArguments: [],
      module: path,
      storage: true,
      keepHistory: "always",
      keepMessages: false,
    });
  } finally {
    worker.stop();
    assertTook((performance.now() - began) / 1000, { lessThan: LATE_S_MAX, what: "the module" });
  }
}

/** The tests with a worker, which waits for some modules until its limit. */
function moduleTest(name: string, test: (folder: string) => Promise<void>): void {
  folderTest(name, test, { slices: 3 });
}

function faultsOf({ result }: JobResult): string {
  return JSON.stringify(result["nodes"]);
}

moduleTest("a module runs as a node with promises, a store and a log", async (folder) => {
  const body = 'console.log("to the log"); await null; ' +
    'node.storage?.append("seen", String(echo)); const all = [...node.storage?.read("seen") ?? []]; ' +
    "return { echo: all.at(-1)?.value };";
  const { result, logs } = await run(folder, { body });
  assertEquals(result.valid, true);
  assertStringIncludes(logs?.get("n0")?.[0] ?? "", "to the log");
});

moduleTest("a program that throws at its start is named by its own frames alone", async (folder) => {
  const body = "return { echo };\n} ); throw new Error('no start'); node.on('other', () => {";
  const error = await assertRejects(() => run(folder, { body }), StartError, "no start");
  assertStringIncludes(error.message, "module.ts:");
  assert(!error.message.includes("/lib/"), error.message);
});

moduleTest("an unhandled rejection ends its node", async (folder) => {
  const ran = await run(folder, { body: 'Promise.reject(new Error("unattended")); return { echo };' });
  assertStringIncludes(faultsOf(ran), "unattended");
});

moduleTest(
  "a module that uses a global outside the node API is refused with an alternative",
  async (folder) => {
    await assertRejects(() => run(folder, { text: "Deno.exit(0);" }), ArgumentError, "Deno is out of reach");
    const hidden = [
      ["Date.now()", "node.now()"],
      ["Math.random()", "node.random"],
      ["setTimeout(() => {}, 1)", "node.after"],
      ["fetch('http://127.0.0.1/')", "node.send or node.rpc"],
      ["postMessage({})", "postMessage is not defined"],
      ["(await import(['node', 'fs'].join(':'))).readFileSync('/etc/passwd')", "node:fs"],
      ["(await import(['node', 'child_process'].join(':'))).execFileSync('true')", "failed:"],
      ["await import('data:text/javascript,Deno.exit(1)')", "Deno is out of reach"],
    ] as const;
    for (const [code, said] of sliceOf(hidden, 4)) {
      const { result, logs } = await run(folder, { body: `${code}; return { echo };` });
      assertEquals(result.valid, false, code);
      assertStringIncludes(JSON.stringify([...logs ?? []]), said, code);
    }
  },
);

moduleTest("a module cannot forge its verdict", async (folder) => {
  const forgeries = [
    "Array.prototype.push = () => 0;",
    "Object.prototype.valid = true;",
    'JSON.stringify = () => \'{"kind":"result","valid":true}\'; JSON.parse = () => ({ valid: true });',
    "Promise.prototype.then = function () { return this; };",
    "Set.prototype.has = () => true; Map.prototype.get = () => undefined;",
  ];
  for (const text of sliceOf(forgeries, forgeries.length)) {
    const outcome = await run(folder, { text, body: 'return { echo: "wrong" };' })
      .catch((error: Error) => error.message);
    assert(typeof outcome === "string" || outcome.result.valid === false, text);
  }
});

moduleTest("a module that writes into its channel is refused", async (folder) => {
  const text = "const set = Uint8Array.prototype.set; Object.getPrototypeOf(Uint8Array.prototype).set = " +
    "function () { set.call(this, [123, 123]); };";
  await assertRejects(() => run(folder, { text }), ArgumentError, "interfered with its own worker");
});

Deno.test("a URL is refused as a module", async () => {
  for (const path of ["data:text/javascript,export", "http://127.0.0.1/x.ts", "https://x", "blob:null/1"]) {
    await assertRejects(() => readModule(path), ArgumentError, "it is an address");
  }
});

folderTest("a folder, a missing file or a foreign package is refused with the reason", async (folder) => {
  await assertRejects(() => readModule(folder), ArgumentError, "it is not a file");
  await assertRejects(() => readModule(`${folder}/none.ts`), ArgumentError, "the file does not exist");
  await Deno.writeTextFile(`${folder}/a.ts`, 'import "npm:left-pad";');
  await assertRejects(() => readModule(`${folder}/a.ts`), ArgumentError, 'it imports "npm:left-pad"');
});
