/** Properties of verdicts: changes that keep them, and changes that do not. */

import { assert, assertEquals } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import { checkListAppend, checkRwRegister, type ElleResult } from "../../../lib/checkers/elle/mod.ts";
import { seeded, simulate, type Simulation } from "./simulated_store.ts";
import { soaking } from "../../seeds.ts";
import { countsOf, typesOf } from "./findings.ts";

const SEEDS = soaking ? 1000 : 12;

type Write = Simulation["write"];
const WRITES: readonly Write[] = ["append", "w"];

function check(
  write: Write,
  history: readonly Event[],
  consistencyModels?: readonly string[],
): ElleResult {
  const options = consistencyModels === undefined ? {} : { consistencyModels };
  return write === "append" ? checkListAppend(history, options) : checkRwRegister(history, options);
}

function forEachSeed(run: (seed: number, write: Write) => void): void {
  for (const write of WRITES) {
    for (let seed = 1; seed <= SEEDS; seed++) run(seed, write);
  }
}

function mapMops(event: Event, map: (mop: readonly unknown[]) => unknown): Event {
  if (!Array.isArray(event.value)) return event;
  const mops: readonly (readonly unknown[])[] = event.value;
  return { ...event, value: mops.map(map) };
}

/** All of a result but the operations themselves, which a changed history must change. */
function outline(result: ElleResult): unknown {
  const { valid, not } = result;
  return {
    valid,
    types: typesOf(result),
    counts: countsOf(result),
    not,
    alsoNot: result.alsoNot,
  };
}

Deno.test("a history of a correct store is never invalid", () => {
  forEachSeed((seed, write) => {
    const history = simulate({
      seed,
      write,
      transactions: 200,
      failed: 0.05,
      unknown: 0.05,
      keys: 3,
      writesPerKey: 8,
    });
    const result = check(write, history);
    assertEquals([result.valid, typesOf(result)], [true, []], `seed ${seed}, ${write}`);
  });
});

Deno.test("first-committer-wins snapshots satisfy SI but not serializability", () => {
  let skewed = 0;
  forEachSeed((seed, write) => {
    const history = simulate({
      seed,
      write,
      transactions: 200,
      isolation: "snapshot",
      keys: 3,
      unknown: 0.05,
    });
    const result = check(write, history, ["snapshot-isolation"]);
    assertEquals([result.valid, typesOf(result)], [true, []], `seed ${seed}, ${write}`);
    const strict = check(write, history, ["serializable"]);
    if (strict.valid === false) {
      skewed++;
      assertEquals(typesOf(strict), ["G2-item"], `seed ${seed}, ${write}`);
    }
  });
  assert(skewed > SEEDS / 2, `write skew shows in ${skewed} histories`);
});

Deno.test("stale reads violate strict serializability only", () => {
  let stale = 0;
  forEachSeed((seed, write) => {
    const history = simulate({ seed, write, transactions: 200, isolation: "stale", keys: 3 });
    assertEquals(check(write, history, ["serializable"]).valid, true, `seed ${seed}, ${write}`);
    const strict = check(write, history);
    if (strict.valid !== false) return;
    stale++;
    for (const type of typesOf(strict)) assert(type.endsWith("-realtime"), type);
  });
  assert(stale > SEEDS, `stale reads show in ${stale} histories`);
});

const ISOLATIONS = ["serial", "snapshot", "stale"] as const;

function someHistory(seed: number, write: Write): Event[] {
  const isolation = ISOLATIONS[seed % ISOLATIONS.length] ?? "serial";
  return simulate({ seed, write, isolation, transactions: 150, keys: 3, failed: 0.05, unknown: 0.05 });
}

Deno.test("renaming keys, values and processes does not change the result", () => {
  forEachSeed((seed, write) => {
    const history = someHistory(seed, write);
    const rename = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(rename)
        : typeof value === "number"
        ? `value ${value * 7919 % 10007}`
        : value;
    const renamed = history.map((event) => ({
      ...mapMops(event, ([f, key, value]) => [f, { name: `key ${key}` }, rename(value)]),
      process: typeof event.process === "number" ? 1_000_000 - event.process : event.process,
    }));
    assertEquals(outline(check(write, renamed)), outline(check(write, history)), `seed ${seed}, ${write}`);
  });
});

