import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { findingsOfJob } from "../../../lib/bench/findings/job_findings.ts";
import { InvariantJournal } from "../../../lib/bench/invariants/journal.ts";
import { loadInvariants } from "../../../lib/bench/invariants/registry.ts";
import { failureKinds, verdictForSweep } from "../../../lib/bench/replay/case.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { parseResult } from "../../../lib/bench/store/parse_result.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest, type JobResult } from "../../../lib/bench/worker/job.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { folderTest } from "../../folder.ts";
import { bench } from "../support/workload_runs.ts";

async function run(line: string): Promise<JobResult & { readonly findings: readonly string[] }> {
  const custom = parseTest(`--virtual --time-limit 3 ${line}`.split(" "));
  const worker = new BenchWorker();
  try {
    const ran = await worker.run(jobOfTest(custom, { seed: 4, keepMessages: false, keepHistory: "always" }));
    return { ...ran, findings: findingsOfJob(custom.test, ran).map(({ name }) => name) };
  } finally {
    worker.stop();
  }
}

folderTest("a file's invariants are checked after each step", async (folder) => {
  const path = `${folder}/counts.ts`;
  await Deno.writeTextFile(
    path,
    `import type { Invariant } from "@charybdis/charybdis/workload";
export const small: Invariant = ({ nodes }) =>
  [...nodes.values()].some((values) => Number(values.get("count")) > 3) ? "a count is above 3" : undefined;
export const grows: Invariant = ({ nodes, changed, memory }) => {
  const count = Number(nodes.get(changed)?.get("count") ?? 0);
  const before = Number(memory.get(changed) ?? 0);
  memory.set(changed, count);
  return count < before ? "a count decreased" : undefined;
};
export const wrong: Invariant = () => { throw new Error("no such value"); };
export const promised = async () => "a promise is not a sentence";
export const LIMIT = 3;
`,
  );
  await loadInvariants(path);
  const ran = await run(`-w unique-ids --node-count 2 --rate 20 --invariant ${path}`);
  const { valid, invariants: { violations } } = parseResult(ran.result);
  assertEquals(valid, false);
  assertEquals(violations.map(({ kind, name }) => [kind, name]), [
    ["threw", "promised"],
    ["threw", "wrong"],
    ["violated", "small"],
  ]);
  const [, , small] = violations;
  assertEquals(small?.values[small.node]?.["count"], "4");
  assert(small !== undefined && small.timeMs > 0 && small.step > 4);
  assertEquals([...failureKinds(ran.result)], ["invariant small"]);
  assertEquals(ran.findings.filter((name) => name.endsWith("-invariant")), [
    "violated-invariant",
    "unchecked-invariant",
  ]);
});

Deno.test("lin-kv satisfies Raft's safety properties under faults, after each step", async () => {
  const ran = await run(
    "-w lin-kv --node-count 3 --rate 30 --faults partition,kill --nemesis-interval 0.5 --invariant raft",
  );
  assertEquals(parseResult(ran.result).invariants, { valid: true, violations: [] });
  assert(Number(ran.result.invariants?.["steps"]) > 50, `${ran.result.invariants?.["steps"]} steps`);
});

Deno.test("invariants that read nothing leave the verdict unknown", async () => {
  const { result, findings } = await run("-w broadcast --node-count 2 --rate 20 --invariant raft");
  assertEquals([result.valid, parseResult(result).invariants.valid], ["unknown", "unknown"]);
  assertEquals(verdictForSweep(result), "unknown");
  assertEquals(findings.filter((name) => name.endsWith("-invariant")), ["unchecked-invariant"]);
});

Deno.test("a run with invariants has the same history as without", async () => {
  const line = "-w lin-kv --node-count 3 --rate 30 --faults partition,kill --nemesis-interval 0.5";
  assertEquals((await run(`${line} --invariant raft`)).history, (await run(line)).history);
});

folderTest("a file without functions, and real time, are refused", async (folder) => {
  const path = `${folder}/none.ts`;
  await Deno.writeTextFile(path, "export const x = 1;\n");
  await assertRejects(() => loadInvariants(path), ArgumentError);
  await assertRejects(() => loadInvariants(`${folder}/missing.ts`), ArgumentError);
  assertThrows(() => parseTest(["-w", "echo", "--invariant", "raft"]), ArgumentError);
});

// A process of its own, because a thread that does not return lasts as long as its process.
folderTest("an invariant that does not return is named, and not the node", async (folder) => {
  await Deno.writeTextFile(`${folder}/endless.ts`, "export const endless = () => { for (;;); };");
  const line = "test -w unique-ids --virtual --node-count 1 --invariant endless.ts";
  const { status, stdout } = await bench(line.split(" "), { cwd: folder });
  assertEquals(status, 2, stdout);
  assertMatch(stdout, /endless\.ts: an invariant did not return in time/);
}, { permissions: ["run", "env"], slices: 3 });

Deno.test("the end of a node removes its values", () => {
  const seen: number[] = [];
  const journal = new InvariantJournal(
    new Map([["sizes", ({ nodes }) => {
      seen.push(nodes.size);
      return undefined;
    }]]),
    { now: () => 0 },
  );
  journal.changed("n0", new Map([["a", "1"]]));
  journal.changed("n1", new Map([["a", "1"], ["b", ""]]));
  journal.ended("n0");
  journal.changed("n1", new Map([["a", "2"]]));
  assertEquals([seen, journal.steps, journal.violations], [[1, 2, 1], 3, []]);
});
