/**
 * Maelstrom's protocol: lines, envelopes, errors, and one module per workload, which declares each message once.
 *
 * @example A handler whose body and reply are typed and checked
 * ```ts
 * import { type Node, serve } from "@charybdis/charybdis";
 * import { kafka } from "@charybdis/charybdis/protocol";
 *
 * function log(node: Node): void {
 *   const messages: unknown[] = [];
 *   node.on(kafka.send, ({ msg }) => ({ offset: messages.push(msg) - 1 }));
 * }
 *
 * if (import.meta.main) await serve(log);
 * ```
 *
 * @module
 */

export * from "./canonical_json.ts";
export * from "./encoded.ts";
export * from "./errors.ts";
export * from "./deep_json.ts";
export * from "./exact_json.ts";
export * from "./init.ts";
export * from "./lines.ts";
export * from "./message.ts";
export * from "./schema.ts";
/** Workload broadcast: `topology`, `broadcast`, `read`. */
export * as broadcast from "./broadcast.ts";
/** Workloads g-counter and pn-counter: `add`, `read`. */
export * as counter from "./counter.ts";
/** Workload echo: `echo`. */
export * as echo from "./echo.ts";
/** Workload g-set: `add`, `read`. */
export * as gSet from "./g_set.ts";
/** Workload kafka: `send`, `poll`, `commitOffsets`, `listCommittedOffsets`. */
export * as kafka from "./kafka.ts";
/** Workload lin-kv and the services of its kind: `read`, `write`, `cas`; and `ts` of lin-tso. */
export * as kv from "./kv.ts";
/** Changes of the membership: `leave`, `join`. */
export * as membership from "./membership.ts";
/** Workloads txn-list-append and txn-rw-register: `listAppend`, `rwRegister`. */
export * as txn from "./txn.ts";
/** Workload unique-ids: `generate`. */
export * as uniqueIds from "./unique_ids.ts";