Deno.test("large and negative integers are ordinary values", () => {
  forEachSeed((seed, write) => {
    const history = someHistory(seed, write);
    const move = (value: unknown): unknown =>
      Array.isArray(value) ? value.map(move) : typeof value === "number" ? (value - 5) * 2 ** 40 : value;
    const moved = history.map((event) => mapMops(event, ([f, key, value]) => [f, key, move(value)]));
    assertEquals(outline(check(write, moved)), outline(check(write, history)), `seed ${seed}, ${write}`);
  });
});

Deno.test("times and further fields do not change the result", () => {
  forEachSeed((seed, write) => {
    const history = someHistory(seed, write);
    const noisy = history.map((event, i): Event => ({ ...event, time: history.length - i, node: "n1" }));
    assertEquals(outline(check(write, noisy)), outline(check(write, history)), `seed ${seed}, ${write}`);
  });
});

// They change the indexes of operations, whose hashes decide which of several cycles Elle finds and names.
Deno.test("nemesis events do not change the verdict", () => {
  const verdict = ({ valid, not, alsoNot }: ElleResult) => ({ valid, not, alsoNot });
  forEachSeed((seed, write) => {
    const history = someHistory(seed, write);
    const noisy = history.flatMap((event): Event[] => [
      { index: 0, time: 0, process: "nemesis", type: "info", f: "start-partition", value: [["r", 1, 2]] },
      event,
    ]).map((event, index) => ({ ...event, index }));
    assertEquals(verdict(check(write, noisy)), verdict(check(write, history)), `seed ${seed}, ${write}`);
  });
});

Deno.test("delaying completions never adds an anomaly", () => {
  const refuted = (result: ElleResult): Set<string> => new Set([...result.not, ...result.alsoNot]);
  forEachSeed((seed, write) => {
    const history = someHistory(seed, write);
    const random = seeded(seed);
    // Each completion may trade places with the invocation after it, if that is of another process: fewer real-time edges.
    const delayed = [...history];
    for (let i = 0; i + 1 < delayed.length; i++) {
      const [a, b] = [delayed[i], delayed[i + 1]];
      if (a === undefined || b === undefined || random() < 0.3) continue;
      if (a.type === "invoke" || b.type !== "invoke" || a.process === b.process) continue;
      delayed[i] = b;
      delayed[i + 1] = a;
    }
    const [before, after] = [refuted(check(write, history)), refuted(check(write, delayed))];
    for (const model of after) assert(before.has(model), `seed ${seed}, ${write}: ${model}`);
  });
});

/** Puts an anomaly among the transactions of a correct store, on keys of its own. */
function plant(
  history: readonly Event[],
  txns: readonly (readonly [string, readonly unknown[][]])[],
): Event[] {
  const planted = txns.flatMap(([type, mops], i): Event[] => {
    const process = 1_000_000 + i;
    const asked = mops.map(([f, key, value]) => [f, key, f === "r" ? null : value]);
    return [
      { index: 0, time: 0, process, type: "invoke", f: "txn", value: asked },
      { index: 0, time: 0, process, type: type === "fail" ? "fail" : "ok", f: "txn", value: mops },
    ];
  });
  // All at once, so that real time says nothing about them.
  const invoked = planted.filter(({ type }) => type === "invoke");
  const done = planted.filter(({ type }) => type !== "invoke");
  const middle = history.length >> 1;
  return [
    ...history.slice(0, middle),
    ...invoked,
    ...history.slice(middle, middle + 10),
    ...done,
    ...history.slice(middle + 10),
  ]
    .map((event, index) => ({ ...event, index, time: index * 1e6 }));
}

