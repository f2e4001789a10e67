/**
 * The consensus engines, each with the node that runs it and the operations on that node.
 *
 * Tested by `tests/bench/tradeoff/consensus/run_test.ts`.
 */

import { checkerOf } from "../../../checkers/check_history.ts";
import type { History } from "../../../checkers/history.ts";
import type { Validity } from "../../../checkers/result.ts";
import { read, write } from "../../../protocol/kv.ts";
import { CODE } from "../../../protocol/errors.ts";
import { listAppend } from "../../../protocol/txn.ts";
import type { Body } from "../../../protocol/message.ts";
import type { Json } from "../../../protocol/schema.ts";
import type { NodeProgram } from "../../cluster/program.ts";
import { loadProgram } from "../../cluster/builtin_nodes.ts";
import { CLIENT_TIMEOUT_MS } from "./load.ts";

/** An operation on one key. Each write has a value of its own. */
export type KeyOperation =
  | { readonly f: "write"; readonly key: string; readonly value: number }
  | { readonly f: "read"; readonly key: string };

/** The operations of a workload: how they travel, and how the history names them. */
export interface KeyWorkload {
  /** Returns the body of a request, without its id. */
  readonly request: (operation: KeyOperation) => Body;
  /** Returns the name and the value of an operation in the history. */
  readonly invocation: (operation: KeyOperation) => { readonly f: string; readonly value: Json };
  /** Returns the value of a reply in the history; undefined if the reply is an error. */
  readonly completion: (operation: KeyOperation, reply: Readonly<Record<string, unknown>>) => unknown;
  /** Judges a history. */
  readonly judge: (history: History) => Validity;
}

/** A consensus engine. */
export interface MeasuredEngine {
  readonly title: string;
  /** Returns the program of a node. */
  readonly program: () => Promise<NodeProgram>;
  readonly workload: KeyWorkload;
}

/** The value of a key that a read did not find. Reads are only sent for keys with an acknowledged write. */
const ABSENT = "absent";

const keyValueStore: KeyWorkload = {
  request: (operation) =>
    operation.f === "write"
      ? { type: write.type, key: operation.key, value: operation.value }
      : { type: read.type, key: operation.key },
  invocation: (operation) => ({
    f: operation.f,
    value: [operation.key, operation.f === "write" ? operation.value : null],
  }),
  completion: (operation, { type, code, value }) => {
    if (type === "error") return code === CODE.keyDoesNotExist ? [operation.key, ABSENT] : undefined;
    return [operation.key, operation.f === "write" ? operation.value : value];
  },
  judge: (history) => checkerOf("lin-kv")(history, {}).valid,
};

/** Lists by key: a transaction of a single operation appends to a list, or reads it. */
const lists: KeyWorkload = {
  request: (operation) => ({ type: listAppend.type, txn: [microOperation(operation)] }),
  invocation: (operation) => ({ f: listAppend.type, value: [microOperation(operation)] }),
  completion: (_, { type, txn }) => type === "error" ? undefined : txn,
  judge: (history) => checkerOf("txn-list-append")(history, {}).valid,
};

function microOperation(operation: KeyOperation): [string, string, number | null] {
  return operation.f === "write" ? ["append", operation.key, operation.value] : ["r", operation.key, null];
}

const node = (workload: string, engine: string) =>
  loadProgram({ workload, args: ["--consensus", engine, "--request-timeout-ms", `${CLIENT_TIMEOUT_MS}`] });

/** The engines, by name. */
export const ENGINES = {
  raft: { title: "Raft", program: () => node("lin-kv", "raft"), workload: keyValueStore },
  epaxos: { title: "EPaxos", program: () => node("lin-kv", "epaxos"), workload: keyValueStore },
  accord: { title: "Accord", program: () => node("txn-list-append", "accord"), workload: lists },
} as const satisfies Readonly<Record<string, MeasuredEngine>>;

/** The name of an engine. */
export type EngineName = keyof typeof ENGINES;

/** The names of all engines. */
export const ENGINE_NAMES: readonly EngineName[] = ["raft", "epaxos", "accord"];

/** Returns an engine. */
export function engineOf(name: EngineName): MeasuredEngine {
  return ENGINES[name];
}
