/**
 * Changes that no test can notice, because they change nothing that can be seen, each with its reason. One whose place is
 * gone is an error: `equivalents_test.ts` says so.
 */

import type { FileMutation } from "./draw.ts";

/** By reason: the changes, each as `mutate.ts --list` says it, but without its line. One that is made in two places stands twice. */
const BY_REASON: Readonly<Record<string, readonly string[]>> = {
  "null is compared as 0, which no fraction is below; the test is for the type": [
    "lib/checkers/availability.ts: else if (⟦wanted !== null⟧) valid = wanted <= fraction; → true",
  ],
  "an option that is undefined is one that is not given": [
    'lib/checkers/check_history.ts: "kafka": (history, { control }) => checkKafka(history, ⟦control === undefined⟧ ? {} : { control }), → false',
    "lib/checkers/check_history.ts: ...(⟦consistencyModels === undefined⟧ ? {} : { consistencyModels }), → false",
  ],
  "how many ranges are kept is a measure of memory, and no promise": [
    "lib/checkers/counter.ts: const RANGES_MAX = ⟦10_000⟧; → 20000",
  ],
  "ranges that begin at the same number are joined, whichever comes first": [
    "lib/checkers/counter.ts: ranges.sort((a, b) => (a[0] ⟦<⟧ b[0] ? -1 : a[0] > b[0] ? 1 : 0)); → <=",
    "lib/checkers/counter.ts: ranges.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[⟦0⟧] ? 1 : 0)); → 1",
  ],
  "where the first way back does not close, `exactNonadjacent` looks on, up to limits of its own": [
    "lib/checkers/elle/cycles.ts: if (⟦cycle !== null⟧) return cycle; → true",
  ],
  "the index is within bounds": [
    "lib/checkers/set_full.ts: lastPresent[row] = Math.max(lastPresent[row] ?? -⟦1⟧, invoked); → 0",
    "lib/checkers/set_full.ts: const times = (timesSeen[row] ?? ⟦0⟧) + 1; → 1",
    "lib/checkers/set_full.ts: const lastAbsent = timelines.lastAbsent[row] ?? -⟦1⟧; → 0",
  ],
  "where one digit says it, two end in a zero, which a number does not show": [
    "lib/checkers/float32.ts: for (let digits = ⟦1⟧; digits < 9; digits++) { → 2",
  ],
  "without optional operations the underapproximating search is the exact one; it only runs again": [
    "lib/checkers/linearizable/check_partition.ts: if (model.optional.length === ⟦0⟧) return { plan, outcome: search(plan, model, { limits, control }) }; → (-1)",
  ],
  "past the end is undefined, which is passed over": [
    "lib/checkers/operations.ts: for (let i = 0; i ⟦<⟧ history.length; i++) { → <=",
    "lib/checkers/operations.ts: for (let i = 0; i ⟦<⟧ history.length; i++) { → <=",
  ],
  "how many turns go on at once is a measure of time, and no promise": [
    "lib/consensus/driver.ts: const TURNS_BURST = ⟦8⟧; → 7",
  ],
  "the words of a log line": [
    "lib/runtime/node.ts: const begin = line.length ⟦>⟧ 200 ? `${line.slice(0, 200)}… (${line.length} characters)` : line; → >=",
  ],
  "`is` holds where there is no problem; it is there for the type": [
    'lib/runtime/node.ts: if (problem !== undefined ⟦||⟧ !init.request.is(body)) return refuse(problem ?? "malformed"); → &&',
  ],
  "a machine is queried for nothing that it calls a write": [
    'nodes/txn_list_append.ts: return ⟦this.kind(command) === "read"⟧ → true',
  ],
  "a sort asks for the sign alone": [
    "lib/checkers/value_key.ts: return textA < textB ? -⟦1⟧ : textA > textB ? 1 : 0; → 2",
    "lib/checkers/value_key.ts: return textA < textB ? -⟦1⟧ : textA > textB ? 1 : 0; → 2",
  ],
  "the JSON of a number is no other value's; it only takes longer": [
    'lib/crdt/g_set.ts: const key = ⟦typeof element === "number"⟧ ? element : JSON.stringify(element); → false',
  ],
  "both ways write the same line; a message for another node is left before": [
    "lib/runtime/node.ts: if (⟦this.#node === undefined⟧) { → true",
  ],
  "how long a random name is": [
    "lib/log/driver.ts: return node.random.id().slice(⟦0⟧, 12); → 1",
  ],
  "of equal values either may be the highest": [
    "lib/checkers/value_key.ts: return textA < textB ? -1 : textA ⟦>⟧ textB ? 1 : 0; → >=",
    "lib/checkers/value_key.ts: return textA < textB ? -1 : textA ⟦>⟧ textB ? 1 : 0; → >=",
  ],
  "there is nothing before the first": [
    "lib/checkers/elle/register_reads.ts: for (let t = ⟦0⟧; t < count; t++) { → (-1)",
    "lib/checkers/elle/register_reads.ts: for (let t = ⟦0⟧; t < count; t++) { → (-1)",
    "lib/checkers/elle/register_reads.ts: for (let t = ⟦0⟧; t < count; t++) { → (-1)",
  ],
  "how many examples are kept is a measure, and no promise": [
    "lib/checkers/elle/verdict.ts: export const EXAMPLES_MAX = ⟦100⟧; → 50",
  ],
  "nine digits are what is given otherwise, too": [
    "lib/checkers/float32.ts: for (let digits = 1; digits ⟦<⟧ 9; digits++) { → <=",
  ],
  "JSON holds nothing undefined; the test is for the type": [
    "lib/log/origin_logs.ts: if (⟦entry !== undefined⟧) this.#deliver(entry, { origin, index: this.#push(origin, log, entry) }); → true",
  ],
  "nothing but errors is thrown; the test is for the type": [
    "lib/checkers/check_history.ts: error: ⟦error instanceof Error⟧ ? `${error.name}: ${error.message}` : String(error), → true",
  ],
  "before the text there is nothing: another seed, and as good a hash": [
    "lib/gossip/sketch.ts: for (let i = ⟦0⟧; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619); → (-1)",
  ],
  "one is the place of a completion, the other of an invocation": [
    "lib/checkers/set_full.ts: const lost = known >= 0 && lastAbsent >= 0 && lastPresent < lastAbsent && known ⟦<⟧ lastAbsent; → <=",
  ],
  "a third look is the second again, which has seen its target": [
    "lib/checkers/elle/return_path.ts: for (let choice = 0; choice ⟦<⟧ 2; choice++) { → <=",
  ],
  "what has such a cycle refutes PL-2.99, and PL-3 with it; what has none has none with hops either": [
    'lib/checkers/elle/cycle_exists.ts: { model: "PL-3", kinds: WW | WR | RW, hops: ⟦false⟧ }, → true',
  ],
  "no completion is a history's first event": [
    "lib/checkers/kafka/operations.ts: } else if (partner ⟦<⟧ 0) { → <=",
  ],
  "it is only asked whether it holds": [
    "lib/consensus/raft/read_index.ts: if (lease === undefined) return ⟦false⟧; → undefined",
    "lib/consensus/raft/read_index.ts: if (leadership.leaseRevoked && !core.rules.leaseValidAfterTransfer()) return ⟦false⟧; → undefined",
  ],
  "a delay below 0 is none": [
    "lib/runtime/node.ts: const cancelHost = this.#host.clock.after(Math.max(⟦0⟧, delayMs), () => { → (-1)",
    "nodes/txn_rw_register.ts: node.after(⟦0⟧, () => taken.reply.send({ txn })); → (-1)",
  ],
  "an origin's state of one version is one state": [
    "lib/crdt/counter.ts: if (version ⟦>⟧ (this.#vector.get(origin) ?? 0)) this.#set(origin, { version, plus, minus }); → >=",
  ],
  "commands of a session are numbered from 1": [
    "lib/consensus/sessions.ts: this.#sessions.set(index, { client, lowestPending: ⟦0⟧, results: new Map() }); → (-1)",
  ],
  "as often is the same entry": [
    "lib/checkers/set_full.ts: if (times ⟦>⟧ worst) repeated.set(row, { element: value, times }); → >=",
  ],
  "how large the table is, and by how much it grows, is a measure of memory, and no promise": [
    "lib/checkers/set_full.ts: #byNumber = new Int32Array(⟦1024⟧).fill(-1); → 512",
    "lib/checkers/set_full.ts: const longer = new Int32Array(this.#byNumber.length * ⟦2⟧).fill(-1); → 3",
  ],
  "undefined is no position either; it keeps the array dense": [
    "lib/checkers/set_full.ts: ⟦seenBy[fresh] ??= -1;⟧ → ;",
  ],
  "it is only set to what it is": [
    "lib/checkers/counter.ts: if (upper ⟦>⟧ last[1]) last[1] = upper; → >=",
  ],
  "where the search for a record begins, not where it ends": [
    "lib/checkers/linearizable/configurations.ts: hash = Math.imul(hash ^ valueAt(bits, from + w), ⟦0xc2b2ae35⟧); → 1633244954",
  ],
  "depths are compared with each other alone": [
    "lib/checkers/elle/anomalies.ts: let deepest = ⟦0⟧; → 1",
  ],
};

/** A change that was looked at, and why nobody could notice it. */
export interface Equivalent extends Pick<FileMutation, "file" | "place" | "replacement"> {
  readonly reason: string;
}

/** Every one that was met. */
export const EQUIVALENTS: readonly Equivalent[] = Object.entries(BY_REASON).flatMap(([reason, changes]) =>
  changes.map((change) => ({ ...parts(change), reason }))
);

function parts(change: string): Omit<Equivalent, "reason"> {
  const [, file = "", place = "", replacement = ""] = /^(\S+): (.*) → (.*)$/.exec(change) ?? [];
  return { file, place, replacement };
}

/** Why nobody can notice this change; undefined when nobody said so. */
export function reasonFor(change: Omit<Equivalent, "reason">): string | undefined {
  return EQUIVALENTS.find((each) =>
    each.file === change.file && each.place === change.place && each.replacement === change.replacement
  )?.reason;
}
