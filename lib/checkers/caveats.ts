/** Reasons for which a verdict proves less than it says: nothing was checked, nothing was read at the end, or nothing succeeded. */

import { valueAt } from "./columns.ts";
import type { Event, History } from "./history.ts";
import { NEMESIS } from "./history.ts";
import { emptyHistoryWarning, pairPositions } from "./operations.ts";
import { checkStats, MAY_NEVER_SUCCEED } from "./stats.ts";
import type { WorkloadName } from "./workloads.ts";

/** A reason for which a verdict proves less than it says. */
export interface Caveat {
  /**
   * `nothing-checked` occurs alone; a history may have several of the others. No checker sets `ended-early` or
   * `check-limit`.
   */
  readonly kind: "nothing-checked" | "no-final-reads" | "never-succeeded" | "ended-early" | "check-limit";
  /** The reason as a sentence. */
  readonly text: string;
}

/** The operations of a workload whose verdict needs reads after the last write. */
export interface FinalReads {
  /** The operation that writes. */
  readonly write: string;
  /** The operation that reads. */
  readonly read: string;
  /** True if only reads that are marked as final count. */
  readonly isFlagged: boolean;
}

const FINAL_READS: Partial<Readonly<Record<WorkloadName, FinalReads>>> = {
  "broadcast": { write: "broadcast", read: "read", isFlagged: false },
  "g-set": { write: "add", read: "read", isFlagged: false },
  // Counters are judged only by reads that are marked as final.
  "g-counter": { write: "add", read: "read", isFlagged: true },
  "pn-counter": { write: "add", read: "read", isFlagged: true },
  "kafka": { write: "send", read: "poll", isFlagged: false },
};

/**
 * Returns the operations of a workload whose verdict needs reads after the last write; undefined if it needs none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { finalReadsOf } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(finalReadsOf("g-set")?.read, "read");
 * ```
 */
export function finalReadsOf(workload: WorkloadName): FinalReads | undefined {
  return FINAL_READS[workload];
}

/** Returns the caveats of the verdict on a history; none if it proves what it says. */
export function caveatsOf(finalReads: FinalReads | undefined, history: History): readonly Caveat[] {
  const nothing = emptyHistoryWarning(history);
  if (nothing !== null) return [{ kind: "nothing-checked", text: nothing }];
  const caveats: Caveat[] = [];
  const never = Object.entries(checkStats(history).byFunction).filter(([f, { okCount: ok }]) =>
    ok === 0 && !MAY_NEVER_SUCCEED.has(f)
  );
  for (const [f, { count }] of never) {
    caveats.push({
      kind: "never-succeeded",
      text: `No ${f} succeeded, of ${count}: nothing is proven about it.`,
    });
  }
  if (finalReads !== undefined && !hasFinalRead(history, finalReads)) {
    const { write, read } = finalReads;
    const text = `No ${read} succeeded after the last ${write}: lost values may go unnoticed.`;
    caveats.push({ kind: "no-final-reads", text });
  }
  return caveats;
}

/** Returns true if nothing was written, or if a read that began after the last write succeeded. */
function hasFinalRead(history: History, { write, read, isFlagged }: FinalReads): boolean {
  const begins = (event: Event, f: string) =>
    event.type === "invoke" && event.process !== NEMESIS && event.f === f;
  const lastWrite = history.findLastIndex((event) => begins(event, write));
  if (lastWrite < 0) return true;
  const partners = pairPositions(history);
  return history.some((completion, position) => {
    if (completion.type !== "ok") return false;
    const invoked = valueAt(partners, position);
    const invoke = history[invoked];
    return invoke?.f === read &&
      (isFlagged ? invoke.final === true || completion.final === true : invoked > lastWrite);
  });
}
