import { assertEquals, assertMatch } from "@std/assert";
import * as raft from "../../../lib/bench/invariants/raft.ts";
import type { Invariant } from "../../../lib/bench/workloads/invariant.ts";

/** A node's values in a step: role and term, commit index, and entries as texts. */
type Shown = readonly [node: string, role: string, term: number, commit: number, ...entries: string[]];

/** Runs steps through an invariant, and returns the first violation. */
function firstViolation(invariant: Invariant, steps: readonly Shown[]): string | undefined {
  const nodes = new Map<string, ReadonlyMap<string, unknown>>();
  const memory = new Map<string, unknown>();
  for (const [node, role, term, commit, ...entries] of steps) {
    nodes.set(node, new Map<string, unknown>(Object.entries({ role, term, commit, entries })));
    const text = invariant({ nodes, changed: node, memory });
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A leader that replicates two entries, a new leader that continues, and the old one that follows. */
const CORRECT: readonly Shown[] = [
  ["n0", "leader", 1, 0, "1.1.a"],
  ["n1", "follower", 1, 0, "1.1.a"],
  ["n0", "leader", 1, 1, "1.1.a", "2.1.b"],
  ["n1", "follower", 1, 1, "1.1.a"],
  ["n1", "leader", 2, 1, "1.1.a", "2.2.c"],
  ["n2", "follower", 2, 1, "1.1.a", "2.2.c"],
  ["n1", "leader", 2, 2, "1.1.a", "2.2.c"],
  ["n0", "follower", 2, 2, "1.1.a", "2.2.c"],
];

Deno.test("a correct run satisfies all five properties", () => {
  const all = Object.entries(raft);
  assertEquals(all.length, 5);
  for (const [name, invariant] of all) assertEquals(firstViolation(invariant, CORRECT), undefined, name);
});

const VIOLATIONS: readonly (readonly [keyof typeof raft, RegExp, readonly Shown[]])[] = [
  ["electionSafety", /^n0 and n1 .* term 3$/, [["n0", "leader", 3, 0], ["n0", "follower", 4, 0], [
    "n1",
    "leader",
    3,
    0,
  ]]],
  ["leaderAppendOnly", /^n0.* entry 1 /, [["n0", "leader", 1, 0, "1.1.a", "2.1.b"], [
    "n0",
    "leader",
    1,
    0,
    "1.1.x",
    "2.1.b",
  ]]],
  ["leaderAppendOnly", /^n0.* entry 2 /, [["n0", "leader", 1, 0, "1.1.a", "2.1.b"], [
    "n0",
    "leader",
    1,
    0,
    "1.1.a",
  ]]],
  ["logMatching", /entry 3 of term 2, but differ in entry 2$/, [
    ["n0", "leader", 2, 0, "1.1.a", "2.1.b", "3.2.c"],
    ["n1", "follower", 2, 0, "1.1.a", "2.2.x", "3.2.c"],
  ]],
  ["leaderCompleteness", /^n1, leader in term 2, lacks entry 1, /, [
    ["n0", "leader", 1, 1, "1.1.a"],
    ["n1", "leader", 2, 0, "1.2.x"],
  ]],
  ["leaderCompleteness", /^n1, leader in term 2, lacks entry 2, /, [
    ["n0", "leader", 1, 2, "1.1.a", "2.1.b"],
    ["n1", "leader", 2, 0, "1.1.a"],
  ]],
  ["stateMachineSafety", /^n1 and n0 .* index 1$/, [
    ["n0", "leader", 1, 1, "1.1.a"],
    ["n1", "follower", 1, 1, "1.1.x"],
  ]],
];

for (const [i, [name, text, steps]] of VIOLATIONS.entries()) {
  Deno.test(`${name} names its violation (${i + 1})`, () => {
    assertMatch(firstViolation(raft[name], steps) ?? "none", text);
  });
}

Deno.test("entries that a leader compacts away do not count as changed", () => {
  const steps: readonly Shown[] = [["n0", "leader", 1, 2, "1.1.a", "2.1.b"], [
    "n0",
    "leader",
    1,
    3,
    "2.1.b",
    "3.1.c",
  ]];
  assertEquals(firstViolation(raft.leaderAppendOnly, steps), undefined);
});
