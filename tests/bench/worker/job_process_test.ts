import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import type { JobResult, VirtualJob } from "../../../lib/bench/worker/job.ts";
import { SERVE_JOBS } from "../../../lib/bench/worker/frames.ts";
import { JobProcess, ProcessPool } from "../../../lib/bench/worker/job_process.ts";
import { jobsOf } from "../../../lib/bench/sweep/plan.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { folderTest } from "../../folder.ts";
import { sliceOf } from "../../seeds.ts";

const BENCH = new URL("../../../bin/charybdis", import.meta.url).pathname;

/** Returns a job that runs an echo node whose handler, or whose whole program, is given. */
function jobOf(folder: string, { body = "return { echo };", top = "" }): VirtualJob {
  const module = `${folder}/module.ts`;
  Deno.writeTextFileSync(
    module,
    `import { type Node } from "@charybdis/charybdis";\n${top}\n` +
      `export function program(node: Node): void { node.on("echo", async ({ echo }) => { ${body} }); }\n`,
  );
  const { test } = parseTest("--virtual -w echo --node-count 2 --rate 20 --time-limit 1".split(" "));
  const kept = { keepHistory: "always", keepMessages: true } as const;
  return { kind: "virtual", test, seed: 1, nodeArguments: [], module, storage: false, ...kept };
}

function run(process: JobProcess, job: VirtualJob): Promise<JobResult> {
  return process.run({ job, workload: undefined, invariants: undefined });
}

function withoutTimes({ tookMs: _, checkMs: __, ...rest }: JobResult): object {
  return rest;
}

function processTest(
  name: string,
  test: (folder: string, pool: ProcessPool) => Promise<void>,
  slices = 1,
): void {
  folderTest(name, async (folder) => {
    const pool = new ProcessPool(BENCH);
    try {
      await test(folder, pool);
    } finally {
      await pool.stop();
    }
  }, { permissions: ["run"], slices });
}

processTest("a process runs a module with the same result as a worker", async (folder, pool) => {
  const job = jobOf(folder, { body: 'console.log("to the log"); return { echo };' });
  const [process, worker] = [new JobProcess(pool), new BenchWorker()];
  const [inProcess, inWorker] = [await run(process, job), await worker.run(job)];
  assertEquals(withoutTimes(inProcess), withoutTimes(inWorker));
  assert((inProcess.logs?.get("n0") ?? []).length > 0);
  process.stop();
  worker.stop();
});

processTest("errors of a module keep their class and text", async (folder, pool) => {
  const process = new JobProcess(pool);
  const job = jobOf(folder, { top: 'throw new Error("at the top");' });
  await assertRejects(() => run(process, job), ArgumentError, "at the top");
  process.stop();
});

processTest("the next user of a process meets none of a module's state", async (folder, pool) => {
  const job = jobOf(folder, {
    top: "let count = 0;",
    body: "console.log(`run ${++count}`); return { echo };",
  });
  const logs = async (process: JobProcess) =>
    JSON.stringify([...(await run(process, job)).logs?.values() ?? []]);
  const process = new JobProcess(pool);
  assertMatch(await logs(process), /run 1"/);
  assert(!(await logs(process)).includes('run 1"'), "the count goes on");
  process.stop();
  const next = new JobProcess(pool);
  assertMatch(await logs(next), /run 1"/);
  next.stop();
});

processTest("a process whose module does not return is ended, and replaced", async (folder, pool) => {
  const process = new JobProcess(pool);
  const hung = await run(
    process,
    // Ten events use the memory that one event may, so that the time of the one that does not return is not used up first.
    jobOf(folder, {
      top: "const all = []; const more = (length) => all.push(new Array(length).fill(0.5));",
      body: "for (let i = 0; i < 8; i++) more(1e6); while (all.length >= 80) more(1000); return { echo };",
    }),
  );
  assertEquals([hung.result.valid, hung.hasHung], [false, true]);
  assertStringIncludes(JSON.stringify(hung.result), "used more memory");
  assert((hung.history ?? []).length > 0, "the history shows on what the node hung");
  if (Deno.build.os === "linux") assertEquals(servers(), [], "no process allocates further");
  assertEquals((await run(process, jobOf(folder, {}))).result.valid, true);
  if (Deno.build.os === "linux") assertEquals(servers().length, 1, "a process has replaced the other one");
  process.stop();
});

processTest(
  "a sweep keeps the messages until its module hangs, and none of a valid run",
  async (folder, pool) => {
    const swept = async (body: string) => {
      const { module } = jobOf(folder, { body });
      const line = `-w echo --module ${module} --node-count 1 --rate 20 --time-limit 1 --faults none`;
      const process = new JobProcess(pool);
      try {
        return await run(process, jobsOf(line.split(" "))(1));
      } finally {
        process.stop();
      }
    };
    const { hasHung, messages = [] } = await swept("for (;;) await null;");
    assertEquals(hasHung, true);
    assert(messages.some((line) => line.includes('"type":"echo"')), "the request on which the node hung");
    const valid = await swept("return { echo };");
    assertEquals([valid.result.valid, valid.messages, valid.states], [true, undefined, undefined]);
  },
  2,
);

processTest("a module whose code does not return is named", async (folder, pool) => {
  const process = new JobProcess(pool);
  for (const top of sliceOf(["await new Promise(() => {});", "while (true) {}"], 2)) {
    await assertRejects(() => run(process, jobOf(folder, { top })), ArgumentError, "top level did not end");
  }
  const { result } = await run(process, jobOf(folder, { body: "for (;;) await null;" }));
  assertEquals(result.valid, false);
  assertMatch(JSON.stringify(result.nodes), /"node":"n[01]","kind":"stuck"/);
  process.stop();
}, 3);

processTest("a job that is stopped does not settle", async (folder, pool) => {
  const process = new JobProcess(pool);
  let hasSettled = false;
  void run(process, jobOf(folder, { body: "for (;;);" })).then(() => hasSettled = true);
  process.stop();
  assertEquals((await run(process, jobOf(folder, {}))).result.valid, true);
  process.stop();
  assert(!hasSettled);
});

processTest("a process that ends by itself leaves no verdict", async (folder) => {
  const process = new JobProcess(new ProcessPool("/bin/false"));
  const { result, hasHung } = await run(process, jobOf(folder, {}));
  assertEquals([result.valid, hasHung], ["unknown", true]);
  assertStringIncludes(JSON.stringify(result), "status 1");
  process.stop();
});

processTest("a bench whose executable was removed starts no process", async (folder) => {
  const process = new JobProcess(new ProcessPool(`${folder}/none`));
  await assertRejects(() => run(process, jobOf(folder, {})), BenchError, "cannot start");
});

/** Returns the processes of the bench that any thread of this process started and that run. */
function servers(): string[] {
  const threads = `/proc/${Deno.pid}/task`;
  return [...Deno.readDirSync(threads)]
    .flatMap(({ name }) => textOf(`${threads}/${name}/children`).trim().split(" "))
    .filter((child) => textOf(`/proc/${child}/cmdline`).includes(SERVE_JOBS));
}

/** Returns the text of a file of /proc; empty if its process or thread has ended. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
