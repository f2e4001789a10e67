import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  checkCounter,
  checkKafka,
  checkLinKv,
  checkRegister,
  checkSetFull,
  type Event,
  type History,
  type JepsenResult,
  toJepsen,
} from "../../lib/checkers/mod.ts";
import {
  changeValues,
  counterHistory,
  delayCompletions,
  historyOf,
  kafkaHistory,
  linKvHistory,
  type Load,
  randomOf,
  registerHistory,
  renameProcesses,
  setHistory,
} from "./simulated.ts";

const soak = Deno.permissions.querySync({ name: "env", variable: "CHARYBDIS_SOAK" }).state === "granted" &&
  Deno.env.get("CHARYBDIS_SOAK") === "1";
const SEEDS = soak ? 2000 : 60;

interface Store {
  readonly name: string;
  readonly history: (load: Load) => Event[];
  readonly check: (history: History) => JepsenResult;
}

const STORES: readonly Store[] = [
  { name: "register", history: registerHistory, check: (history) => toJepsen(checkRegister(history)) },
  {
    name: "lin-kv",
    history: (load) => linKvHistory({ ...load, keys: 3 }),
    check: (history) => toJepsen(checkLinKv(history)),
  },
  { name: "set", history: setHistory, check: (history) => toJepsen(checkSetFull(history)) },
  { name: "counter", history: counterHistory, check: (history) => toJepsen(checkCounter(history)) },
  { name: "kafka", history: kafkaHistory, check: (history) => toJepsen(checkKafka(history)) },
];

function load(seed: number): Load {
  return { seed, operations: 40 + seed % 160, clients: 2 + seed % 9, doubt: seed % 3 === 0 ? 0.1 : 0 };
}

for (const { name, history, check } of STORES) {
  Deno.test(`a correct ${name} is never invalid`, () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const result = check(history(load(seed)));
      assertEquals([seed, result.valid], [seed, true]);
    }
  });

  Deno.test(`renumbering processes does not change the verdict on a ${name}`, () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const recorded = history(load(seed));
      assertEquals(check(renameProcesses(recorded)).valid, check(recorded).valid);
    }
  });

  Deno.test(`delaying completions never makes a correct ${name} invalid`, () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const result = check(delayCompletions(history(load(seed)), seed));
      assertNotEquals([seed, result.valid], [seed, false]);
    }
  });
}

Deno.test("renaming values does not change the verdict on a register", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = randomOf(seed);
    // Some read is wrong in about half of them.
    const recorded = changeValues(
      registerHistory(load(seed)),
      (value, { f, type }) => f === "read" && type === "ok" && random() < 0.02 ? 1 : value,
    );
    const rename = (value: unknown): unknown =>
      Array.isArray(value) ? value.map(rename) : value === null ? null : { named: `v${value}` };
    const before = toJepsen(checkRegister(recorded));
    const after = toJepsen(checkRegister(changeValues(recorded, rename)));
    assertEquals([seed, after.valid, after["linearized-count"]], [
      seed,
      before.valid,
      before["linearized-count"],
    ]);
  }
});

Deno.test("adding or removing a key does not change the verdict on another", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const recorded = linKvHistory({ ...load(seed), keys: 3 });
    const broken = changeValues(
      recorded,
      (value, { f, type }) =>
        f === "read" && type === "ok" && Array.isArray(value) && value[0] === 1 ? [1, 99] : value,
    );
    const result = toJepsen(checkLinKv(broken));
    const reads = recorded.some(({ f, type, value }) =>
      f === "read" && type === "ok" && Array.isArray(value) && value[0] === 1
    );
    assertEquals([seed, result.valid, result["failures"]], [seed, !reads, reads ? [1] : []]);
  }
});

Deno.test("a read of a value that was never written is always found", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const recorded = registerHistory(load(seed));
    const reads = recorded.filter(({ f, type }) => f === "read" && type === "ok");
    const chosen = reads[seed % reads.length];
    if (chosen === undefined) continue;
    const result = toJepsen(
      checkRegister(changeValues(recorded, (value, event) => event === chosen ? 99 : value)),
    );
    assertEquals([seed, result.valid], [seed, false]);
    assertEquals((result["op"] as Event).index, chosen.index);
  }
});

