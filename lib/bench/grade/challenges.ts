/**
 * Fly.io's challenges (https://fly.io/dist-sys/): test options and bounds of each.
 *
 * Tested by `tests/bench/grade/grade_test.ts`.
 */

/** Upper bounds of a challenge's figures. */
export interface Bounds {
  /** Messages between servers per operation. */
  readonly msgsPerOp?: number;
  /** Median and largest stable latency, in ms. */
  readonly medianMs?: number;
  readonly maxMs?: number;
  /** True if every operation must succeed. */
  readonly total?: boolean;
}

/** One test of a challenge. */
export interface ChallengeTest {
  /** Maelstrom's arguments after `test`, without `--bin`. */
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
  readonly bounds: Bounds;
  /** The node's arguments, identical here and on real Maelstrom. */
  readonly nodeArguments: readonly string[];
  /** True if its latencies are bounded, so that no other work may run at the same time. */
  readonly exclusive: boolean;
}

const PARTITION = "--nemesis partition";
const BROADCAST_25 = "-w broadcast --node-count 25 --time-limit 20 --rate 100 --latency 100";
const KAFKA_2 = "-w kafka --node-count 2 --concurrency 2n --time-limit 20 --rate 1000";
const TXN = "-w txn-rw-register --concurrency 2n --time-limit 20 --rate 1000 --availability total";

/** All challenges, in their order. */
export const CHALLENGES: readonly Challenge[] = [
  challenge("1", "Echo", ["-w echo --node-count 1 --time-limit 10"]),
  challenge("2", "Unique ids", [
    "-w unique-ids --time-limit 30 --rate 1000 --node-count 3 --availability total --nemesis partition",
  ], {
    bounds: { total: true },
  }),
  challenge("3a", "Broadcast, one node", ["-w broadcast --node-count 1 --time-limit 20 --rate 10"]),
  challenge("3b", "Broadcast, five nodes", ["-w broadcast --node-count 5 --time-limit 20 --rate 10"]),
  challenge("3c", "Broadcast, partitions", [
    "-w broadcast --node-count 5 --time-limit 20 --rate 10 --nemesis partition",
  ]),
  challenge("3d", "Broadcast, efficient I", [BROADCAST_25, `${BROADCAST_25} ${PARTITION}`], {
    bounds: { msgsPerOp: 30, medianMs: 400, maxMs: 600 },
    exclusive: true,
  }),
  challenge("3e", "Broadcast, efficient II", [BROADCAST_25, `${BROADCAST_25} ${PARTITION}`], {
    bounds: { msgsPerOp: 20, medianMs: 1000, maxMs: 2000 },
    nodeArguments: ["--max-latency-ms", "1900"],
    exclusive: true,
  }),
  challenge("4", "Grow-only counter", [
    "-w g-counter --node-count 3 --rate 100 --time-limit 20 --nemesis partition",
  ], {
    nodeArguments: ["--store", "seq-kv"],
  }),
  challenge("5a", "Kafka-style log, one node", [
    "-w kafka --node-count 1 --concurrency 2n --time-limit 20 --rate 1000",
  ]),
  challenge("5b", "Kafka-style log, two nodes", [KAFKA_2]),
  challenge("5c", "Kafka-style log, efficient", [KAFKA_2]),
  challenge("6a", "Transactions, one node", [`${TXN} --node-count 1 --consistency-models read-uncommitted`], {
    bounds: { total: true },
  }),
  challenge("6b", "Transactions, read uncommitted", [
    `${TXN} --node-count 2 --consistency-models read-uncommitted`,
    `${TXN} --node-count 2 --consistency-models read-uncommitted ${PARTITION}`,
  ], { bounds: { total: true } }),
  challenge("6c", "Transactions, read committed", [
    `${TXN} --node-count 2 --consistency-models read-committed ${PARTITION}`,
  ], {
    bounds: { total: true },
  }),
];

function challenge(
  id: string,
  title: string,
  lines: readonly [string, ...string[]],
  more: {
    readonly bounds?: Bounds;
    readonly nodeArguments?: readonly string[];
    readonly exclusive?: boolean;
  } = {},
): Challenge {
  const { bounds = {}, nodeArguments = [], exclusive = false } = more;
  const [, workload = ""] = /-w (\S+)/.exec(lines[0]) ?? [];
  return {
    id,
    title,
    workload,
    bounds,
    nodeArguments,
    exclusive,
    lines: lines.map((line, i) => ({ arguments: line.split(" "), providesMetrics: i === 0 })),
  };
}
