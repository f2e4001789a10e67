import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { caseOf, seedCaseOf } from "../../../lib/bench/replay/case.ts";
import { describeInevitability, inevitabilityOf } from "../../../lib/bench/replay/futures.ts";
import { findInevitability } from "../../../lib/bench/replay/inevitability.ts";
import { inevitabilityView } from "../../../lib/bench/report/html/inevitability_chart.ts";
import { pageText } from "../../../lib/bench/report/html/elements.ts";
import { BenchError } from "../../../lib/bench/errors.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest, type VirtualJob } from "../../../lib/bench/worker/job.ts";
import { Redraw, SeededRandom } from "../../../lib/sim/random.ts";
import { folderTest } from "../../folder.ts";

/** Sends each value to its peers once, without an acknowledgment. */
const FORGETFUL = `
import type { Node } from "@charybdis/charybdis";

export function forgetful(node: Node): void {
  const seen = new Set<number>();
  node.on("topology", () => ({}));
  node.on("broadcast", ({ message }) => {
    seen.add(Number(message));
    for (const peer of node.peers) node.send(peer, { type: "gossip", value: message, tag: node.random.id() });
    return {};
  });
  node.on("gossip", ({ value }) => void seen.add(Number(value)));
  node.on("read", () => ({ messages: [...seen] }));
}
`;

/** The start and end of the only partition, in ms. */
const CUT_MS = [200, 400] as const;

/** Returns the job of one broadcast of the value 7 in a partition, with one later read at n1. */
async function cutJob(folder: string): Promise<VirtualJob> {
  const module = `${folder}/node.ts`;
  await Deno.writeTextFile(module, FORGETFUL);
  const line = `--virtual -w broadcast --module ${module} --node-count 2 --concurrency 2 --time-limit 0.5 ` +
    "--latency 5 --faults partition --nemesis-interval 100";
  const job = jobOfTest(parseTest(line.split(" ")), { seed: 2, keepMessages: true, keepHistory: "always" });
  return {
    ...job,
    schedule: {
      operations: [{ f: "broadcast", value: 7, thread: 0, atMs: 300 }],
      finalOperations: [{ f: "read", value: null, thread: 1, final: true }],
      faults: [{ kind: "partition", index: 0, fromMs: CUT_MS[0], toMs: CUT_MS[1] }],
    },
  };
}

folderTest("a lost value is inevitable from the partition that cuts it, and no earlier", async (folder) => {
  const worker = new BenchWorker();
  try {
    const job = await cutJob(folder);
    const ran = await worker.run(job);
    const recorded = caseOf(job, ran);
    assertEquals(recorded.failure, ["lost"]);
    const found = await inevitabilityOf(recorded, ran, { count: 20, workers: [worker] });
    const [jump] = found.jumps;
    assertEquals(found.conclusion, undefined);
    assertEquals(found.jumps.length, 1);
    assert(jump !== undefined && jump.before.atMs === CUT_MS[0], JSON.stringify(found));
    assert(jump.before.failed < 3 && jump.after.failed === 20, JSON.stringify(jump));
    assertEquals(jump.between.map((text) => text.split(":")[0]), ["start-partition"]);
    assert(describeInevitability(found).some((line) => line === jump.sentence));
    assertStringIncludes(pageText(inevitabilityView(found)), "20 of 20 futures fail");

    assertEquals((await worker.run(job)).messages, ran.messages, "a redraw ends with its run");
    const again = await worker.run({ ...job, redraw: { atMs: 250, seed: 1 } });
    const messagesBefore = (lines: readonly string[] = []) => lines.filter((line) => timeMs(line) < 250);
    assertEquals(messagesBefore(again.messages), messagesBefore(ran.messages));
    assert(
      again.messages?.join() !== ran.messages?.join(),
      "the module's own random numbers are drawn again",
    );
  } finally {
    worker.stop();
  }
}, { slices: 2 });

function timeMs(line: string): number {
  return JSON.parse(line).time / 1e6;
}

folderTest("a failure that the operations alone cause has no jump", async (folder) => {
  const worker = new BenchWorker();
  try {
    const job = await cutJob(folder);
    await Deno.writeTextFile(`${folder}/node.ts`, FORGETFUL.replace("node.send(peer", "void (peer"));
    const ran = await worker.run(job);
    const found = await inevitabilityOf(caseOf(job, ran), ran, { count: 4, workers: [worker] });
    assertEquals(found.jumps, []);
    assert(found.conclusion !== undefined && describeInevitability(found).includes(found.conclusion));
    assert(pageText(inevitabilityView(found)).includes(found.conclusion));
  } finally {
    worker.stop();
  }
});

