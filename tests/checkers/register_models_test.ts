import { assert, assertEquals } from "@std/assert";
import { jobsOf } from "../../lib/bench/sweep/plan.ts";
import { BenchWorker } from "../../lib/bench/worker/handle.ts";
import {
  checkHistory,
  type Event,
  type History,
  parseHistory,
  type Validity,
} from "../../lib/checkers/mod.ts";

/** Returns a history of completed operations on the key x: `process f value`. */
function registers(
  ...operations: readonly (readonly [number, "read" | "write" | "cas", unknown])[]
): History {
  return operations.flatMap(([process, f, value], i): Event[] => {
    const event = { time: i * 1_000_000, process, f };
    return [
      { ...event, index: 2 * i, type: "invoke", value: ["x", f === "read" ? null : value] },
      { ...event, index: 2 * i + 1, type: "ok", value: ["x", value] },
    ];
  });
}

function verdict(history: History, ...consistencyModels: readonly string[]): Validity {
  return checkHistory("lin-kv", history, { consistencyModels }).workload.valid;
}

Deno.test("registers are judged by the models that are asked for, and as linearizable otherwise", () => {
  // A stale read is sequentially consistent, because the reader may be ahead of the writer.
  const stale = registers([0, "write", 1], [0, "cas", [1, 2]], [1, "read", 1], [1, "read", 2]);
  assertEquals([verdict(stale), verdict(stale, "strict-serializable"), verdict(stale, "linearizable")], [
    false,
    false,
    false,
  ]);
  assertEquals([verdict(stale, "sequential"), verdict(stale, "PRAM")], [true, true]);
  // The strongest model counts.
  assertEquals(verdict(stale, "sequential", "linearizable"), false);
  const back = registers([0, "write", 1], [0, "cas", [1, 2]], [1, "read", 2], [1, "read", 1]);
  assertEquals([verdict(back, "sequential"), verdict(back, "monotonic-reads")], [false, true]);
  assertEquals(verdict(back, "monotonic-reads", "monotonic-writes", "writes-follow-reads"), false);
  const own = registers([0, "write", 1], [0, "write", 2], [1, "read", 2], [0, "read", 1]);
  assertEquals([verdict(own, "read-your-writes", "monotonic-writes"), verdict(own, "monotonic-reads")], [
    false,
    true,
  ]);
});

Deno.test("session guarantees of a key to which a value was written twice are unknown", () => {
  const twice = registers([0, "write", 1], [1, "write", 1], [0, "read", 1]);
  assertEquals([verdict(twice, "monotonic-reads"), verdict(twice, "sequential")], ["unknown", true]);
});

Deno.test("a node that reads its own copy is sequentially consistent, but not linearizable", async () => {
  const line = "-w lin-kv --faults partition --node-count 3 --concurrency 2n --rate 40 --time-limit 5";
  const job = jobsOf([...line.split(" "), "--", "--consistency", "sequential"]);
  const worker = new BenchWorker();
  const linearizable = new Set<Validity>();
  try {
    for (let seed = 1; seed <= 12; seed++) {
      const { history = [] } = await worker.run({ ...job(seed), keepHistory: "always" });
      const events = parseHistory(history);
      linearizable.add(verdict(events));
      assert(verdict(events, "sequential") !== false, `seed ${seed}`);
    }
  } finally {
    worker.stop();
  }
  assert(linearizable.has(false));
});

Deno.test("the limit of steps also counts for sequential consistency", () => {
  const history = registers([0, "write", 1], [1, "write", 2], [0, "read", 2], [1, "read", 2]);
  const valid = (limits: { readonly stepsMax?: number }) =>
    checkHistory("lin-kv", history, { consistencyModels: ["sequential"], limits }).workload.valid;
  assertEquals([valid({}), valid({ stepsMax: 1 })], [true, "unknown"]);
});
