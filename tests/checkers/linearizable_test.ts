import { assert, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type Call,
  checkHistory,
  checkLinearizable,
  checkLinKv,
  checkRegister,
  type Event,
  type History,
  historyToJepsen,
  type Model,
  REFUSED,
  toJepsen,
} from "../../lib/checkers/mod.ts";
import { changeValues, type Draft, historyOf, linKvHistory, randomOf, registerHistory } from "./simulated.ts";

function register(...lines: readonly string[]): History {
  return historyOf(lines.map((line): Draft => {
    const [process = "", type = "", f = "", ...values] = line.split(" ");
    if (type !== "invoke" && type !== "ok" && type !== "fail" && type !== "info") throw new TypeError(line);
    const numbers = values.map((value) => value === "nil" ? null : Number(value));
    return { process: Number(process), type, f, value: f === "cas" ? numbers : numbers[0] ?? null };
  }));
}

Deno.test("a read returns the old or the new value if a write is concurrent", () => {
  for (const value of ["1", "2"]) {
    const history = register(
      "0 invoke write 1",
      "0 ok write 1",
      "0 invoke write 2",
      "1 invoke read",
      `1 ok read ${value}`,
      "0 ok write 2",
    );
    assertEquals(toJepsen(checkRegister(history)).valid, true);
  }
});

Deno.test("a read that returns a value overwritten before its call is invalid", () => {
  const result = toJepsen(checkRegister(register(
    "0 invoke write 1",
    "0 ok write 1",
    "0 invoke write 2",
    "0 ok write 2",
    "1 invoke read",
    "1 ok read 1",
  )));
  assertEquals(result.valid, false);
  assertEquals((result["op"] as Event).index, 5);
  assertEquals((result["previous-ok"] as Event).index, 3);
  assertEquals((result["last-op"] as Event).index, 3);
  assertEquals(result["configs"], [{ model: { value: 2 } }]);
  assertEquals(result["linearized-count"], 2);
  assertStringIncludes(String(result["because"]), "process 1 read 1");
  assertStringIncludes(String(result["because"]), "held 2, never 1");
});

Deno.test("a pending write may have happened before the read that no order explains", () => {
  const result = toJepsen(checkRegister(register(
    ...["0 invoke write 1", "0 ok write 1", "0 invoke write 2", "0 ok write 2"],
    ...["2 invoke write 5", "1 invoke read", "1 ok read 1", "2 ok write 5"],
  )));
  assertEquals(result["configs"], [{ model: { value: 2 } }, { model: { value: 5 } }]);
});

Deno.test("an indeterminate write happens at most once, at any time after its call", () => {
  const doubtful = ["0 invoke write 1", "0 info write 1"];
  const reads = (...values: number[]): string[] =>
    values.flatMap((value) => ["1 invoke read", `1 ok read ${value}`]);
  const write = ["1 invoke write 2", "1 ok write 2"];
  assertEquals(toJepsen(checkRegister(register(...doubtful, ...write, ...reads(2, 2)))).valid, true);
  assertEquals(toJepsen(checkRegister(register(...doubtful, ...write, ...reads(2, 1, 1)))).valid, true);
  assertEquals(
    toJepsen(checkRegister(register(...doubtful, ...write, ...reads(1), ...write, ...reads(2, 1)))).valid,
    false,
  );
  assertEquals(toJepsen(checkRegister(register(...write, ...reads(1), ...doubtful))).valid, false);
});

Deno.test("a failed cas does not happen, and an indeterminate one needs its value", () => {
  assertEquals(
    toJepsen(checkRegister(register("0 invoke cas 1 2", "0 fail cas 1 2", "0 invoke read", "0 ok read 2")))
      .valid,
    false,
  );
  const doubtful = ["0 invoke cas 1 2", "0 info cas 1 2"];
  assertEquals(toJepsen(checkRegister(register(...doubtful, "1 invoke read", "1 ok read 2"))).valid, false);
  assertEquals(
    toJepsen(
      checkRegister(
        register(...doubtful, "1 invoke write 1", "1 ok write 1", "1 invoke read", "1 ok read 2"),
      ),
    )
      .valid,
    true,
  );
});

Deno.test("a read of null matches any value, as in Knossos", () => {
  assertEquals(
    toJepsen(checkRegister(register("0 invoke write 1", "0 ok write 1", "0 invoke read", "0 ok read nil")))
      .valid,
    true,
  );
});

