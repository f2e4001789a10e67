/**
 * Workloads: all that a file needs to put its own question to nodes. A file exports one {@linkcode Workload}, and
 * `charybdis test --workload ./FILE.ts` runs it. The built-in workloads have the same interface.
 *
 * @example A register that must be linearizable
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   anyThread, call, checkModel, type Model, type ModelOperation, natural, optional, REFUSED, rpc, type Workload,
 * } from "@charybdis/charybdis/workload";
 *
 * const set = rpc("set", { description: "Sets the register.", request: { to: natural }, reply: {} });
 * const get = rpc("get", { description: "Gets it.", request: {}, reply: { value: optional(natural) } });
 *
 * const model: Model<number | null, ModelOperation, unknown> = {
 *   initial: () => null,
 *   step: (state, { f, value }, output) =>
 *     f === "set" ? Number(value) : output === undefined || output === state ? state : REFUSED,
 * };
 *
 * export const register: Workload = {
 *   name: "register",
 *   description: "a register that all nodes share",
 *   messages: [set, get],
 *   operations: ["set", "get"],
 *   generator: () =>
 *     anyThread((random) =>
 *       random.chance(0.5) ? { f: "set", value: random.below(5) } : { f: "get", value: null }
 *     ),
 *   client: () => ({
 *     *invoke({ f, value }) {
 *       if (f === "get") return (yield* call(get, {})).value ?? null;
 *       yield* call(set, { to: Number(value) });
 *       return value;
 *     },
 *   }),
 *   judge: (history) => checkModel(history, model),
 * };
 * assertEquals(register.judge([], {}).valid, "unknown");
 * ```
 *
 * @module
 */

export * from "../../checkers/mod.ts";
export { CODE, RpcError } from "../../protocol/errors.ts";
export {
  type Body,
  type Example,
  type Message,
  type MessageSpec,
  type Rpc,
  rpc,
} from "../../protocol/message.ts";
export {
  array,
  boolean,
  double,
  type Fields,
  type Infer,
  type InferFields,
  int64,
  integer,
  isObject,
  type Json,
  json,
  literal,
  natural,
  nullableArray,
  object,
  optional,
  type OptionalKeys,
  record,
  scalar,
  type Schema,
  show,
  string,
  tuple,
  union,
  type WholeNumber,
  wholeNumber,
} from "../../protocol/schema.ts";
export type { Operation as RecordedOperation } from "../../checkers/operations.ts";
export { SeededRandom } from "../../sim/random.ts";
export {
  call,
  type Client,
  type Failure,
  type Generator,
  type GeneratorContext,
  type Operation,
  PROGRESS_TIMEOUT_MS,
  recordEverythingIndeterminate,
  recordFailure,
  type Reply,
  type Request,
  type RequestSequence,
  type Sent,
  type ThreadOperation,
  type Wait,
} from "./operations.ts";
export { type MicroOperation, randomTransactions, type TransactionShape } from "./txn_generator.ts";
export {
  anyThread,
  type ClientContext,
  type ConvergenceCheck,
  type DocumentedMessage,
  eachThread,
  type Key,
  type ProgressCheck,
  type Workload,
  type WorkloadOptions,
} from "./workload.ts";
export { type Invariant, type Step, type WatchedValues } from "./invariant.ts";
