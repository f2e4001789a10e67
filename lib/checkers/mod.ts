/**
 * Checkers: what a recorded history proves. Each is a pure function from a history to a result in Jepsen's form, its keys
 * without the question mark.
 *
 * @example
 * ```ts
 * import { checkHistory, parseHistory } from "@charybdis/charybdis/checkers";
 *
 * const history = parseHistory(await Deno.readTextFile("history.jsonl"), { workload: "broadcast" });
 * const { valid, workload } = checkHistory("broadcast", history);
 * ```
 *
 * @module
 */

export * from "./history.ts";
export * from "./result.ts";
export * from "./workloads.ts";
export * from "./operations.ts";
export * from "./parse.ts";
export * from "./compose.ts";
export * from "./stats.ts";
export * from "./availability.ts";
export * from "./exceptions.ts";
export * from "./echo.ts";
export * from "./unique_ids.ts";
export * from "./set_full.ts";
export * from "./counter.ts";
export * from "./net.ts";
export * from "./linearizable/mod.ts";
export * from "./kafka/mod.ts";
export * from "./elle/mod.ts";
export type { ValueKey } from "./value_key.ts";