const PLANTED: Record<string, [Write, [string, unknown[][]][]]> = {
  "G0": ["append", [["ok", [["append", "a", 1], ["append", "b", 1]]], ["ok", [["append", "a", 2], [
    "append",
    "b",
    2,
  ]]], [
    "ok",
    [["r", "a", [1, 2]], ["r", "b", [2, 1]]],
  ]]],
  "G1a": ["append", [["fail", [["append", "a", 1]]], ["ok", [["r", "a", [1]]]]]],
  "G1b": ["append", [["ok", [["append", "a", 1], ["append", "a", 2]]], ["ok", [["r", "a", [1]]]]]],
  "G1c": ["w", [["ok", [["w", "a", 1], ["r", "b", 1]]], ["ok", [["w", "b", 1], ["r", "a", 1]]]]],
  "G-single-item": ["append", [["ok", [["append", "a", 1], ["append", "b", 1]]], ["ok", [["r", "a", [1]], [
    "r",
    "b",
    null,
  ]]]]],
  "G-nonadjacent-item": ["append", [
    ["ok", [["append", "a", 1]]],
    ["ok", [["append", "b", 1]]],
    ["ok", [["r", "a", [1]], ["r", "b", null]]],
    ["ok", [["r", "b", [1]], ["r", "a", null]]],
  ]],
  "G2-item": ["w", [["ok", [["r", "a", null], ["w", "b", 1]]], ["ok", [["r", "b", null], ["w", "a", 1]]]]],
  "lost-update": ["w", [["ok", [["r", "a", null], ["w", "a", 1]]], ["ok", [["r", "a", null], [
    "w",
    "a",
    2,
  ]]]]],
  "internal": ["append", [["ok", [["append", "a", 1], ["r", "a", null]]]]],
  "future-read": ["append", [["ok", [["r", "a", [1]], ["append", "a", 1]]]]],
  "dirty-update": ["append", [["fail", [["append", "a", 1]]], ["ok", [["append", "a", 2]]], ["ok", [[
    "r",
    "a",
    [1, 2],
  ]]]]],
  "duplicate-elements": ["append", [["ok", [["append", "a", 1]]], ["ok", [["r", "a", [1, 1]]]]]],
  "incompatible-order": ["append", [
    ["ok", [["append", "a", 1]]],
    ["ok", [["append", "a", 2]]],
    ["ok", [["r", "a", [1]]]],
    ["ok", [["r", "a", [2]]]],
  ]],
  "thin-air-read": ["append", [["ok", [["r", "a", [7]]]]]],
};

for (const [anomaly, [write, txns]] of Object.entries(PLANTED)) {
  Deno.test(`one planted ${anomaly} is found among the transactions of a correct store`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const names: Record<string, number> = { a: 1_000_001, b: 1_000_002 };
      const own = txns.map(([type, mops]): [string, unknown[][]] => [
        type,
        mops.map(([f, key, value]) => [f, names[String(key)], value]),
      ]);
      const history = plant(simulate({ seed, write, transactions: 150, unknown: 0.03 }), own);
      const result = check(write, history);
      assertEquals(result.valid, false, `seed ${seed}`);
      assert(typesOf(result).includes(anomaly), `seed ${seed}: ${typesOf(result).join(" ")}`);
      assert((countsOf(result)[anomaly] ?? 0) >= 1);
    }
  });
}

Deno.test("a history corrupted at random never makes a check throw", () => {
  forEachSeed((seed, write) => {
    const random = seeded(seed);
    const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
    const history = someHistory(seed, write);
    const corrupted = history.map((event): Event => {
      if (event.type === "invoke" || random() < 0.9 || !Array.isArray(event.value)) return event;
      const mops: unknown[][] = event.value.map((mop) => [...mop]);
      const other = pick(history)?.value;
      const mop = pick(mops);
      switch (Math.floor(random() * 6)) {
        case 0:
          return { ...event, value: mops.slice(1) };
        case 1:
          return { ...event, value: [...mops].reverse() };
        case 2:
          return { ...event, value: Array.isArray(other) ? [...mops, ...other] : mops };
        case 3:
          return { ...event, type: pick(["ok", "fail", "info"] as const) ?? "ok" };
        case 4:
          if (Array.isArray(mop?.[2])) mop[2] = [...mop[2]].reverse();
          return { ...event, value: mops };
        default:
          if (mop !== undefined) mop[1] = pick([0, 1, 2, 3]);
          return { ...event, value: mops };
      }
    });
    const result = check(write, corrupted);
    assertEquals(typesOf(result).length > 0, result.valid !== true, `seed ${seed}, ${write}`);
    if (write === "w") checkRwRegister(corrupted, { sequentialKeys: true, linearizableKeys: true });
  });
});
