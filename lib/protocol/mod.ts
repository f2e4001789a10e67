/**
 * Maelstrom's protocol: lines, envelopes, errors, and a module a workload in which each message is declared once.
 *
 * @module
 */

export * from "./errors.ts";
export * from "./init.ts";
export * from "./lines.ts";
export * from "./message.ts";
export * from "./schema.ts";
export * as broadcast from "./broadcast.ts";
export * as counter from "./counter.ts";
export * as echo from "./echo.ts";
export * as gSet from "./g_set.ts";
export * as kafka from "./kafka.ts";
export * as kv from "./kv.ts";
export * as txn from "./txn.ts";
export * as uniqueIds from "./unique_ids.ts";
