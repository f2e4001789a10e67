/**
 * Registers whose transactions run in the same order on every node. The order is a log of one key ({@linkcode KeyedLog}); each
 * node executes what has become stable (state machine replication: Lamport 1978; Schneider, "Implementing fault-tolerant
 * services", 1990). When a transaction is answered, every node has it, so a transaction that starts afterwards, at any node,
 * is later in the order. This gives strict serializability, at the price of waiting for all nodes.
 *
 * Tested by `tests/log/registers_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { EntryPosition } from "../causal/causal_order.ts";
import { KeyedLogs, type KeyedLogsOptions, type SendEntry } from "../keyed/keyed_logs.ts";
import { type RegisterOperation, Registers } from "./registers.ts";

/** The name of the one log. */
const KEY = "txn";

/** Receives each transaction that this node accepted, with its reads filled in, once it has been executed. */
export type Answer = (offset: number, txn: readonly RegisterOperation[]) => void;

/** One node's copy of the registers. */
export class TotalOrderRegisters {
  readonly #logs: KeyedLogs;
  readonly #registers = new Registers();
  readonly #options: KeyedLogsOptions;
  readonly #answer: Answer;
  #executedCount = 0;

  constructor(options: KeyedLogsOptions, answer: Answer) {
    this.#options = options;
    this.#logs = new KeyedLogs(options);
    this.#answer = answer;
  }

  /** Returns the entry of this node's next transaction. The offset identifies it. */
  entry(txn: readonly RegisterOperation[]): SendEntry {
    return this.#logs.entry(KEY, txn);
  }

  /** Adds an entry. A malformed one is ignored. */
  deliver(entry: readonly Json[], from: EntryPosition): void {
    this.#logs.deliver(entry, from);
    this.#executeStable();
  }

  /** Records that the author of the log `by` has been delivered `origin` up to an index. */
  acknowledged(by: string, known: { readonly origin: string; readonly upTo: number }): void {
    this.#logs.acknowledged(by, known);
    this.#executeStable();
  }

  #executeStable(): void {
    const next = this.#logs.log(KEY)?.stable.slice(this.#executedCount) ?? [];
    this.#executedCount += next.length;
    for (const [offset, transaction] of next) {
      if (!isTransaction(transaction)) continue;
      const { txn, writes } = this.#registers.execute(transaction);
      this.#registers.write(writes);
      if (offset % this.#options.nodeCount === this.#options.node) this.#answer(offset, txn);
    }
  }
}

function isTransaction(value: Json): value is readonly RegisterOperation[] {
  return Array.isArray(value) &&
    value.every((operation) => Array.isArray(operation) && operation.length === 3);
}
