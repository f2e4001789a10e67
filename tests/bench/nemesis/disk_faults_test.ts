import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseHistory } from "../../../lib/checkers/parse.ts";
import { ALL_FAULTS } from "../../../lib/bench/nemesis/faults.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest, type JobResult } from "../../../lib/bench/worker/job.ts";
import { longTest } from "../../seeds.ts";

async function run(faults: string): Promise<JobResult> {
  const line =
    `--virtual -w lin-kv --node-count 3 --rate 30 --time-limit 20 --faults ${faults} --nemesis-interval 1`;
  const worker = new BenchWorker();
  try {
    const custom = parseTest(line.split(" "));
    const job = jobOfTest(custom, { seed: 2, keepMessages: true, keepHistory: "always" });
    return await worker.run({ ...job, storage: true });
  } finally {
    worker.stop();
  }
}

/** Returns the mean latency of the writes that succeeded, in ms. */
function writeMs({ history = [] }: JobResult): number {
  const begins = new Map<unknown, number>();
  const latencies: number[] = [];
  for (const { process, type, f, time } of parseHistory(history, { cutOff: "drop" })) {
    if (f !== "write") continue;
    if (type === "invoke") begins.set(process, time);
    if (type === "ok") latencies.push((time - (begins.get(process) ?? 0)) / 1e6);
  }
  assert(latencies.length > 10, `${latencies.length} writes`);
  return latencies.reduce((sum, each) => sum + each, 0) / latencies.length;
}

longTest("slow disks delay writes, and the run stays valid", async () => {
  const [slow, plain] = [await run("disk-slow"), await run("none")];
  assertEquals([slow.result.valid, plain.result.valid], [true, true]);
  assert(writeMs(slow) > 2 * writeMs(plain), `${writeMs(slow)} ms against ${writeMs(plain)} ms`);
});

longTest("a failing write ends a node, which starts again without losing an acknowledged write", async () => {
  const { history = [], messages = [], result } = await run("disk-error");
  assertEquals(result.valid, true);
  const stops = parseHistory(history, { cutOff: "drop" }).filter(({ f }) => f === "stop-disk-error");
  const restarts = stops.filter(({ value }) => JSON.stringify(value).includes("started"));
  assert(restarts.length > 2, `${restarts.length} restarts`);
  assert(messages.some((line) => line.includes('"event":"dead"')));
});

longTest("a node with a damaged disk gets its state from the others", async () => {
  const { history = [], result, logs } = await run("disk-damage");
  assertEquals(result.valid, true);
  const stops = parseHistory(history, { cutOff: "drop" }).filter(({ f, value }) =>
    f === "stop-disk-damage" && JSON.stringify(value).includes("started")
  );
  assert(stops.length > 2, `${stops.length} restarts`);
  assert(logs !== undefined && logs.has("n2"), "the last node has a log");
  for (const [node, lines] of logs) {
    assertMatch(lines.join("\n"), node === "n2" ? /damaged/ : /^(?![^]*damaged)/, `the log of ${node}`);
  }
});

Deno.test("all does not include faults that were added later, so that its seeds keep their draws", () => {
  assertEquals(
    [...ALL_FAULTS],
    ["partition", "one-way", "kill", "pause", "slow", "loss", "duplicate", "reorder", "clock"],
  );
});
