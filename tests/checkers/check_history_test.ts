import { assertEquals, assertThrows } from "@std/assert";
import { checkHistory, type History, type WorkloadName } from "../../lib/checkers/mod.ts";
import { oneByOne } from "./elle/notation.ts";
import { kafkaHistory, linKvHistory } from "./simulated.ts";

const load = { seed: 1, operations: 3000, keys: 2 };

Deno.test("the check uses the models of its options", () => {
  const stale: History = oneByOne("register", [0, "ok", "wx1"], [1, "ok", "rx_"]);
  const verdict = (...consistencyModels: string[]) =>
    checkHistory("txn-rw-register", stale, { consistencyModels }).workload.valid;
  assertEquals([verdict("serializable"), verdict("strict-serializable")], [true, false]);
  assertEquals(
    checkHistory("txn-rw-register", stale).workload.valid,
    false,
    "strict-serializable, unless asked",
  );
});

Deno.test("the limits of a check apply to its searches", () => {
  const history = linKvHistory(load);
  const verdict = (limits: { readonly stepsMax?: number }) =>
    checkHistory("lin-kv", history, { limits }).workload.valid;
  assertEquals([verdict({}), verdict({ stepsMax: 1 })], [true, "unknown"]);
});

Deno.test("a check of transactions ends when it is stopped", () => {
  const control = { stopped: () => true };
  const histories: readonly [WorkloadName, History][] = [
    ["kafka", kafkaHistory(load)],
    ["txn-list-append", oneByOne("list", [0, "ok", "ax1"], [1, "ok", "rx1"])],
    ["txn-rw-register", oneByOne("register", [0, "ok", "wx1"], [1, "ok", "rx1"])],
  ];
  for (const [workload, history] of histories) {
    const verdicts = [{}, { control }].map((options) =>
      checkHistory(workload, history, options).workload.valid
    );
    assertEquals(verdicts, [true, "unknown"], workload);
  }
});

Deno.test("an unknown workload is an error", () => {
  for (const name of ["kafak", "constructor"]) {
    assertThrows(() => checkHistory(name as WorkloadName, []), RangeError, `Unknown workload "${name}"`);
  }
});
