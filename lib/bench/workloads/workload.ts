/**
 * The interface of a workload: its operations, its clients and its records. One file per workload.
 *
 * Tested by `tests/bench/workloads/txn_test.ts`.
 */

import type { Judge } from "../../checkers/check_history.ts";
import type { Event } from "../../checkers/history.ts";
import type { Schema } from "../../protocol/schema.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { Client, Failure, Generator, Operation, RequestSequence } from "./operations.ts";

/** The options that determine a workload. */
export interface WorkloadOptions {
  /** The ids of the nodes. */
  readonly nodes: readonly string[];
  /** The number of clients, which are threads of operations. Thread t sends to node t modulo the number of nodes. */
  readonly concurrency: number;
  /** The name of the topology that broadcast nodes receive. */
  readonly topology: string;
  /** The mean latency of messages between nodes, in ms. */
  readonly latencyMs: number;
  /** The number of keys in use at a time; undefined if the command line does not give it. */
  readonly keyCount: number | undefined;
  /** The maximum number of operations per transaction. */
  readonly maxTxnLength: number;
  /** The maximum number of writes per key. */
  readonly maxWritesPerKey: number;
}

/** The arguments of a client's constructor. */
export interface ClientContext {
  /** The process: a thread continues as a new one after each indeterminate operation. */
  readonly process: number;
  /** The random numbers of the client. */
  readonly random: SeededRandom;
}

/** A key of a transaction. */
export type Key = string | number | boolean;

/** Checks if all nodes agree in the end, apart from the history. Not part of the verdict. */
export interface ConvergenceCheck {
  /** Returns the keys of an invocation. */
  readonly keys: (event: Event) => Iterable<Key>;
  /** Asks a node for the values of keys, in their order. */
  readonly read: (keys: readonly Key[]) => RequestSequence<readonly unknown[]>;
}

/** A request that shows if a cluster makes progress. */
export interface ProgressCheck {
  /** Asks a node for anything that it must answer in a live cluster without faults. */
  readonly request: () => RequestSequence<unknown>;
  /** True if all nodes must give the same answer in the end. The order of a list does not count. */
  readonly agrees?: boolean;
}

/** A declaration without its types. */
export interface DocumentedMessage {
  /** The type of the request. */
  readonly type: string;
  /** The meaning of the request, in a sentence. */
  readonly description: string;
  /** The request's own fields. */
  readonly request: { readonly description: string };
  /** The reply's own fields. */
  readonly reply: Schema<unknown>;
  /** An example of each. */
  readonly example?: { readonly request: object; readonly reply: object };
}

/**
 * One kind of test: messages, operations, clients, and the judgment of the history. The built-in workloads and those of
 * files have the same interface.
 */
export interface Workload extends Judge {
  /** The name by which runs are stored. */
  readonly name: string;
  /** A description of the test in one sentence, without its period. */
  readonly description: string;
  /** The requests that a node receives, in addition to `init`. */
  readonly messages: readonly DocumentedMessage[];
  /** The names of all operations that the generators return. */
  readonly operations: readonly string[];
  /** The operations of the main phase, which the test spreads over time. */
  generator(options: WorkloadOptions, random: SeededRandom): Generator;
  /** The operations after the recovery, executed as fast as possible. A workload without them ends without a recovery. */
  readonly finalGenerator?: (options: WorkloadOptions) => Generator;
  /** The requests of a client to each node before the test starts. */
  readonly setup?: (options: WorkloadOptions) => RequestSequence<void>;
  /** Creates a client for one process. Its state is lost when the process crashes. */
  client(options: WorkloadOptions, context: ClientContext): Client;
  /**
   * True if the next process of a thread keeps the client, as in Maelstrom's workloads whose clients have no state. A late reply
   * then has a receiver, which ignores it.
   */
  readonly keepsClients?: boolean;
  /** Returns the record of a failed operation; that of Maelstrom's clients if absent. */
  readonly recordFailure?: (error: unknown, operation: Operation) => Failure;
  /** The convergence check, for workloads whose histories do not show if nodes agree in the end. */
  readonly convergence?: ConvergenceCheck;
  /** The request by which a test checks liveness after the faults have ended; liveness is not checked if absent. */
  readonly progress?: ProgressCheck;
  /** The default number of clients, in the form of --concurrency; 1n if absent. */
  readonly concurrency?: string;
  /** Returns the reason why these options are incompatible; undefined if they are compatible. */
  readonly problem?: (options: WorkloadOptions) => string | undefined;
}

/**
 * Returns a generator whose operations run on any free thread.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { anyThread, SeededRandom } from "@charybdis/charybdis/workload";
 *
 * const reads = anyThread(() => ({ f: "read", value: null }));
 * const random = new SeededRandom(1);
 * const [processOf, pick] = [(thread: number) => thread, ([first = 0]: readonly number[]) => first];
 * const context = { timeMs: 0, free: [3], processOf, random, pick };
 * assertEquals(reads.next(context), { f: "read", value: null, thread: 3 });
 * ```
 */
export function anyThread(next: (random: SeededRandom) => Operation): Generator {
  return {
    next: ({ free, random, pick }) => ({ ...next(random), thread: pick(free) }),
  };
}

/**
 * Returns a generator that runs an operation once on each thread, such as a last read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { eachThread, SeededRandom } from "@charybdis/charybdis/workload";
 *
 * const reads = eachThread({ f: "read", value: null, final: true }, 1);
 * const random = new SeededRandom(1);
 * const [processOf, pick] = [(thread: number) => thread, ([first = 0]: readonly number[]) => first];
 * const context = { timeMs: 0, free: [0], processOf, random, pick };
 * assertEquals(reads.next(context), { f: "read", value: null, final: true, thread: 0 });
 * assertEquals(reads.next(context), undefined);
 * ```
 */
export function eachThread(operation: Operation, concurrency: number): Generator {
  const left = new Set(Array.from({ length: concurrency }, (_, thread) => thread));
  return {
    next: ({ free }) => {
      if (left.size === 0) return undefined;
      const thread = free.find((each) => left.delete(each));
      return thread === undefined ? "pending" : { ...operation, thread };
    },
  };
}
