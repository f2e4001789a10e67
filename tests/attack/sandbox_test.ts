/** Attacks on the sandbox. They need bubblewrap and Python. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { findSandbox } from "../../lib/bench/sandbox/sandbox.ts";
import { folderTest } from "../folder.ts";
import { runBench, say } from "./bench_run.ts";
import { DEVOURERS, type EscapingProgram, INTRUDER } from "./sandbox_programs.ts";

const mayRun = Deno.permissions.querySync({ name: "run" }).state === "granted" && Deno.build.os !== "windows";
const sandbox = mayRun ? await findSandbox() : undefined;
if (sandbox?.kind === "none") say(`attack: the sandbox is not tested, because ${sandbox.problem}`);
const ignore = sandbox?.kind !== "sandbox";

/** Runs an attack for a second. Returns the node's log, the status and the results. */
async function attack(folder: string, { name, text }: EscapingProgram, args: readonly string[] = []) {
  const bin = `${folder}/own/node`;
  Deno.mkdirSync(`${folder}/own`, { recursive: true });
  Deno.chmodSync(folder, 0o755);
  Deno.writeTextFileSync(bin, text);
  Deno.chmodSync(bin, 0o755);
  const store = `${folder}/store`;
  const line = ["test", "-w", "echo", "--bin", bin, "--node-count", "1", "--time-limit", "3", "--rate", "10"];
  const run = await runBench([...line, "--sandbox", "--store", store, "--", ...args]);
  assert(run.code < 3, `${name}: ${run.stdout}${run.stderr}`);
  const log = Deno.readTextFileSync(`${store}/latest/node-logs/n0.log`);
  const results = JSON.parse(Deno.readTextFileSync(`${store}/latest/results.json`));
  assertEquals(log.match(/^ESCAPED.*$/gm), null, `${name}: ${log}`);
  assertMatch(log, /^done$/m, `${name}: ${log}`);
  assertEquals(run.orphans, 0, name);
  return { run, log, results };
}

folderTest("a sandboxed program reads, writes, signals and reaches nothing outside", async (folder) => {
  Deno.mkdirSync(`${folder}/neighbor`);
  Deno.writeTextFileSync(`${folder}/neighbor/echo`, "solution");
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = server.addr;
  const paths = [`${folder}/neighbor/echo`, `${folder}/neighbor`, `${folder}/store`, folder, Deno.cwd()];
  const { run, log, results } = await attack(folder, INTRUDER, [...paths, String(port)]);
  assertEquals([run.code, results.valid], [0, true], `${run.stdout}\n${log}`);
  const remarks: readonly { readonly kind: string }[] = results.remarks ?? [];
  assertEquals(remarks.map(({ kind }) => kind), ["network-server"]);
}, { permissions: ["run"], ignore });

for (const program of DEVOURERS) {
  folderTest(`a sandbox bounds ${program.name}`, async (folder) => {
    const { run, log } = await attack(folder, program);
    assert(run.seconds < 15 && run.memoryMb < 1000, `${run.seconds} s, ${run.memoryMb} MB`);
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", "grep -ls 'sleep.9876[5]' /proc/[0-9]*/cmdline | wc -l"],
    }).output();
    assertEquals(new TextDecoder().decode(stdout).trim(), "0", log);
  }, { permissions: ["run"], ignore });
}
