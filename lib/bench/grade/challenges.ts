/**
 * Fly.io's challenges (https://fly.io/dist-sys/): test options and bounds of each.
 *
 * Tested by `tests/bench/grade/grade_test.ts`.
 */

import type { Bounds } from "../run/bounds.ts";
import { type GivenOptions, printTest } from "../run/command_line.ts";

/** The demands of a challenge on the figures. */
export interface ChallengeBounds extends Bounds {
  /** True if every operation must succeed. */
  readonly total?: boolean;
}

/** One test of a challenge. */
export interface ChallengeTest {
  readonly options: GivenOptions;
  /** Maelstrom's arguments after `test`, without `--bin`: the options as a command line. */
  readonly arguments: readonly string[];
  /** True if the challenge's figures come from this run. Runs with faults only have to be valid. */
  readonly providesMetrics: boolean;
}

/** A challenge. */
export interface Challenge {
  readonly id: string;
  readonly workload: string;
  readonly title: string;
  readonly lines: readonly ChallengeTest[];
  readonly bounds: ChallengeBounds;
  /** The node's arguments, identical here and on real Maelstrom. */
  readonly nodeArguments: readonly string[];
  /** True if its latencies are bounded, so that nothing else may run while they are measured. */
  readonly exclusive: boolean;
}

const PARTITION = { nemesis: ["partition"] } as const;
const BROADCAST_5 = { workload: "broadcast", nodeCount: 5, timeLimit: 20, rate: 10 } as const;
const BROADCAST_25 = {
  workload: "broadcast",
  nodeCount: 25,
  timeLimit: 20,
  rate: 100,
  latency: 100,
} as const;
const KAFKA_2 = { workload: "kafka", nodeCount: 2, concurrency: "2n", timeLimit: 20, rate: 1000 } as const;
const TXN = {
  workload: "txn-rw-register",
  concurrency: "2n",
  timeLimit: 20,
  rate: 1000,
  availability: "total",
} as const;
const READ_UNCOMMITTED = { consistencyModels: ["read-uncommitted"] } as const;
const READ_COMMITTED = { consistencyModels: ["read-committed"] } as const;

/** All challenges, in their order. */
export const CHALLENGES: readonly Challenge[] = [
  challenge("1", "Echo", [{ workload: "echo", nodeCount: 1, timeLimit: 10 }]),
  challenge("2", "Unique ids", [{
    workload: "unique-ids",
    timeLimit: 30,
    rate: 1000,
    nodeCount: 3,
    availability: "total",
    ...PARTITION,
  }], { bounds: { total: true } }),
  challenge("3a", "Broadcast, one node", [{ ...BROADCAST_5, nodeCount: 1 }]),
  challenge("3b", "Broadcast, five nodes", [BROADCAST_5]),
  challenge("3c", "Broadcast, partitions", [{ ...BROADCAST_5, ...PARTITION }]),
  challenge("3d", "Broadcast, efficient I", [BROADCAST_25, { ...BROADCAST_25, ...PARTITION }], {
    bounds: { msgsPerOp: 30, medianMs: 400, maxMs: 600 },
  }),
  challenge("3e", "Broadcast, efficient II", [BROADCAST_25, { ...BROADCAST_25, ...PARTITION }], {
    bounds: { msgsPerOp: 20, medianMs: 1000, maxMs: 2000 },
    nodeArguments: ["--max-latency-ms", "1900"],
  }),
  challenge("4", "Grow-only counter", [
    { workload: "g-counter", nodeCount: 3, rate: 100, timeLimit: 20, ...PARTITION },
  ], {
    nodeArguments: ["--store", "seq-kv"],
  }),
  challenge("5a", "Kafka-style log, one node", [{ ...KAFKA_2, nodeCount: 1 }]),
  challenge("5b", "Kafka-style log, two nodes", [KAFKA_2]),
  challenge("5c", "Kafka-style log, efficient", [KAFKA_2]),
  challenge("6a", "Transactions, one node", [{ ...TXN, nodeCount: 1, ...READ_UNCOMMITTED }], {
    bounds: { total: true },
  }),
  challenge("6b", "Transactions, read uncommitted", [
    { ...TXN, nodeCount: 2, ...READ_UNCOMMITTED },
    { ...TXN, nodeCount: 2, ...READ_UNCOMMITTED, ...PARTITION },
  ], { bounds: { total: true } }),
  challenge("6c", "Transactions, read committed", [
    { ...TXN, nodeCount: 2, ...READ_COMMITTED, ...PARTITION },
  ], {
    bounds: { total: true },
  }),
];

/** Returns true if latencies are bounded, so that nothing else may run while they are measured. */
export function isExclusive({ medianMs, maxMs }: ChallengeBounds): boolean {
  return medianMs !== undefined || maxMs !== undefined;
}

type NamedOptions = GivenOptions & { readonly workload: string };

/** Returns a challenge. Its figures come from the first test. */
export function challenge(
  id: string,
  title: string,
  tests: readonly [NamedOptions, ...NamedOptions[]],
  more: {
    readonly bounds?: ChallengeBounds;
    readonly nodeArguments?: readonly string[];
  } = {},
): Challenge {
  const { bounds = {}, nodeArguments = [] } = more;
  return {
    id,
    title,
    workload: tests[0].workload,
    bounds,
    nodeArguments,
    exclusive: isExclusive(bounds),
    lines: tests.map((options, i) => ({ options, arguments: printTest(options), providesMetrics: i === 0 })),
  };
}
