/**
 * Workload lin-kv: a linearizable key-value store with compare-and-set. Each group of 2n threads (n nodes) works on its own
 * key. The first n threads overall read; the others mix one write with two cas, over the values 0…4. After 20
 * processes have touched a key (a process ends with an indeterminate operation), its group takes a new key, because
 * indeterminate operations make a history expensive to check.
 *
 * This follows `jepsen.tests.linearizable-register`, where `jepsen.generator/reserve` counts threads from 0 in every group,
 * so that only the first group reads.
 */

import { checkerOf } from "../../checkers/check_history.ts";
import { CODE, RpcError } from "../../protocol/errors.ts";
import { cas, read, write } from "../../protocol/kv.ts";
import { integer, json, show, tuple } from "../../protocol/schema.ts";
import type { SeededRandom } from "../../sim/random.ts";
import { call, type Generator, type Operation, PROGRESS_TIMEOUT_MS, recordFailure } from "./operations.ts";
import { type Workload, type WorkloadOptions } from "./workload.ts";

const VALUES = 5;
const PROCESSES_PER_KEY_MAX = 20;
const TIMEOUT_MS_MIN = 1000;
const TIMEOUT_LATENCIES = 10;
const IDEMPOTENT = new Set(["read"]);

const keyed = tuple(integer, json);
const casValue = tuple(integer, integer);

/** The workload lin-kv. */
export const linKvWorkload: Workload = {
  name: "lin-kv",
  description: "a linearizable key-value store with compare-and-set",
  messages: [read, write, cas],
  operations: ["read", "write", "cas"],
  generator: registers,
  client: ({ latencyMs }) => {
    const options = { timeoutMs: Math.max(TIMEOUT_LATENCIES * latencyMs, TIMEOUT_MS_MIN) };
    return {
      *invoke({ f, value: given }) {
        if (!keyed.is(given)) throw new TypeError(`not a key and value: ${show(given)}`);
        const [key, value] = given;
        if (f === "read") return [key, (yield* call(read, { key }, options)).value];
        if (f === "write") {
          yield* call(write, { key, value }, options);
        } else {
          if (!casValue.is(value)) throw new TypeError(`not a pair of values: ${show(value)}`);
          const [from, to] = value;
          yield* call(cas, { key, from, to }, options);
        }
        return given;
      },
    };
  },
  keepsClients: true,
  recordFailure: (error, operation) => recordFailure(error, operation, IDEMPOTENT),
  progress: {
    *request() {
      try {
        return (yield* call(read, { key: 0 }, { timeoutMs: PROGRESS_TIMEOUT_MS })).value;
      } catch (error) {
        if (error instanceof RpcError && error.code === CODE.keyDoesNotExist) return null;
        throw error;
      }
    },
  },
  judge: checkerOf("lin-kv"),
  concurrency: "2n",
  problem: ({ concurrency, nodes }) => {
    const group = 2 * nodes.length;
    if (concurrency > 0 && concurrency % group === 0) return undefined;
    return `lin-kv assigns ${group} clients to a key (twice the number of nodes). Set --concurrency to a ` +
      `multiple of ${group}, such as ${2 * Math.ceil(concurrency / group) || 2}n, not ${concurrency}`;
  },
};

/** The key that a group of threads works on. */
interface Group {
  readonly threads: readonly number[];
  key: number;
  /** The processes that have touched the key. */
  processes: Set<number>;
}

function registers({ concurrency, nodes }: WorkloadOptions, values: SeededRandom): Generator {
  const size = 2 * nodes.length;
  // A key must last for at least its first processes, for any number of nodes.
  const processesMax = Math.max(PROCESSES_PER_KEY_MAX, 2 * size);
  const groups: readonly Group[] = Array.from({ length: concurrency / size }, (_, group) => ({
    threads: Array.from({ length: size }, (_, i) => group * size + i),
    key: group,
    processes: new Set(),
  }));
  let nextKey = groups.length;
  return {
    next: ({ free, processOf, random, pick }) => {
      const isFree = (thread: number) => free.includes(thread);
      const group = random.pick(groups.filter(({ threads }) => threads.some(isFree)));
      const processes = group.threads.map(processOf);
      for (const process of processes) group.processes.add(process);
      if (group.processes.size > processesMax) {
        group.key = nextKey++;
        group.processes = new Set(processes);
      }
      const idle = group.threads.filter(isFree);
      const readers = idle.filter((thread) => thread < nodes.length);
      const writers = idle.filter((thread) => thread >= nodes.length);
      const reads = writers.length === 0 || (readers.length > 0 && random.chance(0.5));
      const { f, value } = reads ? { f: "read", value: null } : change(values);
      return { f, value: [group.key, value], thread: pick(reads ? readers : writers) };
    },
  };
}

function change(random: SeededRandom): Operation {
  if (random.below(3) === 0) return { f: "write", value: random.below(VALUES) };
  return { f: "cas", value: [random.below(VALUES), random.below(VALUES)] };
}
