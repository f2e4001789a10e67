import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import { failureKinds, readCase, verdictForSweep } from "../../../lib/bench/replay/case.ts";
import { shrink } from "../../../lib/bench/replay/shrink.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { addCoverage, addCross, NO_COVERAGE } from "../../../lib/bench/run/coverage.ts";
import { workloadOf } from "../../../lib/bench/workloads/registry.ts";
import { runSeedAgain } from "../../../lib/bench/sweep/failures.ts";
import { decisiveKinds, finalsNeeded, shrinkRun } from "../../../lib/bench/sweep/shrink_run.ts";
import { neverSucceeded, outcomesOf } from "../../../lib/bench/sweep/outcomes.ts";
import { randomizeOptions } from "../../../lib/bench/sweep/random_options.ts";
import { FAULT_KINDS } from "../../../lib/bench/nemesis/faults.ts";
import type { JepsenResult as Result } from "../../../lib/checkers/result.ts";
import type { TestResult } from "../../../lib/bench/run/verdict.ts";
import { fileHead } from "../../../lib/bench/store/format.ts";
import type { VirtualJob } from "../../../lib/bench/worker/job.ts";
import { stuckResult } from "../../../lib/bench/worker/stuck_result.ts";
import { folderTest } from "../../folder.ts";

/** Returns a valid result except for these parts. */
function resultWith(parts: Partial<TestResult>): TestResult {
  const well: Result = { valid: true };
  const whole = { workload: well, net: well, stats: well, availability: well, exceptions: well, ...parts };
  const values = Object.values(whole).flatMap((part) =>
    typeof part === "object" && "valid" in part ? [part.valid] : []
  );
  return { ...whole, valid: values.includes(false) ? false : values.includes("unknown") ? "unknown" : true };
}

Deno.test("every failure has a name, also if the checker names no anomaly", () => {
  const named = (workload: Result) => [...failureKinds(resultWith({ workload }))];
  assertEquals(named({ valid: false, lost: [3], duplicated: {} }), ["lost"]);
  assertEquals(named({ valid: false, lost: [], malformed: [{}] }), ["malformed-value"]);
  assertEquals(named({ valid: false, failures: [0] }), ["not-linearizable"]);
  assertEquals(named({ valid: false, errors: [{}] }), ["wrong-answer"]);
  assertEquals(named({ valid: false, duplicated: { a: 2 } }), ["duplicated"]);
  assertEquals(named({ valid: false, "anomaly-types": ["G0"] }), ["G0"]);
});

folderTest("a case of an earlier version is read with today's names of its failures", (folder) => {
  const path = `${folder}/case.json`;
  const { test } = parseTest(["--virtual", "-w", "broadcast"]);
  const failuresRead = (failure: unknown) => {
    const job = { test, seed: 1, nodeArguments: [], storage: false };
    Deno.writeTextFileSync(path, JSON.stringify({ ...fileHead(), ...job, failure, historyCrc: 0 }));
    return readCase(path).failure;
  };
  assertEquals(failuresRead(["malformed value", "no progress", "not linearizable", "wrong answer", "lost"]), [
    "malformed-value",
    "no-progress",
    "not-linearizable",
    "wrong-answer",
    "lost",
  ]);
  assertEquals(failuresRead(["node ended", "toString"]), ["node ended", "toString"]);
  assertThrows(() => failuresRead("lost"), BenchError, "is not a case");
});

Deno.test("a run that hung is neither shrunk nor run again", async () => {
  const { test } = parseTest("--virtual -w echo --node-count 1 --time-limit 1".split(" "));
  const kept = { keepHistory: "invalid", keepMessages: false } as const;
  const job: VirtualJob = {
    kind: "virtual",
    test,
    seed: 1,
    nodeArguments: [],
    module: undefined,
    storage: false,
    ...kept,
  };
  const ran = stuckResult("n0", 1000);
  const worker = { run: () => Promise.reject(new Error("a second run")), stop: () => {} };
  const shrunk = await shrinkRun({ verdict: false, job, ran }, { worker, triesMax: 10 });
  assertStrictEquals(shrunk.ran, ran);
  assertStrictEquals((await runSeedAgain({ verdict: "unknown", job, ran })).ran, ran);
});

Deno.test("a graph without dependencies is inconclusive", () => {
  const graph = (valid: false | "unknown"): Result => ({
    valid,
    "anomaly-types": ["empty-transaction-graph"],
  });
  assertEquals(verdictForSweep(resultWith({ workload: graph("unknown") })), "inconclusive");
  assertEquals(
    verdictForSweep(resultWith({ workload: graph(false), stats: { valid: false } })),
    "inconclusive",
  );
  assertEquals(
    verdictForSweep(
      resultWith({ workload: { valid: "unknown", "anomaly-types": ["cycle-search-timeout"] } }),
    ),
    "unknown",
  );
});