/** Tries all orders one by one: slow, but too simple to be wrong. */
function linearizableByHand(history: History): boolean {
  const calls: { call: number; back: number; f: string; value: unknown; ok: boolean }[] = [];
  const open = new Map<unknown, number>();
  history.forEach((event, at) => {
    if (event.type === "invoke") {
      open.set(event.process, calls.length);
      calls.push({ call: at, back: Infinity, f: event.f, value: event.value, ok: false });
      return;
    }
    const call = calls[open.get(event.process) ?? -1];
    if (call === undefined) return;
    if (event.type === "ok") Object.assign(call, { back: at, value: event.value, ok: true });
    if (event.type === "fail") call.f = "nothing";
  });
  const left = calls.filter(({ f, ok }) => f !== "nothing" && (ok || f !== "read"));
  const place = (state: unknown, rest: typeof left): boolean => {
    if (rest.every(({ ok }) => !ok)) return true;
    const soonest = Math.min(...rest.map(({ back }) => back));
    return rest.some((call) => {
      if (call.call > soonest) return false;
      const others = rest.filter((other) => other !== call);
      if (call.f === "write") return place(call.value, others);
      if (call.f === "read") return (call.value === null || call.value === state) && place(state, others);
      const [from, to] = call.value as [unknown, unknown];
      return from === state && place(to, others);
    });
  };
  return place(null, left);
}

Deno.test("the search agrees with trying all orders on small histories", () => {
  let invalid = 0;
  for (let seed = 0; seed < 1500; seed++) {
    const random = randomOf(seed);
    const load = {
      seed,
      operations: 4 + seed % 6,
      clients: 2 + seed % 5,
      doubt: (seed % 4) * 0.15,
      values: 3,
    };
    const history = changeValues(
      registerHistory(load),
      (value, { f, type }) =>
        f === "read" && type === "ok" && random() < 0.3 ? Math.floor(random() * 3) : value,
    );
    const expected = linearizableByHand(history);
    if (!expected) invalid++;
    assertEquals([seed, toJepsen(checkRegister(history)).valid], [seed, expected]);
  }
  assert(invalid > 200, `only ${invalid} were wrong`);
});

Deno.test("each key is checked separately, and failures name the wrong ones", () => {
  const history = linKvHistory({ seed: 1, operations: 200, keys: 4 });
  assertEquals(toJepsen(checkLinKv(history))["failures"], []);
  const broken = changeValues(
    history,
    (value, { f, type }) =>
      Array.isArray(value) && value[0] === 2 && f === "read" && type === "ok" ? [2, "unwritten"] : value,
  );
  const result = toJepsen(checkLinKv(broken));
  assertEquals(result.valid, false);
  assertEquals(result["failures"], [2]);
  assertEquals(Object.keys(result["results"] as object), ["0", "1", "2", "3"]);
});

/** Indeterminate swaps, reads that some of them explain, and a last read of the initial value. */
function hardHistory(pending: number): History {
  const random = randomOf(1);
  const some = () => Math.floor(random() * 7);
  const drafts: Draft[] = [];
  const done = (f: string, value: unknown) =>
    drafts.push(
      { process: 100, type: "invoke", f, value: f === "read" ? null : value },
      { process: 100, type: "ok", f, value },
    );
  done("write", "gone");
  let swaps = Array.from({ length: pending }, () => [some(), some()]);
  for (const [process, value] of swaps.entries()) {
    for (const type of ["invoke", "info"] as const) drafts.push({ process, type, f: "cas", value });
  }
  for (let i = 0; i < 20; i++) {
    let value = some();
    done("write", value);
    for (let j = 0; j < 2; j++) {
      const swap = swaps.find(([from]) => from === value);
      swaps = swaps.filter((each) => each !== swap);
      done("read", value = swap?.[1] ?? value);
    }
  }
  done("read", "gone");
  return historyOf(drafts);
}

/** All clients write different values at once, and reads that follow contradict each other. */
function concurrentHistory(clients: number): History {
  const drafts: Draft[] = [];
  for (let i = 0; i < clients; i++) drafts.push({ process: i, type: "invoke", f: "write", value: i });
  for (let i = 0; i < clients - 1; i++) {
    drafts.push({ process: 100, type: "invoke", f: "cas", value: [i, i + 1] });
    drafts.push({ process: 100, type: "ok", f: "cas", value: [i, i + 1] });
  }
  drafts.push({ process: 100, type: "invoke", f: "read", value: null });
  drafts.push({ process: 100, type: "ok", f: "read", value: 0 });
  for (let i = 0; i < clients; i++) drafts.push({ process: i, type: "ok", f: "write", value: i });
  return historyOf(drafts);
}

Deno.test("thirty indeterminate operations do not cost 2^30 configurations", () => {
  const result = toJepsen(
    checkRegister(hardHistory(30), { limits: { memoryBytesMax: 16e6, stepsMax: 10_000 } }),
  );
  assertEquals(result.valid, false);
});

