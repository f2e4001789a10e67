/**
 * Workloads txn-list-append and txn-rw-register: a transaction is a list of micro-operations, done together.
 *
 * Tested by `tests/protocol/message_test.ts`.
 */

import { type Rpc, rpc } from "./message.ts";
import { array, type Json, json, literal, nullableArray, scalar, tuple, union } from "./schema.ts";

/** A micro-operation: a read of a key (null in a request, what was read in a reply), or a change of one. */
export type MicroOperation<W extends string> =
  | readonly ["r", key: string | number | boolean, value: Json]
  | readonly [W, key: string | number | boolean, value: Json];

/** The micro-operations of a request. */
export interface Transaction<W extends string> {
  /** The micro-operations, in their order. */
  readonly txn: readonly MicroOperation<W>[];
}

/** A micro-operation of a reply, whose keys Maelstrom does not restrict. */
export type AnsweredOperation<W extends string> =
  | readonly ["r", key: Json, value: Json]
  | readonly [W, key: Json, value: Json];

/** The micro-operations of a reply. */
export interface AnsweredTransaction<W extends string> {
  /** The micro-operations with every read filled in; null means none. */
  readonly txn: readonly AnsweredOperation<W>[] | null;
}

const read = tuple(literal("r"), scalar, json);

/** A transaction over lists: `["r", key, null]` and `["append", key, element]`; the reply has each read filled in. */
export const listAppend: Rpc<Transaction<"append">, AnsweredTransaction<"append">> = rpc("txn", {
  description:
    'Runs micro-operations ["r", key, null] and ["append", key, element] together; the reply has the reads filled in.',
  request: { txn: array(union(read, tuple(literal("append"), scalar, json))) },
  reply: {
    txn: nullableArray(
      union(tuple(literal("r"), json, nullableArray(json)), tuple(literal("append"), json, json)),
    ),
  },
  example: {
    request: { txn: [["r", 1, null], ["append", 1, 6], ["append", 2, 9]] },
    reply: { txn: [["r", 1, [8]], ["append", 1, 6], ["append", 2, 9]] },
  },
});

/** A transaction over registers: `["r", key, null]` and `["w", key, value]`; the reply has each read filled in. */
export const rwRegister: Rpc<Transaction<"w">, AnsweredTransaction<"w">> = rpc("txn", {
  description:
    'Runs micro-operations ["r", key, null] and ["w", key, value] together; the reply has the reads filled in.',
  request: { txn: array(union(read, tuple(literal("w"), scalar, json))) },
  reply: { txn: nullableArray(union(tuple(literal("r"), json, json), tuple(literal("w"), json, json))) },
  example: {
    request: { txn: [["r", 1, null], ["w", 1, 6], ["w", 2, 9]] },
    reply: { txn: [["r", 1, 3], ["w", 1, 6], ["w", 2, 9]] },
  },
});