folderTest("a case that does not fail is refused", async (folder) => {
  const worker = new BenchWorker();
  try {
    const job = await cutJob(folder);
    const ran = await worker.run(job);
    const recorded = { ...seedCaseOf(job, ran), failure: ["G0"] };
    const draw = () => inevitabilityOf(recorded, ran, { count: 1, workers: [worker] });
    await assertRejects(draw, BenchError);
  } finally {
    worker.stop();
  }
});

folderTest("a value of an exploration is lost from the step on that loses its message", async (folder) => {
  const module = `${folder}/node.ts`;
  await Deno.writeTextFile(module, FORGETFUL);
  const { test } = parseTest(["-w", "broadcast", "--virtual", "--node-count", "3"]);
  const bounds = { drops: 1, duplicates: 0, crashes: 0, timeouts: 0 };
  const exploration = { bounds, operationCount: 2, settleMs: 0, executionsMax: 1000, timeLimitMs: 1e9 };
  const job: VirtualJob = {
    kind: "virtual",
    test,
    seed: 1,
    nodeArguments: [],
    module,
    storage: false,
    exploration,
    keepHistory: "always",
    keepMessages: false,
  };
  const worker = new BenchWorker();
  try {
    const { exploration: { steps } = {} } = await worker.run(job);
    assert(steps !== undefined, "the exploration fails");
    const failing = { ...job, keepMessages: true, exploration: { ...exploration, steps } };
    const ran = await worker.run(failing);
    const recorded = seedCaseOf(failing, ran);
    const found = await inevitabilityOf(recorded, ran, { count: 20, workers: [worker] });
    const dropMs = steps.findIndex((step) => step.startsWith("drop")) + 1;
    assert(dropMs > 0);
    const [jump] = found.jumps;
    assertEquals(found.jumps.length, 1);
    assertEquals([jump?.before.atMs, jump?.after.atMs, jump?.after.failed], [dropMs, dropMs + 1, 20]);
    assert(jump !== undefined && jump.before.failed < 20);
    assertMatch(jump.between.join("\n"), /^message lost/m);
    assertStringIncludes(found.drawn, "each later step at random");
    assertStringIncludes(pageText(inevitabilityView(found)), found.drawn);
    assertEquals(
      found.moments.map(({ atMs }) => atMs),
      Array.from({ length: steps.length + 1 }, (_, i) => i + 1),
    );

    const redraw = (seed: number) => worker.run({ ...failing, redraw: { atMs: 3, seed } });
    assertEquals((await redraw(5)).history, (await redraw(5)).history, "a future can be repeated");
    const messages = new Set<string | undefined>();
    for (const seed of [1, 2, 3, 4]) messages.add((await redraw(seed)).messages?.join());
    assert(messages.size > 1, "futures differ");
    assertEquals((await worker.run({ ...failing, redraw: { atMs: 1e9, seed: 1 } })).messages, ran.messages);
  } finally {
    worker.stop();
  }
}, { slices: 2 });

Deno.test("the search finds each jump between neighboring moments", async () => {
  const times = Array.from({ length: 1000 }, (_, i) => i);
  const share = (atMs: number) => atMs < 312 ? 0.1 : atMs < 700 ? 0.55 : 1;
  let drawn = 0;
  const random = new SeededRandom(1);
  const { jumps, moments } = await findInevitability(times, {
    count: 100,
    draw: (atMs, count) => {
      drawn += count;
      return Promise.resolve(
        Array.from({ length: count }, () => random.chance(share(atMs))).filter(Boolean).length,
      );
    },
  });
  assertEquals(jumps.map(({ before, after }) => [before.atMs, after.atMs]), [[311, 312], [699, 700]]);
  assertEquals(jumps.map(({ before, after }) => [before.count, after.count]), [[100, 100], [100, 100]]);
  assertEquals(moments.map(({ atMs }) => atMs), moments.map(({ atMs }) => atMs).sort((a, b) => a - b));
  assert(drawn < 1500, `${drawn} futures`);
});

Deno.test("a share that grows slowly has no jump", async () => {
  const times = Array.from({ length: 500 }, (_, i) => i);
  const draw = (atMs: number, count: number) => Promise.resolve(Math.round(count * atMs / 500));
  assertEquals((await findInevitability(times, { count: 100, draw })).jumps, []);
});

Deno.test("a redraw changes every stream from its next draw on", () => {
  const redraw = new Redraw();
  const [one, plain] = [new SeededRandom(1, redraw), new SeededRandom(1)];
  const [child, plainChild] = [one.split("a"), plain.split("a")];
  assertEquals([one.bits(), child.bits()], [plain.bits(), plainChild.bits()]);
  redraw.seed = 5;
  assert(one.bits() !== plain.bits() && child.bits() !== plainChild.bits());
  assertEquals(one.split("b").bits(), new SeededRandom(1, redraw).split("b").bits());
});