Deno.test("twenty concurrent reads do not cost 2^20 configurations", () => {
  const readers = Array.from({ length: 20 }, (_, i) => i);
  const history = register(
    ...readers.map((i) => `${i} invoke read`),
    ...["write 1", "write 2"].flatMap((write) => [`100 invoke ${write}`, `100 ok ${write}`]),
    ...["100 invoke read", "100 ok read 1"],
    ...readers.map((i) => `${i} ok read ${1 + i % 2}`),
  );
  assertEquals(toJepsen(checkRegister(history, { limits: { stepsMax: 100 } })).valid, false);
});

Deno.test("a search that reaches a limit is unknown, and reports its progress", () => {
  const history = concurrentHistory(20);
  const byMemory = toJepsen(checkRegister(history, { limits: { memoryBytesMax: 1e6 } }));
  assertEquals(byMemory.valid, "unknown");
  assertStringIncludes(String(byMemory["error"]), "memory");
  const bySteps = toJepsen(checkRegister(history, { limits: { stepsMax: 1000 } }));
  assertEquals(bySteps.valid, "unknown");
  assertStringIncludes(String(bySteps["error"]), "steps");
  assert(Number(bySteps["linearized-count"]) > 0);
});

Deno.test("an unwritten value is found even if the search exceeds its limits", () => {
  const history = changeValues(
    concurrentHistory(20),
    (value, { f, type }) => f === "read" && type === "ok" ? -1 : value,
  );
  const result = toJepsen(checkRegister(history, { limits: { stepsMax: 1000 } }));
  assertEquals([result.valid, (result["op"] as Event).f], [false, "read"]);
});

Deno.test("a stopped check is unknown, and reports progress before", () => {
  let looks = 0;
  const parts: number[] = [];
  const result = toJepsen(checkRegister(concurrentHistory(20), {
    control: { stopped: () => ++looks > 2, progress: (part) => parts.push(part) },
  }));
  assertEquals(result.valid, "unknown");
  assertEquals(parts.length, 2);
  assert(parts.every((part) => part >= 0 && part <= 1));
});

Deno.test("a check of a lin-kv history ends when it is stopped", () => {
  const history = concurrentHistory(20).map((event) => ({ ...event, value: [0, event.value] }));
  const { workload } = historyToJepsen(checkHistory("lin-kv", history, { control: { stopped: () => true } }));
  assertEquals(workload.valid, "unknown");
});

Deno.test("a counterexample remains small if the history is long", () => {
  const long = registerHistory({ seed: 3, operations: 5000, clients: 5 });
  const result = toJepsen(checkRegister(historyOf([
    ...long,
    { process: 900, type: "invoke", f: "read", value: null },
    { process: 900, type: "ok", f: "read", value: 77 },
  ])));
  assertEquals(result.valid, false);
  assertLess(JSON.stringify(result).length, 4000);
});

Deno.test("the search for a counterexample ends at the limit of steps", () => {
  // Pending additions reach every sum, each by many subsets. No sum allows the last operation.
  const sums: Model<number, number, null> = {
    initial: () => 0,
    step: (sum, added) => added === 0 ? REFUSED : (sum + added) % 64,
  };
  const call = (input: number, called: number, returned: number | null): Call<number, null> => ({
    input,
    output: null,
    called,
    returned,
  });
  const calls = [...Array.from({ length: 12 }, (_, i) => call(i + 1, i, null)), call(0, 20, 21)];
  let looks = 0; // one per 4096 steps
  const result = toJepsen(checkLinearizable(calls, sums, {
    limits: { stepsMax: 4000 },
    control: { progress: () => looks++ },
  }));
  assertEquals([result.valid, looks], [false, 0]);
});

interface QueueCall {
  readonly f: "put" | "take";
  readonly item?: number;
}

const queue: Model<readonly number[], QueueCall, number | null> = {
  initial: () => [],
  step: (items, { f, item = 0 }, output) => {
    if (f === "put") return [...items, item];
    const [first = null, ...rest] = items;
    return output === undefined || output === first ? rest : REFUSED;
  },
  describe: ({ f, item }, output) => f === "put" ? `put(${item})` : `take() → ${output}`,
};

