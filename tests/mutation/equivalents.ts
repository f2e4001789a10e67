/**
 * The mutations that no test can detect, with their reasons. Each is named by its file and its id (`mutations.ts`), as
 * `mutate.ts --list` prints them. `equivalents_test.ts` fails if one no longer exists.
 */

import type { FileMutation } from "./draw.ts";

/** The changes by reason. */
const BY_REASON: Readonly<Record<string, readonly string[]>> = {
  "null is compared as 0, which no fraction is below; the test is for the type": [
    "lib/checkers/availability.ts: checkAvailability condition true #4",
  ],
  "an option that is undefined is one that is not given": [
    "lib/checkers/check_history.ts: CHECKERS.kafka condition false",
    "lib/checkers/check_history.ts: isolationOptions condition false #2",
  ],
  "how many ranges are kept is a measure of memory, and no promise": [
    "lib/checkers/counter.ts: RANGES_MAX number 20000",
  ],
  "ranges that begin at the same number are joined, whichever comes first": [
    "lib/checkers/counter.ts: mergeRanges comparison <=",
    "lib/checkers/counter.ts: mergeRanges number 1 #4",
  ],
  "where the first way back does not close, `exactNonadjacent` looks on, up to limits of its own": [
    "lib/checkers/elle/cycles.ts: ComponentSearch.#shortest condition true #3",
  ],
  "the index is within bounds": [
    "lib/checkers/linearizable/schedule.ts: insertByRank number (-1) #2",
    "lib/checkers/set_full.ts: Timelines.read number 0 #3",
    "lib/checkers/set_full.ts: elementResult.lastAbsent number 0",
    "lib/checkers/set_full.ts: elementResult.lastPresent number 0",
    "lib/crdt/g_set.ts: NaturalSet.add.word number (-1)",
  ],
  "a row that does not exist is never missed": [
    "lib/checkers/set_full.ts: Timelines.read comparison >= #2",
  ],
  "only the latencies of stable elements are used": [
    "lib/checkers/set_full.ts: elementResult.stableLatencyMs condition true",
  ],
  "where one digit says it, two end in a zero, which a number does not show": [
    "lib/checkers/float32.ts: shortestFloat32.digits number 2",
  ],
  "without optional operations the underapproximating search is the exact one; it only runs again": [
    "lib/checkers/linearizable/check_partition.ts: checkPartition number (-1)",
  ],
  "no other operation returns before the second event of a history": [
    "lib/checkers/linearizable/zones.ts: clustersOf.lastCall number 0",
  ],
  "an edge of no kind goes nowhere; the test saves time": [
    "lib/checkers/elle/first_cycle.ts: take number (-1)",
  ],
  "every number below 0 means that no state follows": [
    "lib/checkers/elle/return_path.ts: ReturnPaths.find.next number 2",
  ],
  "an empty record that is copied stays empty": [
    "lib/checkers/linearizable/configurations.ts: Configurations.#grow number (-1)",
  ],
  "any number below 0 says that an operation never returns": [
    "lib/checkers/linearizable/schedule.ts: schedule.returnRank number 2",
  ],
  "every search has a number of its own, from whichever number on": [
    "lib/checkers/elle/version_order.ts: realtimePairs.search number 1",
  ],
  "a longer table has the same entries": [
    "lib/checkers/elle/dependency_search.ts: explanationTable.table number 2",
  ],
  "an operation whose read has a list has a list of reads; the test is for the type": [
    "lib/checkers/elle/updates.ts: readerOf condition true #2",
  ],
  "past the end is undefined, which is passed over": [
    "lib/checkers/operations.ts: pairPositions comparison <=",
    "lib/checkers/operations.ts: pairOperations comparison <=",
  ],
  "how many turns go on at once is a measure of time, and no promise": [
    "lib/consensus/driver.ts: TURNS_BURST number 7",
  ],
  "a name that is one character shorter is as unique": [
    "lib/crdt/driver.ts: GossipCounter.constructor.incarnation number 1",
  ],
  "no revision is below 0, so that −1 raises none either": [
    "lib/crdt/stored_counter.ts: StoredCounter.next number (-1)",
  ],
  "a node that asks to rejoin more often only sends more": [
    "lib/consensus/raft/raft.ts: Raft.#follow condition true",
  ],
  "when an array is copied is a measure of memory, and no promise": [
    "lib/log/keyed/keyed_log.ts: Queue.take comparison >",
  ],
  "equal values and names have been left out before": [
    "lib/checkers/value_key.ts: compareNumbers comparison <=",
    "lib/checkers/value_key.ts: openObject.fields condition true #2",
  ],
  "only elements with a latency are sorted by it": [
    "lib/checkers/set_full.ts: checkSetFull.worstStale number 1",
  ],
  "an operation that sent nothing has nothing to note": [
    "lib/checkers/kafka/version_orders.ts: versionOrders number (-1)",
  ],
  "counts are compared with each other, and all are one less": [
    "lib/checkers/elle/rw_register.ts: reportMixedKeys number (-1)",
  ],
  "the words of a log line": [
    "lib/runtime/node.ts: Runtime.#refuse.begin comparison >=",
  ],
  "`is` holds where there is no problem; it is there for the type": [
    "lib/runtime/node.ts: Runtime.#init logic &&",
  ],
  "a machine is queried for nothing that it calls a write": [
    "nodes/txn_list_append.ts: Lists.query condition true",
  ],
  "a sort asks for the sign alone": [
    "lib/checkers/value_key.ts: compareAtoms number 2 #2",
    "lib/checkers/value_key.ts: compareNumbers number 2 #3",
  ],
  "no delta ends below 0": [
    "lib/log/origin_logs.ts: NO_DELTA.upTo number 2",
  ],
  "no other value has the JSON of a number; the change only takes longer": [
    "lib/crdt/g_set.ts: GSet.#addKey.key condition false",
  ],
  "both ways write the same line; a message for another node is left before": [
    "lib/runtime/node.ts: Runtime.#sendError condition true #2",
  ],
  "how long a random name is": [
    "lib/log/driver.ts: newIncarnation number 1",
  ],
  "of equal values either may be the highest": [
    "lib/checkers/value_key.ts: compareAtoms comparison >=",
    "lib/checkers/value_key.ts: compareNumbers comparison >= #2",
  ],
  "there is nothing before the first": [
    "lib/checkers/linearizable/zones.ts: checkZones.i number 0",
    "lib/checkers/elle/register_reads.ts: findInternal.t number (-1)",
    "lib/checkers/elle/register_reads.ts: findUnwrittenReads.t number (-1)",
    "lib/checkers/elle/register_reads.ts: findDirtyReads.t number (-1)",
  ],
  "how many examples are kept is a measure, and no promise": [
    "lib/checkers/elle/verdict.ts: EXAMPLES_MAX number 50",
  ],
  "nine digits are what is given otherwise, too": [
    "lib/checkers/float32.ts: shortestFloat32 comparison <=",
  ],
  "JSON holds nothing undefined; the test is for the type": [
    "lib/log/origin_logs.ts: OriginLogs.merge condition true #4",
  ],
  "nothing but errors is thrown; the test is for the type": [
    "lib/checkers/check_history.ts: safely.error condition true",
  ],
  "before the text there is nothing: another seed, and as good a hash": [
    "lib/gossip/sketch.ts: hash.i number (-1)",
  ],
  "one is the place of a completion, the other of an invocation": [
    "lib/checkers/set_full.ts: elementResult.lost comparison <= #2",
  ],
  "a third look is the second again, which has seen its target": [
    "lib/checkers/elle/return_path.ts: ReturnPaths.find comparison <= #3",
  ],
  "what has such a cycle refutes PL-2.99, and PL-3 with it; what has none has none with hops either": [
    "lib/checkers/elle/cycle_exists.ts: REFUTATIONS.hops truth true #4",
  ],
  "no completion is a history's first event": [
    "lib/checkers/kafka/operations.ts: readKafkaHistory comparison <=",
  ],
  "it is only asked whether it holds": [
    "lib/consensus/raft/read_index.ts: holdsLease return undefined",
    "lib/consensus/raft/read_index.ts: holdsLease return undefined #2",
  ],
  "a delay below 0 is none": [
    "lib/runtime/node.ts: Runtime.#setTimer.delay number (-1)",
    "nodes/txn_rw_register.ts: runInTotalOrder.registers number (-1)",
  ],
  "an origin's state of one version is one state": [
    "lib/crdt/counter.ts: Counter.merge comparison >=",
  ],
  "commands of a session are numbered from 1": [
    "lib/consensus/sessions.ts: Sessions.#register.lowestPending number (-1)",
  ],
  "how large the table is, and by how much it grows, is a measure of memory, and no promise": [
    "lib/checkers/set_full.ts: Rows.#byNumber number 512",
    "lib/checkers/set_full.ts: Rows.set.longer number 3",
    "lib/crdt/g_set.ts: NaturalSet.#words number 3",
    "lib/crdt/g_set.ts: SMALL_MAX number 19",
  ],
  "undefined is not a position either; the line keeps the array dense": [
    "lib/checkers/set_full.ts: Timelines.attempt statement ; #4",
  ],
  "it is only set to what it is": [
    "lib/checkers/counter.ts: mergeRanges comparison >= #2",
  ],
  "where the search for a record begins, not where it ends": [
    "lib/checkers/linearizable/configurations.ts: Configurations.#home number 1633244954",
    "lib/checkers/linearizable/configurations.ts: Configurations.#home number 0",
    "lib/checkers/linearizable/configurations.ts: Configurations.#home number 12",
    "lib/checkers/linearizable/configurations.ts: Configurations.#home statement ; #2",
    "lib/checkers/linearizable/configurations.ts: Configurations.#home.hash number 1123411253",
    "lib/checkers/linearizable/configurations.ts: Configurations.#home.w number 1",
  ],
  "depths are compared with each other alone": [
    "lib/checkers/elle/anomalies.ts: worstFirst.depth.deepest number 1",
  ],
};

/** A mutation that no test can detect, and the reason. */
export interface Equivalent extends Pick<FileMutation, "file" | "id"> {
  readonly reason: string;
}

/** All known equivalents. */
export const EQUIVALENTS: readonly Equivalent[] = Object.entries(BY_REASON).flatMap(([reason, changes]) =>
  changes.map((change) => {
    const [file = "", id = ""] = change.split(": ");
    return { file, id, reason };
  })
);

/** Returns the reason why no test can detect a mutation; undefined if there is none. */
export function reasonFor(change: Pick<FileMutation, "file" | "id">): string | undefined {
  return EQUIVALENTS.find(({ file, id }) => file === change.file && id === change.id)?.reason;
}
