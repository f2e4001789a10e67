import { assert, assertEquals } from "@std/assert";
import { bridgeCuts } from "../../../lib/bench/nemesis/faults/bridge_partition.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest } from "../../../lib/bench/worker/job.ts";

/** Returns the pairs of nodes that hear each other. */
function pairs(nodes: readonly string[]): string[] {
  const cuts = bridgeCuts(nodes);
  return nodes.flatMap((a, i) =>
    nodes.slice(i + 1).filter((b) => !cuts.get(a)?.has(b) && !cuts.get(b)?.has(a)).map((b) => a + b)
  );
}

Deno.test("the halves hear each other only through the bridge", () => {
  assertEquals(pairs(["b", "1", "2", "3", "4"]), ["b1", "b2", "b3", "b4", "12", "34"]);
  assertEquals(pairs(["b", "1", "2"]), ["b1", "b2"]);
  assertEquals(pairs(["b", "1"]), ["b1"]);
  assertEquals(bridgeCuts([]).size, 0);
});

Deno.test("a cluster with a bridge stays linearizable, and messages are cut", async () => {
  const line = "--virtual -w lin-kv --node-count 5 --rate 20 --time-limit 10 --latency 5 " +
    "--faults bridge-partition --nemesis-interval 1";
  const worker = new BenchWorker();
  try {
    const job = jobOfTest(parseTest(line.split(" ")), {
      seed: 1,
      keepMessages: false,
      keepHistory: "always",
    });
    const { result } = await worker.run(job);
    assertEquals(result.valid, true);
    const [effect] = result.faults ?? [];
    assert(effect !== undefined && effect.times > 2 && (effect.messages ?? 0) > 100, JSON.stringify(effect));
  } finally {
    worker.stop();
  }
});
