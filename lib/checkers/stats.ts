/** Counts of operations that succeeded, failed, or are indeterminate. Tested by `tests/checkers/recorded_test.ts`. */

import { type Event, type History, NEMESIS } from "./history.ts";
import { emptyHistoryWarning } from "./operations.ts";

/** Operations that need not succeed, because their clients crash on purpose (Jepsen's kafka `stats-checker`). */
export const MAY_NEVER_SUCCEED: ReadonlySet<string> = new Set(["crash", "debug-topic-partitions"]);

/** The completions of some operations, by type. */
export interface OperationCounts {
  /** True if one of the operations succeeded. */
  readonly valid: boolean;
  /** The number of completed operations. */
  readonly count: number;
  /** The number of operations that succeeded. */
  readonly okCount: number;
  /** The number of operations that failed, and so did not happen. */
  readonly failCount: number;
  /** The number of indeterminate operations. */
  readonly infoCount: number;
}

/** The result of {@linkcode checkStats}: the counts of all operations. */
export interface StatsResult extends OperationCounts {
  /** The checker. */
  readonly kind: "stats";
  /** True if operations of every name succeeded. */
  readonly valid: boolean;
  /** The counts by the name of the operation, sorted. */
  readonly byFunction: Readonly<Record<string, OperationCounts>>;
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

interface Tally {
  ok: number;
  fail: number;
  info: number;
}

/**
 * Counts the completed operations of clients, as Jepsen's `checker/stats` does.
 *
 * The result is valid if operations of every name succeeded at least once. `crash` and `debug-topic-partitions` need not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkStats, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "echo", value: "hi" },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "echo", value: { type: "echo_ok", echo: "hi" } },
 * ];
 * assertEquals(checkStats(history).byFunction["echo"]?.okCount, 1);
 * ```
 */
export function checkStats(history: History): StatsResult {
  const all: Tally = { ok: 0, fail: 0, info: 0 };
  const byName = new Map<string, Tally>();
  for (const event of history) {
    if (event.type === "invoke" || event.process === NEMESIS) continue;
    count(all, event);
    let tally = byName.get(event.f);
    if (tally === undefined) byName.set(event.f, tally = { ok: 0, fail: 0, info: 0 });
    count(tally, event);
  }
  const byFunction: Record<string, OperationCounts> = {};
  let valid = true;
  for (const name of [...byName.keys()].sort()) {
    const tally = byName.get(name);
    if (tally === undefined) continue;
    byFunction[name] = counts(tally);
    if (tally.ok === 0 && !MAY_NEVER_SUCCEED.has(name)) valid = false;
  }
  return { kind: "stats", ...counts(all), valid, byFunction, warning: emptyHistoryWarning(history) };
}

function count(tally: Tally, event: Event): void {
  if (event.type === "ok") tally.ok++;
  else if (event.type === "fail") tally.fail++;
  else tally.info++;
}

function counts(tally: Tally): OperationCounts {
  return {
    valid: tally.ok > 0,
    count: tally.ok + tally.fail + tally.info,
    okCount: tally.ok,
    failCount: tally.fail,
    infoCount: tally.info,
  };
}
