import { assert, assertEquals } from "@std/assert";
import { type Interval, schedule } from "../../../lib/checkers/linearizable/schedule.ts";
import { search, type SearchMode, type SearchModel } from "../../../lib/checkers/linearizable/search.ts";
import type { SeededRandom } from "../../../lib/sim/random.ts";
import { forSeeds } from "../../seeds.ts";

const STATES = 4;

/** The next state by state, or -1. */
type Table = readonly number[];

interface Problem {
  readonly intervals: readonly Interval[];
  /** By operation. */
  readonly tables: readonly Table[];
  readonly optional: readonly (readonly number[])[];
}

/** Draws an operation: an overwrite, a read or any other. */
function drawTable(random: SeededRandom): Table {
  const [kind, to] = [random.below(4), random.below(STATES)];
  return Array.from({ length: STATES }, (_, state) => {
    if (kind === 0) return to;
    if (kind === 1) return state === to ? to : -1;
    return Math.max(-1, random.below(STATES + 3) - 3);
  });
}

/** Draws required operations, and classes of equal optional ones. */
function draw(random: SeededRandom): Problem {
  const intervals: Interval[] = [];
  const tables: Table[] = [];
  const add = (interval: Interval, table: Table): number => {
    tables.push(table);
    return intervals.push(interval) - 1;
  };
  for (let required = 2 + random.below(4); required > 0; required--) {
    const called = random.below(12);
    add({ called, returned: called + random.below(8) }, drawTable(random));
  }
  const optional = Array.from({ length: 2 + random.below(3) }, () => {
    const table = drawTable(random);
    const calls = Array.from({ length: 1 + random.below(2) }, () => random.below(16)).sort((a, b) => a - b);
    return calls.map((called) => add({ called, returned: null }, table));
  });
  return { intervals, tables, optional };
}

/** Tries all orders. Returns true if one of them explains all required operations. */
function isLinearizable({ intervals, tables }: Problem): boolean {
  const failed = new Set<string>();
  const isSolved = (state: number, left: readonly number[]): boolean => {
    const firstReturn = Math.min(...left.map((operation) => intervals[operation]?.returned ?? Infinity));
    if (firstReturn === Infinity) return true;
    const key = `${state} ${left}`;
    if (failed.has(key)) return false;
    failed.add(key);
    return left.some((operation) => {
      const next = tables[operation]?.[state] ?? -1;
      return next >= 0 && (intervals[operation]?.called ?? Infinity) <= firstReturn &&
        isSolved(next, left.filter((other) => other !== operation));
    });
  };
  return isSolved(0, [...intervals.keys()]);
}

function endOf({ intervals, tables, optional }: Problem, mode: SearchMode): string {
  const model: SearchModel = {
    initial: 0,
    optional,
    step: (state, operation) => tables[operation]?.[state] ?? -1,
    overwrites: (operation) => new Set(tables[operation]).size === 1 && tables[operation]?.[0] !== -1,
  };
  const isReadOnly = (operation: number) =>
    tables[operation]?.every((next, state) => next === -1 || next === state) === true;
  return search(schedule(intervals, isReadOnly), model, { mode }).end;
}

Deno.test("the exact search agrees with a search of all orders, and the others err to one side", async () => {
  await forSeeds({ slice: 400, full: 20_000 }, (random) => {
    const problem = draw(random);
    const exists = isLinearizable(problem);
    assertEquals(endOf(problem, "exact"), exists ? "linearizable" : "stuck");
    const isFound = endOf(problem, "underApproximate") === "linearizable";
    const isRefuted = endOf(problem, "overApproximate") === "stuck";
    assert(exists || !isFound, "an order is found that does not exist");
    assert(!exists || !isRefuted, "an order is refuted that exists");
  });
});

Deno.test("a search ends when the states of its model exceed the memory", () => {
  // Optional additions reach every sum, each by many subsets. No sum allows the last operation.
  const additions = Array.from({ length: 10 }, (_, i) => ({ called: i, returned: null }));
  const plan = schedule([...additions, { called: 20, returned: 21 }], () => false);
  const model: SearchModel = {
    initial: 0,
    optional: additions.map((_, i) => [i]),
    step: (sum, operation) => operation < additions.length ? (sum + operation + 1) % 64 : -1,
  };
  const limits = { memoryBytesMax: 1e8 };
  assertEquals(search(plan, model, { limits }).end, "stuck");
  assertEquals(search(plan, { ...model, memoryBytes: () => 1e8 }, { limits }).end, "stuck");
  assertEquals(search(plan, { ...model, memoryBytes: () => 1e8 + 1 }, { limits }).end, "memory");
});
