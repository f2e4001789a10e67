/**
 * The names of the modules that a module may import. They are apart from the modules, so that a command which only checks the
 * imports of a module does not load them.
 *
 * Tested by `tests/bench/playground/examples_test.ts`.
 */

/** The names in the order in which they are shown. The first one is the library. */
export const OFFERED_NAMES = [
  "@charybdis/charybdis",
  "@charybdis/charybdis/protocol",
  "@charybdis/charybdis/clients",
  "../lib/consensus/local_reads.ts",
  "../lib/consensus/mod.ts",
  "../lib/consensus/accord/driver.ts",
  "../lib/consensus/epaxos/driver.ts",
  "../lib/consensus/leaderless/driver.ts",
  "../lib/consensus/raft/driver.ts",
  "../lib/crdt/driver.ts",
  "../lib/crdt/mod.ts",
  "../lib/gossip/driver.ts",
  "../lib/log/causal/driver.ts",
  "../lib/log/driver.ts",
  "../lib/log/keyed/committed_offsets.ts",
  "../lib/log/keyed/keyed_logs.ts",
  "../lib/log/registers/registers.ts",
  "../lib/log/registers/total_order_registers.ts",
  "../lib/mod.ts",
  "../lib/protocol/broadcast.ts",
  "../lib/protocol/canonical_json.ts",
  "../lib/protocol/counter.ts",
  "../lib/protocol/echo.ts",
  "../lib/protocol/g_set.ts",
  "../lib/protocol/kafka.ts",
  "../lib/protocol/kv.ts",
  "../lib/protocol/schema.ts",
  "../lib/protocol/txn.ts",
  "../lib/protocol/unique_ids.ts",
] as const;

/** A name that a module may import. */
export type OfferedName = (typeof OFFERED_NAMES)[number];