Deno.test("a read that moves back in time is always found", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    // One client alone: every read must return the last write.
    const recorded = registerHistory({ seed, operations: 60, clients: 1, values: 1000 });
    let held: unknown = null;
    let before: unknown = null;
    let stale: Event | null = null;
    const changed = changeValues(recorded, (value, event) => {
      if (event.type !== "ok") return value;
      if (event.f === "write") [before, held] = [held, value];
      if (event.f === "cas" && Array.isArray(value)) [before, held] = value;
      if (event.f !== "read" || stale !== null || before === null || before === held) return value;
      stale = event;
      return before;
    });
    if (stale === null) continue;
    assertEquals([seed, toJepsen(checkRegister(changed)).valid], [seed, false]);
  }
});

Deno.test("an element that all later reads miss is always lost", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const recorded = setHistory(load(seed));
    const added = recorded.filter(({ f, type }) => f === "add" && type === "ok");
    const chosen = added[seed % added.length];
    if (chosen === undefined) continue;
    const result = toJepsen(checkSetFull(changeValues(
      recorded,
      (value) => Array.isArray(value) ? value.filter((element) => element !== chosen.value) : value,
    )));
    assertEquals([seed, result.valid, result["lost"]], [seed, false, [chosen.value]]);
  }
});

Deno.test("a final read outside all possible sums is always found", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const recorded = counterHistory(load(seed));
    const result = toJepsen(checkCounter(changeValues(
      recorded,
      (value, { final, type }) => final === true && type === "ok" ? Number(value) + 1_000_000 : value,
    )));
    assertEquals([seed, result.valid], [seed, false]);
  }
});

/** Removes a message from all polls of a history. */
function unpolled(history: History, key: string, message: unknown): Event[] {
  return changeValues(history, (value, { f, type }) => {
    if (f !== "poll" || type !== "ok" || !Array.isArray(value)) return value;
    const [[, batches]] = value;
    const kept = Object.entries(batches as Record<string, [number, unknown][]>).map(([name, batch]) => [
      name,
      name === key ? batch.filter(([, polled]) => polled !== message) : batch,
    ]);
    return [["poll", Object.fromEntries(kept)]];
  });
}

/** The acknowledged sends of a history: key, offset, message. */
function acknowledgedSends(history: History): [key: string, offset: number, message: unknown][] {
  return history.filter(({ f, type }) => f === "send" && type === "ok").map(({ value }) => {
    const [[, key, [offset, message]]] = value as [[string, string, [number, unknown]]];
    return [key, offset, message];
  });
}

Deno.test("a message that no poll returns is lost, or unseen if it is the last", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const recorded = kafkaHistory(load(seed));
    const sends = acknowledgedSends(recorded);
    const [key, offset, message] = sends[seed % sends.length] ?? ["", 0, 0];
    const last = Math.max(...sends.filter(([name]) => name === key).map(([, at]) => at));
    const types = toJepsen(checkKafka(unpolled(recorded, key, message)))["error-types"] as string[];
    assert(types.includes("unseen"), `seed ${seed}: ${types}`);
    if (offset < last) assert(types.includes("lost-write"), `seed ${seed}: ${types}`);
  }
});

Deno.test("gaps between offsets do not change the result of a kafka history", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const dense = kafkaHistory(load(seed));
    const sparse = kafkaHistory({ ...load(seed), stride: 1_000_003 });
    const [key, , message] = acknowledgedSends(dense)[0] ?? ["", 0, 0];
    const types = (history: History): unknown =>
      toJepsen(checkKafka(unpolled(history, key, message)))["error-types"];
    assertEquals(types(sparse), types(dense));
  }
});

Deno.test("a poll that goes back is always found", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const recorded = kafkaHistory({ ...load(seed), doubt: 0 });
    const last = recorded.at(-1);
    if (last === undefined || Object.keys((last.value as [[string, object]])[0][1]).length === 0) continue;
    const again = historyOf([
      ...recorded,
      { process: last.process, type: "invoke", f: "poll", value: [["poll"]] },
      { process: last.process, type: "ok", f: "poll", value: last.value },
    ]);
    assertEquals([seed, toJepsen(checkKafka(again))["bad-error-types"]], [seed, ["nonmonotonic-poll"]]);
  }
});
