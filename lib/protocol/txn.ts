/** Workloads txn-list-append and txn-rw-register: a transaction is a list of micro-operations, done together. */

import { rpc } from "./message.ts";
import { array, json, literal, scalar, tuple, union } from "./schema.ts";

const read = tuple(literal("r"), scalar, json);

/** A transaction over lists: `["r", key, null]` and `["append", key, element]`; the reply has each read filled in. */
export const listAppend = rpc("txn", {
  about:
    'Runs micro-operations ["r", key, null] and ["append", key, element] together; the reply has the reads filled in.',
  request: { txn: array(union(read, tuple(literal("append"), scalar, json))) },
  reply: { txn: array(union(read, tuple(literal("append"), scalar, json))) },
});

/** A transaction over registers: `["r", key, null]` and `["w", key, value]`; the reply has each read filled in. */
export const rwRegister = rpc("txn", {
  about:
    'Runs micro-operations ["r", key, null] and ["w", key, value] together; the reply has the reads filled in.',
  request: { txn: array(union(read, tuple(literal("w"), scalar, json))) },
  reply: { txn: array(union(read, tuple(literal("w"), scalar, json))) },
});
