/** The subjects of mutation, and the tests that must detect the changes. */

/** A part that is broken on purpose. A path that is not a file means all sources that start with it. */
export interface Subject {
  readonly name: string;
  /** The files that are it. */
  readonly own: readonly string[];
  /** Sources that mainly this subject uses. */
  readonly rests?: readonly string[];
  /** The tests, the quick ones first: the first failure ends a run. */
  readonly tests: readonly string[];
}

/** The test of the values that all nodes show. */
const WATCHED = "tests/nodes/watched_values_test.ts";

/** The nodes, with the algorithms that they use. */
export const NODES: readonly Subject[] = [
  {
    name: "echo",
    own: ["nodes/echo.ts"],
    rests: ["lib/runtime/node.ts"],
    tests: ["tests/nodes/echo_test.ts", WATCHED, "tests/runtime/", "tests/sim/"],
  },
  {
    name: "unique-ids",
    own: ["nodes/unique_ids.ts"],
    rests: ["lib/runtime/node.ts"],
    tests: ["tests/nodes/unique_ids_test.ts", WATCHED, "tests/runtime/", "tests/sim/"],
  },
  {
    name: "broadcast",
    own: ["nodes/broadcast.ts"],
    rests: ["lib/gossip/"],
    tests: ["tests/nodes/broadcast_test.ts", WATCHED, "tests/gossip/", "tests/nodes/kafka_test.ts"],
  },
  {
    name: "g-set",
    own: ["nodes/g_set.ts"],
    rests: ["lib/crdt/g_set.ts", "lib/log/origin_logs.ts", "lib/log/driver.ts"],
    tests: [
      "tests/nodes/g_set_test.ts",
      WATCHED,
      "tests/crdt/",
      "tests/log/",
      "tests/nodes/broadcast_test.ts",
    ],
  },
  {
    name: "g-counter",
    own: ["nodes/g_counter.ts"],
    rests: ["lib/crdt/counter.ts", "lib/crdt/driver.ts", "lib/crdt/stored_counter.ts"],
    tests: ["tests/nodes/g_counter_test.ts", WATCHED, "tests/crdt/"],
  },
  {
    name: "pn-counter",
    own: ["nodes/pn_counter.ts"],
    rests: ["lib/crdt/counter.ts", "lib/crdt/driver.ts", "lib/crdt/stored_counter.ts"],
    tests: ["tests/nodes/pn_counter_test.ts", WATCHED, "tests/crdt/"],
  },
  {
    name: "kafka",
    own: ["nodes/kafka.ts"],
    rests: ["lib/log/"],
    tests: ["tests/nodes/kafka_test.ts", WATCHED, "tests/log/", "tests/scenarios/log_sweep_test.ts"],
  },
  {
    name: "lin-kv",
    own: ["nodes/lin_kv.ts"],
    rests: ["lib/consensus/"],
    tests: [
      "tests/nodes/lin_kv_test.ts",
      WATCHED,
      "tests/consensus/",
      "tests/scenarios/raft_snapshots_test.ts",
      "tests/scenarios/raft_sweep_test.ts",
    ],
  },
  {
    name: "txn-list-append",
    own: ["nodes/txn_list_append.ts"],
    rests: [
      "lib/consensus/local_reads.ts",
      "lib/consensus/raft/read_index.ts",
      "lib/consensus/client_requests.ts",
      "lib/consensus/sessions.ts",
      "lib/consensus/raft/snapshot.ts",
      "lib/consensus/raft/messages.ts",
    ],
    tests: [
      "tests/nodes/txn_list_append_test.ts",
      WATCHED,
      "tests/consensus/",
      "tests/scenarios/raft_snapshots_test.ts",
      "tests/scenarios/raft_sweep_test.ts",
    ],
  },
  {
    name: "txn-rw-register",
    own: ["nodes/txn_rw_register.ts"],
    rests: [
      "lib/log/registers/",
      "lib/log/causal/",
      "lib/log/bootstrap.ts",
      "lib/log/composite_replica.ts",
      "lib/log/keyed/keyed_log.ts",
    ],
    tests: [
      "tests/nodes/txn_rw_register_test.ts",
      WATCHED,
      "tests/log/",
      "tests/scenarios/log_sweep_test.ts",
      "tests/nodes/kafka_test.ts",
    ],
  },
];

const CHECKER_TESTS = ["tests/checkers/"];
const ELLE_TESTS = ["tests/checkers/elle/", "tests/checkers/"];

