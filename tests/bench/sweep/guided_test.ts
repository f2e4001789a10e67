import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { sweepCommand } from "../../../lib/bench/cli/sweep.ts";
import { historyCrc, jobOf } from "../../../lib/bench/replay/case.ts";
import { SignalCollector, wordOf } from "../../../lib/bench/run/signals.ts";
import { shrinkFailure } from "../../../lib/bench/sweep/failures.ts";
import { Guide } from "../../../lib/bench/sweep/guide.ts";
import { GuidedPlan, knownAt } from "../../../lib/bench/sweep/guided.ts";
import { parseSweep, planSweep } from "../../../lib/bench/sweep/plan.ts";
import { sweepGuided } from "../../../lib/bench/sweep/sweep.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import type { JobResult, VirtualJob } from "../../../lib/bench/worker/job.ts";
import { folderTest } from "../../folder.ts";
import { isInSlice } from "../../seeds.ts";

const LINE = "-w g-set --faults all --time-limit 1 --rate 20";
const planOf = (line: string) => planSweep(parseSweep(line.split(" ")));
const seedsOf = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** Returns the settings of each seed of a guided sweep. */
async function settingsOf(jobs: number): Promise<Map<number, unknown>> {
  const tests = new Map<number, unknown>();
  await sweepGuided({
    seeds: seedsOf(16),
    jobs,
    keepGoing: true,
    job: planOf(LINE).job,
    ran: ({ seed, test }) => void tests.set(seed, test),
  });
  return new Map([...tests].sort(([a], [b]) => a - b));
}

Deno.test("a guided sweep runs the same settings with any number of concurrent runs", {
  ignore: !isInSlice(0, 2),
}, async () => {
  const alone = await settingsOf(1);
  assertEquals(alone.size, 16);
  assertEquals(await settingsOf(3), alone);
  const { job } = planOf(LINE);
  const changed = [...alone].filter(([seed, test]) =>
    JSON.stringify(test) !== JSON.stringify(job(seed).test)
  );
  assert(changed.length >= 4, `${changed.length} seeds have other settings than in a plain sweep`);
});

Deno.test("a plan uses the results of earlier seeds only, and never of fewer than the plan before", () => {
  for (let index = 1; index < 2000; index++) {
    const known = knownAt(index);
    assert(known === 0 || known <= index - 2);
    assert(known >= knownAt(index - 1));
    assert(index - known <= 63);
  }
});

/** The result of a run with these signals. */
const resultOf = (signals: readonly number[]): JobResult => ({
  result: {} as JobResult["result"], // no plan reads it
  signals: new Set(signals),
  operations: 0,
  tookMs: 0,
  checkMs: 0,
  events: 0,
});

Deno.test("a run waits until the results that its plan uses are there, in any order", async () => {
  const plan = new GuidedPlan(planOf(LINE).job);
  const first = [await plan.job(1), await plan.job(2), await plan.job(3)];
  let fourth: VirtualJob | undefined;
  const waiting = plan.job(4).then((job) => fourth = job);
  const [one, two, three] = first;
  assert(one !== undefined && two !== undefined && three !== undefined);
  plan.ran(three, resultOf([3]));
  plan.ran(two, resultOf([2]));
  await Promise.resolve();
  assertEquals(fourth, undefined);
  plan.ran(one, resultOf([1]));
  await waiting;
  assertEquals(fourth?.seed, 4);
});

Deno.test("the guide chooses the settings of runs with rare signals, until the signals are frequent", () => {
  const { base } = planOf("-w g-set --faults all");
  const quiet = { test: { ...base, faults: [] } };
  const killing = { test: { ...base, faults: ["kill" as const] } };
  const guide = new Guide();
  assertEquals(guide.choose([quiet, killing]), quiet, "before the first results, the first candidate");
  guide.learn(quiet.test, new Set([1, 2]));
  guide.learn(quiet.test, new Set([1, 2]));
  assertEquals(guide.choose([quiet, killing]), killing, "a setting that no run had");
  guide.learn(killing.test, new Set([1, 2, 3, 4, 5, 6]));
  assertEquals(guide.choose([quiet, killing]), killing, "four signals of its own");
  for (let i = 0; i < 10; i++) guide.learn(killing.test, new Set([3]));
  assertEquals(guide.choose([killing, quiet]), quiet, "the signal is frequent now");
});

Deno.test("a state has no numbers or values: a count gives no signal of its own", () => {
  const words = ['"leader"', '"n1"', '"n2"', "0", "7", "null", "true", "[]", "[1]", "{}", '{"a":1}', '"3f"']
    .map((text) => wordOf(text, "n1"));
  assertEquals(words, ["leader", "self", "peer", "0", "+", "null", "true", "[]", "[+]", "{}", "{+}", "text"]);
  const collector = new SignalCollector();
  const role = (value: string) => collector.changed("n1", new Map([["role", `"${value}"`]]));
  role("follower");
  const { size } = collector.signals;
  collector.changed("n1", new Map([["term", "1"]]));
  const withTerm = collector.signals.size;
  assert(withTerm > size);
  collector.changed("n1", new Map([["term", "2"]]));
  assertEquals(collector.signals.size, withTerm);
  role("leader");
  assert(collector.signals.size > withTerm);
});

Deno.test("signals do not change a run", async () => {
  const worker = new BenchWorker();
  try {
    const job: VirtualJob = { ...planOf(`${LINE} --node-count 3`).job(5), keepHistory: "always" };
    const plain = await worker.run(job);
    const observed = await worker.run({ ...job, keepSignals: true });
    assertEquals(observed.history, plain.history);
    assertEquals(plain.signals, undefined);
    assert((observed.signals?.size ?? 0) > 10);
  } finally {
    worker.stop();
  }
});

folderTest("a failing run of a guided sweep replays byte for byte", async (folder) => {
  const module = `${folder}/node.ts`;
  // Ids repeat after a restart, which only some settings have.
  await Deno.writeTextFile(
    module,
    'import type { Node } from "@charybdis/charybdis";\nexport function program(node: Node): void {\n' +
      '  let own = 0;\n  node.on("generate", () => ({ id: `${node.id}-${own++}` }));\n}\n',
  );
  const { job } = planOf(`-w unique-ids --faults all --module ${module}`);
  const { failures } = await sweepGuided({ seeds: seedsOf(40), jobs: 1, keepGoing: false, job });
  const [failure] = failures;
  assert(failure !== undefined);
  const { recorded } = await shrinkFailure(failure, { triesMax: 0 });
  assertNotEquals(recorded.test, job(recorded.seed).test, "a plain sweep has other settings for the seed");
  const worker = new BenchWorker();
  try {
    const again = await worker.run(jobOf(recorded));
    assertEquals(historyCrc(again.history ?? []), recorded.historyCrc);
  } finally {
    worker.stop();
  }
}, { slices: 2 });

Deno.test("--guided and --check-determinism exclude each other", async () => {
  await assertRejects(
    () => sweepCommand(["-w", "echo", "--guided", "--check-determinism"]),
    ArgumentError,
    "omit one of them",
  );
});
