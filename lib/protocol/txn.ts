/** Workloads txn-list-append and txn-rw-register: a transaction is a list of micro-operations, done together. */

import { type Rpc, rpc } from "./message.ts";
import { array, type Json, json, literal, scalar, tuple, union } from "./schema.ts";

/** A micro-operation: a read of a key (null in a request, what was read in a reply), or a change of one. */
export type MicroOperation<W extends string> =
  | readonly ["r", key: string | number | boolean, value: Json]
  | readonly [W, key: string | number | boolean, value: Json];

/** What both a request and its reply hold. */
export interface Transaction<W extends string> {
  /** The micro-operations, in their order. */
  readonly txn: readonly MicroOperation<W>[];
}

const read = tuple(literal("r"), scalar, json);

/** A transaction over lists: `["r", key, null]` and `["append", key, element]`; the reply has each read filled in. */
export const listAppend: Rpc<Transaction<"append">, Transaction<"append">> = rpc("txn", {
  about:
    'Runs micro-operations ["r", key, null] and ["append", key, element] together; the reply has the reads filled in.',
  request: { txn: array(union(read, tuple(literal("append"), scalar, json))) },
  reply: { txn: array(union(read, tuple(literal("append"), scalar, json))) },
});

/** A transaction over registers: `["r", key, null]` and `["w", key, value]`; the reply has each read filled in. */
export const rwRegister: Rpc<Transaction<"w">, Transaction<"w">> = rpc("txn", {
  about:
    'Runs micro-operations ["r", key, null] and ["w", key, value] together; the reply has the reads filled in.',
  request: { txn: array(union(read, tuple(literal("w"), scalar, json))) },
  reply: { txn: array(union(read, tuple(literal("w"), scalar, json))) },
});
