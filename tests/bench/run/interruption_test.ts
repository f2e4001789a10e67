/** Signals: an interrupted run has no verdict and keeps its recordings. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { folderTest } from "../../folder.ts";
import { writeProgram } from "../../program.ts";
import { assertTook } from "../../seeds.ts";

const BROADCAST = ["-w", "broadcast", "--node-count", "2", "--rate", "50", "--time-limit", "60"];
const STATUSES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** The maximum time until the bench reaches the state in which a test interrupts it, in ms. */
const REACH_MS_MAX = 20_000;

interface Ended {
  readonly code: number;
  readonly said: string;
  readonly seconds: number;
}

function spawn(args: readonly string[], cwd?: string): Deno.ChildProcess {
  return new Deno.Command(`${Deno.cwd()}/bin/charybdis`, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/**
 * Waits until `reached` returns true, then sends signals, and returns the outcome of the process. `reached` receives the
 * output so far.
 */
async function interrupted(
  child: Deno.ChildProcess,
  reached: (said: string) => boolean,
  signals: readonly Deno.Signal[],
): Promise<Ended> {
  let said = "";
  const reading = Promise.all([child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said += text;
  }));
  for (let waitedMs = 0; !reached(said); waitedMs += 50) {
    assert(waitedMs < REACH_MS_MAX, "the bench does not get there");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const began = performance.now();
  for (const signal of signals) child.kill(signal);
  await reading;
  const { code } = await child.status;
  return { code, said, seconds: (performance.now() - began) / 1000 };
}

/** Returns true once a history holds an operation that succeeded. */
function hasHistory(directory: string): boolean {
  try {
    return Deno.readTextFileSync(`${directory}/latest/history.jsonl`).includes('"ok"');
  } catch {
    return false;
  }
}

function stateOf(directory: string): unknown {
  return JSON.parse(Deno.readTextFileSync(`${directory}/latest/test.json`)).state;
}

for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
  folderTest(
    `${signal} ends a test with status ${
      STATUSES[signal]
    }, without a verdict, and its history can be checked`,
    async (directory) => {
      const store = `${directory}/store`;
      const child = spawn(["test", ...BROADCAST, "--bin", "bin/broadcast", "--store", store]);
      const { code, said, seconds } = await interrupted(child, () => hasHistory(store), [signal]);
      assertEquals(code, STATUSES[signal], said);
      assertTook(seconds, { lessThan: 5, what: signal });
      assert(!said.includes("Everything looks good!") && !said.includes("Analysis invalid!"), said);
      if (signal !== "SIGHUP") {
        assertStringIncludes(said, `Interrupted by ${signal}`);
        assertStringIncludes(said, "no verdict");
      }
      assertEquals(stateOf(store), "interrupted");
      assertEquals(JSON.parse(Deno.readTextFileSync(`${store}/latest/results.json`)).valid, "unknown");
      const check = await new Deno.Command("bin/charybdis", { args: ["check", `${store}/latest`] }).output();
      const [first] = new TextDecoder().decode(check.stdout).split("\n");
      assertEquals(first, "The run ended early: the verdict covers only the recorded part.");
      assertEquals(check.code, 2);
    },
    { permissions: ["run"], slices: 3 },
  );
}

folderTest("after a second Ctrl-C, no run is marked as running", async (directory) => {
  const store = `${directory}/store`;
  const child = spawn(["test", ...BROADCAST, "--bin", "bin/broadcast", "--store", store]);
  const { code } = await interrupted(child, () => hasHistory(store), ["SIGINT", "SIGINT"]);
  assertEquals(code, 130);
  assertEquals(stateOf(store), "interrupted");
}, { permissions: ["run"], slices: 3 });

folderTest("Ctrl-C ends a node at once that never answers init", async (directory) => {
  const node = `${directory}/mute.sh`;
  writeProgram(node, `#!/bin/sh\ntouch ${directory}/up\nexec sleep 60\n`);
  const child = spawn(["test", ...BROADCAST, "--bin", node, "--store", `${directory}/store`]);
  const up = () => [...Deno.readDirSync(directory)].some(({ name }) => name === "up");
  const { code, seconds } = await interrupted(child, up, ["SIGINT"]);
  assertEquals(code, 130);
  assertTook(seconds, { lessThan: 3, what: "Ctrl-C" });
}, { permissions: ["run"], slices: 3 });

/** Returns true if the output shows that a seed has finished: before, it has no number. */
function hasFinished(said: string): boolean {
  return /\d/.test(said);
}

folderTest("an interrupted fuzz run summarizes the finished seeds", async (directory) => {
  const shape = ["--node-count", "1", "--time-limit", "1", "--rate", "10"];
  const args = [
    "fuzz",
    "-w",
    "echo",
    "--bin",
    "bin/echo",
    "--seeds",
    "1..100",
    ...shape,
    "--store",
    directory,
  ];
  const { code, said, seconds } = await interrupted(spawn(args), hasFinished, ["SIGINT"]);
  assertEquals(code, 130, said);
  assertStringIncludes(said, "of 100 seeds were tried, and none is invalid.");
  assertTook(seconds, { lessThan: 3, what: "SIGINT" });
}, { permissions: ["run"], slices: 3 });

folderTest("an interrupted sweep summarizes the finished seeds", async (directory) => {
  const args = ["sweep", "-w", "echo", "--seeds", "1..1000000", "--store", directory];
  const { code, said } = await interrupted(spawn(args), hasFinished, ["SIGINT"]);
  assertEquals(code, 130, said);
  assertStringIncludes(said, ": none is invalid");
  assertStringIncludes(said, "of 1000000 seeds were tried");
}, { permissions: ["run"], slices: 3 });