Deno.test("in a run that ended early, losses are unknown and other anomalies are not", () => {
  const earlyEnd = { "early-end": { kind: "history-limit", text: "The run ended." } } as const;
  const lost = resultWith({ workload: { valid: false, lost: [3] } });
  assertEquals(verdictForSweep(lost), false);
  assertEquals(verdictForSweep({ ...lost, ...earlyEnd, valid: "unknown" }), "unknown");
  const malformed = resultWith({ workload: { valid: false, malformed: [{}] } });
  assertEquals(verdictForSweep({ ...malformed, ...earlyEnd }), false);
});

Deno.test("a smaller run must fail with an anomaly that correct nodes never show, if there is one", () => {
  assertEquals(decisiveKinds(["empty-transaction-graph", "unseen", "lost-write"]), ["lost-write"]);
  assertEquals(decisiveKinds(["empty-transaction-graph", "unseen"]), ["unseen"]);
  assertEquals(decisiveKinds(["stats"]), ["stats"]);
});

Deno.test("a smaller run keeps the final reads without which a correct node could fail, too", () => {
  assertEquals([["lost"], ["lost", "stats"], ["unseen"], ["lost-write"]].map(finalsNeeded), [
    1,
    1,
    Infinity,
    0,
  ]);
});

Deno.test("final operations are kept if the failure is meaningless without them", async () => {
  const { test } = parseTest(["--virtual", "-w", "kafka"]);
  const operation = { f: "poll", value: null, thread: 0 };
  const schedule = {
    operations: [{ ...operation, atMs: 0 }],
    finalOperations: [operation, operation],
    faults: [],
  };
  const left = async (options: { readonly finalsMin?: number }) => {
    const { smallest } = await shrink({ test, schedule }, () => Promise.resolve(true), {
      triesMax: 50,
      ...options,
    });
    return smallest.schedule.finalOperations.length;
  };
  assertEquals(await left({}), 0);
  assertEquals(await left({ finalsMin: 1 }), 1);
  assertEquals(await left({ finalsMin: Infinity }), 2);
});

Deno.test("operations that never succeed in any seed are named, except optional ones", () => {
  const counts = (ok: number) => ({
    valid: ok > 0,
    count: 3,
    "ok-count": ok,
    "fail-count": 3 - ok,
    "info-count": 0,
  });
  const stats: Result = { valid: false, "by-f": { cas: counts(0), read: counts(2), crash: counts(0) } };
  const outcomes = outcomesOf(resultWith({ stats }));
  assertEquals(outcomes["read"], { ok: 2, fail: 1, info: 0 });
  assertEquals(neverSucceeded(outcomes), ["cas"]);
});

Deno.test("an operation that no test starts is not reported as untried", () => {
  assertEquals(workloadOf("kafka").operations, ["send", "poll", "assign", "crash"]);
  assertEquals(workloadOf("txn-rw-register").operations, ["txn"]);
});

Deno.test("states are counted by their text before the first number", () => {
  const states = { killed: { "leader in term 3, committed 2 of 4": 1, "leader in term 1": 2, "running": 1 } };
  const { states: counted } = addCoverage(NO_COVERAGE, { ...NO_COVERAGE, states });
  assertEquals(counted, { killed: { leader: 3, running: 1 } });
});

Deno.test("seeds draw single faults, all faults and sets in between", () => {
  const { test } = parseTest(["--virtual", "-w", "broadcast"]);
  const drawn = Array.from(
    { length: 100 },
    (_, seed) => randomizeOptions({ ...test, faults: FAULT_KINDS }, { seed, fixed: new Set() }).faults.length,
  );
  assertEquals([...new Set(drawn)].sort((a, b) => a - b), [
    1,
    2,
    3,
    Math.ceil(FAULT_KINDS.length / 2),
    FAULT_KINDS.length,
  ]);
  const alone = Array.from(
    { length: 20 },
    (_, seed) => randomizeOptions({ ...test, faults: ["kill"] }, { seed, fixed: new Set() }).faults,
  );
  assertEquals(new Set(alone.map((faults) => faults.join())), new Set(["kill"]));
});

Deno.test("counts are added by any names, in the order of the names", () => {
  const sum = addCross({ lost: { write: 1, constructor: 2 } }, {
    cut: { read: 1 },
    lost: { constructor: 3, ack: 1 },
  });
  assertEquals(JSON.stringify(sum), '{"cut":{"read":1},"lost":{"ack":1,"constructor":5,"write":1}}');
  assertEquals(JSON.stringify(addCross({}, { toString: { valueOf: 1 } })), '{"toString":{"valueOf":1}}');
});
