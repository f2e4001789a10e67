/** How many operations succeeded, failed, or ended in doubt: in all, and by name. */

import { type Event, type History, NEMESIS } from "./history.ts";
import { emptyHistoryWarning } from "./operations.ts";
import type { Result } from "./result.ts";

/** Operations that are meant to end in doubt, so that none need succeed (Jepsen's kafka `stats-checker`). */
export const MAY_NEVER_SUCCEED: ReadonlySet<string> = new Set(["crash", "debug-topic-partitions"]);

/** Counts of completions; `valid` says that one was ok. */
export interface Counts extends Result {
  /** Operations that ended. */
  readonly count: number;
  /** Those that succeeded. */
  readonly "ok-count": number;
  /** Those that surely did not happen. */
  readonly "fail-count": number;
  /** Those that are in doubt. */
  readonly "info-count": number;
}

/** The counts of all operations, and of each name. */
export interface StatsResult extends Counts {
  /** The counts of each kind of operation, by its name. */
  readonly "by-f": Readonly<Record<string, Counts>>;
}

interface Tally {
  ok: number;
  fail: number;
  info: number;
}

/**
 * Counts completed client operations. Valid when every kind of operation that completed at all succeeded once
 * (jepsen.checker/stats), except those that cannot (`crash`, `debug-topic-partitions`).
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
 * assertEquals(checkStats(history)["by-f"]["echo"]?.["ok-count"], 1);
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
  const byF: Record<string, Counts> = {};
  let valid = true;
  for (const name of [...byName.keys()].sort()) {
    const tally = byName.get(name);
    if (tally === undefined) continue;
    byF[name] = counts(tally);
    if (tally.ok === 0 && !MAY_NEVER_SUCCEED.has(name)) valid = false;
  }
  const warning = emptyHistoryWarning(history);
  return { ...counts(all), valid, "by-f": byF, ...(warning === null ? {} : { warning }) };
}

function count(tally: Tally, event: Event): void {
  if (event.type === "ok") tally.ok++;
  else if (event.type === "fail") tally.fail++;
  else tally.info++;
}

function counts(tally: Tally): Counts {
  return {
    valid: tally.ok > 0,
    count: tally.ok + tally.fail + tally.info,
    "ok-count": tally.ok,
    "fail-count": tally.fail,
    "info-count": tally.info,
  };
}
