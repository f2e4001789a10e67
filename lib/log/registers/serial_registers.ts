/**
 * Registers whose transactions run in the same order on every node: a log of one key ({@linkcode KeyedLog}), of which each
 * node runs what has become stable (state machine replication: Lamport 1978; Schneider, "Implementing fault-tolerant
 * services", 1990). Whoever is answered knows that every node has the transaction, so what begins afterwards, anywhere,
 * comes later in the order: strict serializability, for the price of waiting for all.
 */

import type { Json } from "../../protocol/schema.ts";
import type { Place } from "../causal/causal_order.ts";
import { KeyedLogs, type KeyedLogsOptions, type SendEntry } from "../keyed/keyed_logs.ts";
import { type RegisterOperation, Registers } from "./registers.ts";

/** The name of the one log. */
const KEY = "txn";

/** Told each transaction that this node took, with its reads filled in, when its turn has come. */
export type Answer = (offset: number, txn: readonly RegisterOperation[]) => void;

/** See the file's head. */
export class SerialRegisters {
  readonly #logs: KeyedLogs;
  readonly #registers = new Registers();
  readonly #seat: KeyedLogsOptions;
  readonly #answer: Answer;
  #ran = 0; // how many of the stable transactions

  constructor(seat: KeyedLogsOptions, answer: Answer) {
    this.#seat = seat;
    this.#logs = new KeyedLogs(seat);
    this.#answer = answer;
  }

  /** The entry of this node's next transaction; its offset names it. */
  entry(txn: readonly RegisterOperation[]): SendEntry {
    return this.#logs.entry(KEY, txn);
  }

  /** Takes in an entry; what has not the right form is left out. */
  deliver(entry: readonly Json[], from: Place): void {
    this.#logs.deliver(entry, from);
    this.#run();
  }

  /** The author of `by` has been delivered `origin` up to an index. */
  acknowledged(by: string, known: { readonly origin: string; readonly upTo: number }): void {
    this.#logs.acknowledged(by, known);
    this.#run();
  }

  #run(): void {
    const next = this.#logs.log(KEY)?.stable.slice(this.#ran) ?? [];
    this.#ran += next.length;
    for (const [offset, transaction] of next) {
      if (!isTransaction(transaction)) continue;
      const { txn, writes } = this.#registers.execute(transaction);
      this.#registers.write(writes);
      if (offset % this.#seat.nodes === this.#seat.node) this.#answer(offset, txn);
    }
  }
}

function isTransaction(value: Json): value is readonly RegisterOperation[] {
  return Array.isArray(value) &&
    value.every((operation) => Array.isArray(operation) && operation.length === 3);
}
