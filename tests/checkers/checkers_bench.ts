/** Benchmarks of checks: `deno bench tests/checkers/checkers_bench.ts`. */

import {
  checkHistory,
  checkKafka,
  checkLinKv,
  checkRegister,
  checkSetFull,
  type Event,
  parseHistory,
} from "../../lib/checkers/mod.ts";
import {
  changeValues,
  type Draft,
  historyOf,
  kafkaHistory,
  linKvHistory,
  registerHistory,
} from "./simulated.ts";

const oneKey = registerHistory({ seed: 1, operations: 10_000, clients: 10 });
const oneKeyInDoubt = registerHistory({ seed: 1, operations: 10_000, clients: 10, doubt: 0.01 });
const hundredKeys = linKvHistory({ seed: 1, operations: 100_000, clients: 10, keys: 100 });
const oneKeyWrong = wrongAtTheEnd(oneKey);

function wrongAtTheEnd(history: readonly Event[]): Event[] {
  const last = history.findLast(({ f, type }) => f === "read" && type === "ok");
  return changeValues(history, (value, event) => event === last ? 99 : value);
}

Deno.bench("registers: 10,000 operations on one key, 10 clients (0.25 s)", { group: "registers" }, () => {
  checkRegister(oneKey);
});

Deno.bench("registers: the same, with a wrong read at the end", { group: "registers" }, () => {
  checkRegister(oneKeyWrong);
});

Deno.bench("registers: 10,000 operations, 1 % of them in doubt", { group: "registers" }, () => {
  checkRegister(oneKeyInDoubt);
});

Deno.bench(
  "registers: 100,000 operations over 100 keys (3 s)",
  { group: "registers", n: 10, warmup: 1 },
  () => {
    checkLinKv(hundredKeys);
  },
);

/** Twenty clients write at once, and one chain of cas makes every order of them possible until the last read. */
const hard = historyOf([
  ...Array.from({ length: 20 }, (_, i): Draft => ({ process: i, type: "invoke", f: "write", value: i })),
  ...Array.from({ length: 19 }, (_, i): Draft[] => [
    { process: 100, type: "invoke", f: "cas", value: [i, i + 1] },
    { process: 100, type: "ok", f: "cas", value: [i, i + 1] },
  ]).flat(),
  { process: 100, type: "invoke", f: "read", value: null },
  { process: 100, type: "ok", f: "read", value: 0 },
  ...Array.from({ length: 20 }, (_, i): Draft => ({ process: i, type: "ok", f: "write", value: i })),
]);

Deno.bench(
  "registers: 20 pending writes and a contradiction, within 64 MB",
  { group: "registers", n: 3, warmup: 0 },
  () => {
    const { valid } = checkRegister(hard, { limits: { memoryBytesMax: 64 * 1024 * 1024 } });
    if (valid === true) throw new Error("the contradiction was not found");
  },
);

function longReads(): Event[] {
  const drafts: Draft[] = [];
  for (let element = 0; element < 10_000; element++) {
    drafts.push({ process: 0, type: "invoke", f: "add", value: element });
    drafts.push({ process: 0, type: "ok", f: "add", value: element });
  }
  const all = Array.from({ length: 10_000 }, (_, element) => element);
  for (let read = 0; read < 500; read++) {
    drafts.push({ process: 1, type: "invoke", f: "read", value: null });
    drafts.push({ process: 1, type: "ok", f: "read", value: all });
  }
  return historyOf(drafts);
}

const set = longReads();

Deno.bench("set-full: 10,000 elements, 500 reads of all (1 s)", { group: "sets" }, () => {
  checkSetFull(set);
});

const kafka = kafkaHistory({ seed: 1, operations: 15_000, clients: 4, keys: 20 });
const kafkaLong = kafkaHistory({ seed: 1, operations: 100_000, clients: 10, keys: 100 });
const kafkaSparse = kafkaHistory({ seed: 1, operations: 15_000, clients: 4, keys: 20, stride: 5_000_000 });

Deno.bench("kafka: 15,000 operations, as in challenge 5b (1 s)", { group: "kafka" }, () => {
  checkKafka(kafka);
});

Deno.bench("kafka: the same, offsets five million apart", { group: "kafka" }, () => {
  checkKafka(kafkaSparse);
});

Deno.bench("kafka: 100,000 operations (5 s)", { group: "kafka", n: 5, warmup: 1 }, () => {
  checkKafka(kafkaLong);
});

const lines = kafka.map((event) => JSON.stringify(event));

Deno.bench("reading 30,000 lines of history", { group: "whole" }, () => {
  parseHistory(lines, { workload: "kafka" });
});

Deno.bench("all that is checked of a kafka test of 15,000 operations", { group: "whole" }, () => {
  checkHistory("kafka", kafka);
});
