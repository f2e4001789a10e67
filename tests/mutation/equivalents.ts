/**
 * Changes that no test can notice, because they change nothing that can be seen, each with its reason. One whose place is
 * gone is an error: `equivalents_test.ts` says so.
 */

import type { FileMutation } from "./draw.ts";

/** A change that was looked at, and why nobody could notice it. */
export interface Equivalent {
  readonly file: string;
  /** Where it is, as {@linkcode Mutation.place} says it: what is replaced stands between ⟦ and ⟧. */
  readonly place: string;
  readonly replacement: string;
  readonly reason: string;
}

/** Every one that was met. */
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: "lib/checkers/availability.ts",
    place: "else if (⟦wanted !== null⟧) valid = wanted <= fraction;",
    replacement: "true",
    reason: "null is compared as 0, which no fraction is below; the test is for the type",
  },
  {
    file: "lib/checkers/compose.ts",
    place: '"kafka": (history, { watch }) => checkKafka(history, ⟦watch === undefined⟧ ? {} : { watch }),',
    replacement: "false",
    reason: "an option that is undefined is one that is not given",
  },
  {
    file: "lib/checkers/compose.ts",
    place: "...(⟦consistencyModels === undefined⟧ ? {} : { consistencyModels }),",
    replacement: "false",
    reason: "an option that is undefined is one that is not given",
  },
  {
    file: "lib/checkers/counter.ts",
    place: "const RANGES_MAX = ⟦10_000⟧;",
    replacement: "20000",
    reason: "how many ranges are kept is a measure of memory, and no promise",
  },
  {
    file: "lib/checkers/counter.ts",
    place: "ranges.sort((a, b) => (a[0] ⟦<⟧ b[0] ? -1 : a[0] > b[0] ? 1 : 0));",
    replacement: "<=",
    reason: "ranges that begin at the same number are joined, whichever comes first",
  },
  {
    file: "lib/checkers/elle/cycles.ts",
    place: "if (⟦cycle !== null⟧) return cycle;",
    replacement: "true",
    reason:
      "where the first way back does not close, `exactNonadjacent` looks on: only past the limits of both it differs",
  },
  {
    file: "lib/checkers/elle/dependency_search.ts",
    place: "const whole: Cycle = { ...cycle, vertices: cycle.vertices.map((v) => members[v] ?? ⟦0⟧) };",
    replacement: "1",
    reason: "a component's vertices are its members",
  },
  {
    file: "lib/checkers/elle/reachability.ts",
    place: "for (let e = graph.offsets[v] ?? ⟦0⟧; e < end; e++) {",
    replacement: "1",
    reason: "the index is within the offsets",
  },
  {
    file: "lib/checkers/elle/register_graph.ts",
    place: "for (let m = txns.start[a] ?? ⟦0⟧; m < (txns.start[a + 1] ?? 0); m++) {",
    replacement: "(-1)",
    reason: "the index is within the offsets",
  },
  {
    file: "lib/checkers/elle/rw_register.ts",
    place: "for (let m = txns.start[t] ?? ⟦0⟧; m < (txns.start[t + 1] ?? 0); m++) {",
    replacement: "1",
    reason: "the index is within the offsets",
  },
  {
    file: "lib/checkers/elle/version_order.ts",
    place: "else if ((txns.invokedAt[before] ?? ⟦0⟧) > firstCompletion) stack.push(before);",
    replacement: "(-1)",
    reason: "the index is that of a transaction",
  },
  {
    file: "lib/checkers/float32.ts",
    place: "for (let digits = ⟦1⟧; digits < 9; digits++) {",
    replacement: "2",
    reason: "where one digit says it, two end in a zero, which a number does not show",
  },
  {
    file: "lib/checkers/linearizable/configurations.ts",
    place: "visit(this.#table[base + 1] ?? ⟦0⟧, this.#table.subarray(base + HEADER, base + this.#record));",
    replacement: "1",
    reason: "the index is within the table",
  },
  {
    file: "lib/checkers/linearizable/decide.ts",
    place:
      "if (machine.optional.length === ⟦0⟧) return { plan, outcome: search(plan, machine, { limits, watch }) };",
    replacement: "(-1)",
    reason: "without optional operations the hasty search is the exact one; it is only run again",
  },
  {
    file: "lib/checkers/operations.ts",
    place: "for (let i = 0; i ⟦<⟧ history.length; i++) {",
    replacement: "<=",
    reason: "past the end is undefined, which is passed over",
  },
  {
    file: "lib/checkers/operations.ts",
    place: "for (let i = 0; i ⟦<⟧ history.length; i++) {",
    replacement: "<=",
    reason: "past the end is undefined, which is passed over",
  },
  {
    file: "lib/checkers/parse.ts",
    place: 'if (!("rawJSON" in JSON) ⟦||⟧ typeof JSON.rawJSON !== "function") return value.toString();',
    replacement: "&&",
    reason: "every engine that this runs in has JSON.rawJSON; the test is for the type",
  },
  {
    file: "lib/checkers/set_full.ts",
    place: "#byNumber = new Int32Array(⟦1024⟧).fill(-1);",
    replacement: "512",
    reason: "how many rows there is room for before the table grows",
  },
  {
    file: "lib/raft/driver.ts",
    place: "const TURNS_AT_ONCE = ⟦8⟧;",
    replacement: "7",
    reason: "how many turns go on at once is a measure of time, and no promise",
  },
  {
    file: "lib/runtime/node.ts",
    place: "const begin = line.length ⟦>⟧ 200 ? `${line.slice(0, 200)}… (${line.length} characters)` : line;",
    replacement: ">=",
    reason: "the words of a log line",
  },
  {
    file: "lib/runtime/node.ts",
    place: 'if (problem !== undefined ⟦||⟧ !init.request.is(body)) return refuse(problem ?? "malformed");',
    replacement: "&&",
    reason: "`is` holds where there is no problem; it is there for the type",
  },
  {
    file: "nodes/lin_kv.ts",
    place: "const fields = Object.entries(value).sort(([a], [b]) => a < b ? -1 : ⟦1⟧);",
    replacement: "0",
    reason: "names differ, and a sort only asks which comes before",
  },
  {
    file: "nodes/txn_list_append.ts",
    place: 'return ⟦this.kind(command) === "read"⟧',
    replacement: "true",
    reason: "a machine is queried for nothing that it calls a write",
  },
  {
    file: "nodes/txn_rw_register.ts",
    place: "⟦await undefined;⟧ // so that the answer leaves within this turn",
    replacement: ";",
    reason: "an async function gives its promise with or without it; it keeps the function async",
  },
  {
    file: "lib/checkers/value_key.ts",
    place: "const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -⟦1⟧ : a > b ? 1 : 0));",
    replacement: "2",
    reason: "a sort asks for the sign alone",
  },
  {
    file: "lib/crdt/g_set.ts",
    place: 'const key = ⟦typeof element === "number"⟧ ? element : JSON.stringify(element);',
    replacement: "false",
    reason: "the JSON of a number is no other value's; it only takes longer",
  },
  {
    file: "lib/runtime/node.ts",
    place: "if (⟦this.#node === undefined⟧) {",
    replacement: "true",
    reason: "both ways write the same line; a message for another node is left before",
  },
  {
    file: "lib/log/driver.ts",
    place: "const life = node.random.id().slice(⟦0⟧, 12);",
    replacement: "1",
    reason: "how long a random name is",
  },
  {
    file: "lib/checkers/value_key.ts",
    place: "return textA < textB ? -1 : textA ⟦>⟧ textB ? 1 : 0;",
    replacement: ">=",
    reason: "of equal values either may be the highest",
  },
  {
    file: "lib/checkers/counter.ts",
    place: "ranges.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[⟦0⟧] ? 1 : 0));",
    replacement: "1",
    reason: "ranges that begin at the same number are joined, whichever comes first",
  },
  {
    file: "lib/checkers/linearizable/register.ts",
    place: "for (const operation of unplaced) if (kind[operation] !== WRITE) need(first[operation] ?? ⟦0⟧);",
    replacement: "(-1)",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/linearizable/counterexample.ts",
    place: "const failed = operations[plan.returning[outcome.satisfied] ?? ⟦0⟧];",
    replacement: "(-1)",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/elle/list_graph.ts",
    place: "for (let m = start[t] ?? ⟦0⟧; m < end; m++) {",
    replacement: "1",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/elle/pair_index.ts",
    place: "const slot = this.#slot(keys[i] ?? 0, values[i] ?? ⟦0⟧);",
    replacement: "1",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/elle/rw_register.ts",
    place: "const isWrittenTwice = (writers.start[v + 1] ?? ⟦0⟧) - (writers.start[v] ?? 0) > 1;",
    replacement: "1",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/elle/register_graph.ts",
    place: "for (let e = order.offsets[v] ?? ⟦0⟧; e < end; e++) {",
    replacement: "1",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/elle/register_reads.ts",
    place: "for (let t = ⟦0⟧; t < count; t++) {",
    replacement: "(-1)",
    reason: "there is nothing before the first transaction",
  },
  {
    file: "lib/checkers/elle/register_reads.ts",
    place: "for (let t = ⟦0⟧; t < count; t++) {",
    replacement: "(-1)",
    reason: "there is nothing before the first transaction",
  },
  {
    file: "lib/checkers/elle/rw_register.ts",
    place: "for (let m = txns.start[t] ?? ⟦0⟧; m < (txns.start[t + 1] ?? 0); m++) {",
    replacement: "(-1)",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/elle/verdict.ts",
    place: "export const EXAMPLES_MAX = ⟦100⟧;",
    replacement: "50",
    reason: "how many examples are kept is a measure, and no promise",
  },
  {
    file: "lib/checkers/float32.ts",
    place: "for (let digits = 1; digits ⟦<⟧ 9; digits++) {",
    replacement: "<=",
    reason: "nine digits are what is given otherwise, too",
  },
  {
    file: "lib/checkers/compose.ts",
    place: "error: ⟦error instanceof Error⟧ ? `${error.name}: ${error.message}` : String(error),",
    replacement: "true",
    reason: "nothing but errors is thrown; the test is for the type",
  },
  {
    file: "lib/gossip/sketch.ts",
    place: "for (let i = ⟦0⟧; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);",
    replacement: "(-1)",
    reason: "before the text there is nothing: another seed, and as good a hash",
  },
  {
    file: "lib/checkers/set_full.ts",
    place: "const lost = known >= 0 && lastAbsent >= 0 && lastPresent < lastAbsent && known ⟦<⟧ lastAbsent;",
    replacement: "<=",
    reason: "one is the place of a completion, the other of an invocation",
  },
  {
    file: "lib/checkers/elle/return_path.ts",
    place: "for (let choice = 0; choice ⟦<⟧ 2; choice++) {",
    replacement: "<=",
    reason: "a third look is the second again, which has seen its target",
  },
  {
    file: "lib/checkers/elle/cycle_exists.ts",
    place: '{ model: "PL-3", kinds: WW | WR | RW, hops: ⟦false⟧ },',
    replacement: "true",
    reason:
      "what has such a cycle refutes PL-2.99, and PL-3 with it; what has none has none with hops either",
  },
  {
    file: "nodes/txn_rw_register.ts",
    place: "node.after(⟦0⟧, async () => {",
    replacement: "(-1)",
    reason: "a delay below 0 is none",
  },
  {
    file: "lib/runtime/node.ts",
    place: "const cancelHost = this.#host.clock.after(Math.max(⟦0⟧, delayMs), () => {",
    replacement: "(-1)",
    reason: "a delay below 0 is none",
  },
  {
    file: "lib/crdt/counter.ts",
    place: "if (version ⟦>⟧ (this.#vector.get(origin) ?? 0)) this.#set(origin, { version, plus, minus });",
    replacement: ">=",
    reason: "an origin's state of one version is one state",
  },
  {
    file: "lib/raft/sessions.ts",
    place: "this.#sessions.set(index, { client, first: ⟦0⟧, results: new Map() });",
    replacement: "(-1)",
    reason: "commands of a session are numbered from 1",
  },
  {
    file: "lib/checkers/value_key.ts",
    place: "return textA < textB ? -⟦1⟧ : textA > textB ? 1 : 0;",
    replacement: "2",
    reason: "a sort asks for the sign alone",
  },
  {
    file: "lib/checkers/set_full.ts",
    place: "if (times ⟦>⟧ worst) repeated.set(row, { element: value, times });",
    replacement: ">=",
    reason: "as often is the same entry",
  },
  {
    file: "lib/checkers/set_full.ts",
    place: "const times = (timesSeen[row] ?? ⟦0⟧) + 1;",
    replacement: "1",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/set_full.ts",
    place: "const longer = new Int32Array(this.#byNumber.length * ⟦2⟧).fill(-1);",
    replacement: "3",
    reason: "by how much the table grows is a measure of memory, and no promise",
  },
  {
    file: "lib/checkers/set_full.ts",
    place: "const lastAbsent = timelines.lastAbsent[row] ?? -⟦1⟧;",
    replacement: "0",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/set_full.ts",
    place: "⟦seenBy[fresh] ??= -1;⟧",
    replacement: ";",
    reason: "undefined is no position either; it keeps the array dense",
  },
  {
    file: "lib/checkers/counter.ts",
    place: "if (upper ⟦>⟧ last[1]) last[1] = upper;",
    replacement: ">=",
    reason: "it is only set to what it is",
  },
  {
    file: "lib/checkers/linearizable/schedule.ts",
    place:
      "if ((returnRank[operation] ?? -⟦1⟧) < 0) continue; // optional: no slot, it is counted by its class",
    replacement: "2",
    reason: "the index is within bounds",
  },
  {
    file: "lib/checkers/linearizable/configurations.ts",
    place: "hash = Math.imul(hash ^ (bits[from + w] ?? 0), ⟦0xc2b2ae35⟧);",
    replacement: "1633244954",
    reason: "where the search for a record begins, not where it ends",
  },
];

/** Why nobody can notice this change; undefined when nobody said so. */
export function reasonFor(
  { file, place, replacement }: Pick<FileMutation, "file" | "place" | "replacement">,
): string | undefined {
  return EQUIVALENTS.find((each) =>
    each.file === file && each.place === place && each.replacement === replacement
  )?.reason;
}