Deno.test("checkLinearizable checks a queue by its model", () => {
  const put = (item: number, called: number, returned: number | null): Call<QueueCall, number | null> => ({
    input: { f: "put", item },
    output: null,
    called,
    returned,
  });
  const take = (output: number, called: number, returned: number): Call<QueueCall, number | null> => ({
    input: { f: "take" },
    output,
    called,
    returned,
  });
  assertEquals(
    toJepsen(checkLinearizable([put(1, 0, 5), put(2, 1, 4), take(2, 6, 7), take(1, 8, 9)], queue)).valid,
    true,
  );
  const wrong = toJepsen(checkLinearizable([put(1, 0, 1), put(2, 2, 3), take(2, 4, 5)], queue));
  assertEquals(wrong.valid, false);
  const [part] = wrong["results"] as Record<string, unknown>[];
  assertEquals(part?.["op"], "take() → 2");
  assertEquals(part?.["states"], [[1, 2]]);
  assertEquals(part?.["linearized"], ["put(1)", "put(2)"]);
  // A put that never returned may have happened.
  assertEquals(toJepsen(checkLinearizable([put(3, 0, null), take(3, 4, 5)], queue)).valid, true);
  assertEquals(toJepsen(checkLinearizable([put(3, 6, null), take(3, 4, 5)], queue)).valid, false);
  const limited = toJepsen(
    checkLinearizable([put(1, 0, 5), put(2, 1, 4), take(2, 6, 7), take(1, 8, 9)], queue, {
      limits: { stepsMax: 1 },
    }),
  );
  const [unknown] = limited["results"] as Record<string, unknown>[];
  assertEquals([limited.valid, unknown?.valid], ["unknown", "unknown"]);
  assertStringIncludes(String(unknown?.["error"]), "steps");
});

Deno.test("a return and a call at the same moment are concurrent", () => {
  const counter: Model<number, "add" | "get", number> = {
    initial: () => 0,
    step: (n, input, output) => input === "add" ? n + 1 : output === n ? n : REFUSED,
    isReadOnly: (input) => input === "get",
  };
  const get = (output: number, called: number): Call<"add" | "get", number> => ({
    input: "get",
    output,
    called,
    returned: called + 5,
  });
  assertEquals(
    toJepsen(checkLinearizable([{ input: "add", called: 0, returned: 10 }, get(0, 10)], counter)).valid,
    true,
  );
  assertEquals(
    toJepsen(checkLinearizable([{ input: "add", called: 0, returned: 10 }, get(0, 11)], counter)).valid,
    false,
  );
});

Deno.test("a call with a return before it, or without times, is an error that names it", () => {
  const put = { input: { f: "put", item: 1 }, output: null } as const;
  for (const [called, returned] of [[5, 1], [NaN, 1], [1, NaN], [NaN, null]] as const) {
    assertThrows(
      () => checkLinearizable([{ ...put, called, returned }], queue),
      RangeError,
      `the times of put(1) are wrong: it was called at ${called}`,
    );
  }
});

interface RegisterCall {
  readonly f: string;
  readonly value: unknown;
}

/** The register as a model of its own. */
const registerModel: Model<unknown, RegisterCall, unknown> = {
  initial: () => null,
  step(held, { f, value }, output) {
    if (f === "write") return value;
    if (f === "read") return output === undefined || output === null || output === held ? held : REFUSED;
    const [from, to] = value as [unknown, unknown];
    return held === from ? to : REFUSED;
  },
};

Deno.test("hints of a model do not change the verdict", () => {
  let invalid = 0;
  for (let seed = 0; seed < 300; seed++) {
    const random = randomOf(seed);
    const history = changeValues(
      registerHistory({ seed, operations: 12, clients: 4, doubt: (seed % 4) * 0.15, values: 3 }),
      (value, { f, type }) =>
        f === "read" && type === "ok" && random() < 0.15 ? Math.floor(random() * 3) : value,
    );
    const calls: Call<RegisterCall, unknown>[] = [];
    for (const { index, process, type, f, value } of history) {
      if (type !== "invoke") continue;
      const end = history.find((event) => event.index > index && event.process === process);
      if (end?.type === "fail" || (f === "read" && end?.type !== "ok")) continue;
      calls.push({
        input: { f, value },
        called: index,
        returned: end?.type === "ok" ? end.index : null,
        ...(end?.type === "ok" ? { output: end.value } : {}),
      });
    }
    const plain = toJepsen(checkLinearizable(calls, registerModel)).valid;
    const told = toJepsen(checkLinearizable(calls, {
      ...registerModel,
      isReadOnly: ({ f }) => f === "read",
      overwrites: ({ f }) => f === "write",
    })).valid;
    assertEquals([seed, plain, told], [seed, toJepsen(checkRegister(history)).valid, plain]);
    if (plain === false) invalid++;
  }
  assert(invalid > 30, `only ${invalid} were wrong`);
});

Deno.test("each partition of a model is checked separately", () => {
  const keyed: Model<number, { key: string; write?: number }, number> = {
    initial: () => 0,
    step: (held, { write }, output) => write ?? (output === held ? held : REFUSED),
    partition: ({ key }) => key,
  };
  const result = toJepsen(checkLinearizable([
    { input: { key: "a", write: 1 }, called: 0, returned: 1 },
    { input: { key: "a" }, output: 1, called: 2, returned: 3 },
    { input: { key: "b" }, output: 1, called: 2, returned: 3 },
  ], keyed));
  const results = result["results"] as { key: string; valid: boolean }[];
  assertEquals(results.map(({ key, valid }) => [key, valid]), [["a", true], ["b", false]]);
});