/** The checkers: together the whole layer. */
export const CHECKERS: readonly Subject[] = [
  { name: "checker of echo", own: ["lib/checkers/echo.ts"], tests: CHECKER_TESTS },
  {
    name: "checker of unique-ids",
    own: ["lib/checkers/unique_ids.ts", "lib/checkers/value_key.ts"],
    tests: CHECKER_TESTS,
  },
  {
    name: "checker of sets",
    own: ["lib/checkers/set_full.ts", "lib/checkers/quantile.ts"],
    tests: CHECKER_TESTS,
  },
  { name: "checker of counters", own: ["lib/checkers/counter.ts"], tests: CHECKER_TESTS },
  { name: "checker of kafka", own: ["lib/checkers/kafka/"], tests: CHECKER_TESTS },
  { name: "checker of lin-kv", own: ["lib/checkers/linearizable/"], tests: CHECKER_TESTS },
  {
    name: "checkers of weaker consistency",
    own: ["lib/checkers/register_models.ts", "lib/checkers/sequential.ts", "lib/checkers/sessions.ts"],
    tests: CHECKER_TESTS,
  },
  {
    name: "checker of txn-list-append",
    own: [
      "lib/checkers/elle/list_",
      "lib/checkers/elle/omitted_appends.ts",
      "lib/checkers/elle/requested_writes.ts",
      "lib/checkers/elle/check_transactions.ts",
      "lib/checkers/elle/clojure_hash.ts",
      "lib/checkers/elle/intermediate_read.ts",
      "lib/checkers/elle/pair_index.ts",
      "lib/checkers/elle/transactions.ts",
      "lib/checkers/elle/updates.ts",
      "lib/checkers/elle/warnings.ts",
    ],
    tests: ELLE_TESTS,
  },
  {
    name: "checker of txn-rw-register",
    own: [
      "lib/checkers/elle/register_",
      "lib/checkers/elle/rw_register.ts",
      "lib/checkers/elle/event_order.ts",
      "lib/checkers/elle/version_order.ts",
    ],
    tests: ELLE_TESTS,
  },
  {
    name: "cycles of transactions",
    own: [
      "lib/checkers/elle/anomalies.ts",
      "lib/checkers/elle/cycle_exists.ts",
      "lib/checkers/elle/cycles.ts",
      "lib/checkers/elle/dependency_search.ts",
      "lib/checkers/elle/examples.ts",
      "lib/checkers/elle/explain.ts",
      "lib/checkers/elle/first_cycle.ts",
      "lib/checkers/elle/graph.ts",
      "lib/checkers/elle/jepsen.ts",
      "lib/checkers/elle/mod.ts",
      "lib/checkers/elle/models.ts",
      "lib/checkers/elle/reachability.ts",
      "lib/checkers/elle/return_path.ts",
      "lib/checkers/elle/scc.ts",
      "lib/checkers/elle/verdict.ts",
    ],
    tests: ELLE_TESTS,
  },
  {
    name: "availability",
    own: ["lib/checkers/availability.ts", "lib/checkers/float32.ts"],
    tests: CHECKER_TESTS,
  },
  { name: "stats", own: ["lib/checkers/stats.ts"], tests: CHECKER_TESTS },
  { name: "unhandled errors", own: ["lib/checkers/unhandled_errors.ts"], tests: CHECKER_TESTS },
  { name: "net", own: ["lib/checkers/net.ts"], tests: CHECKER_TESTS },
  {
    name: "the whole result",
    own: [
      "lib/checkers/caveats.ts",
      "lib/checkers/check_history.ts",
      "lib/checkers/columns.ts",
      "lib/checkers/jepsen.ts",
      "lib/checkers/jepsen_fields.ts",
      "lib/checkers/judgment.ts",
      "lib/checkers/mod.ts",
      "lib/checkers/result.ts",
      "lib/checkers/workloads.ts",
    ],
    tests: CHECKER_TESTS,
  },
  {
    name: "histories",
    own: [
      "lib/checkers/history.ts",
      "lib/checkers/history_builder.ts",
      "lib/checkers/operations.ts",
      "lib/checkers/parse.ts",
    ],
    tests: CHECKER_TESTS,
  },
];

/** The simulator. */
export const SIMULATOR: readonly Subject[] = [
  {
    name: "simulator",
    own: ["lib/sim/"],
    tests: [
      "tests/sim/",
      "tests/bench/run/virtual_run_test.ts",
      "tests/bench/run/message_forms_test.ts",
      "tests/runtime/storage/",
    ],
  },
];

/** All subjects. */
export const SUBJECTS: readonly Subject[] = [...NODES, ...CHECKERS, ...SIMULATOR];

/** Returns the `sources` that the paths mean: a file, or all files with a prefix. */
export function filesOf(paths: readonly string[], sources: readonly string[]): string[] {
  return sources.filter((source) =>
    source.endsWith(".ts") &&
    paths.some((path) => source === path || !path.endsWith(".ts") && source.startsWith(path))
  );
}
