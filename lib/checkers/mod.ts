/**
 * Checkers: pure functions from a recorded history to a typed result. `historyToJepsen` returns
 * Jepsen's result map.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkHistory, historyToJepsen, parseHistory } from "@charybdis/charybdis/checkers";
 *
 * const text = `
 * {"index":0,"time":0,"process":0,"type":"invoke","f":"echo","value":"hi"}
 * {"index":1,"time":900000,"process":0,"type":"ok","f":"echo","value":{"type":"echo_ok","echo":"ho"}}
 * `;
 * const result = checkHistory("echo", parseHistory(text, { workload: "echo" }));
 * assertEquals(result.valid, false);
 * assertEquals(historyToJepsen(result).workload["errors"], [
 *   ["Expected a message with :echo", "hi", "But received", { type: "echo_ok", echo: "ho" }],
 * ]);
 * ```
 *
 * @module
 */

export * from "./history.ts";
export * from "./result.ts";
export * from "./workloads.ts";
export * from "./operations.ts";
export * from "./parse.ts";
export { type Caveat, type FinalReads, finalReadsOf } from "./caveats.ts";
export * from "./check_history.ts";
export * from "./judgment.ts";
export { type CheckResult, historyToJepsen, type JepsenHistoryResult, toJepsen } from "./jepsen.ts";
export * from "./stats.ts";
export * from "./availability.ts";
export * from "./unhandled_errors.ts";
export * from "./echo.ts";
export * from "./unique_ids.ts";
export * from "./set_full.ts";
export * from "./counter.ts";
export * from "./sequential.ts";
export * from "./sessions.ts";
export * from "./net.ts";
export * from "./linearizable/mod.ts";
export * from "./kafka/mod.ts";
export * from "./elle/mod.ts";
export type { ValueKey } from "./value_key.ts";
