/** Reasons for which a verdict proves less than it says: nothing was checked, nothing was read at the end, or nothing succeeded. */

import type { Event, History } from "./history.ts";
import { NEMESIS } from "./history.ts";
import { emptyHistoryWarning, pairOperations } from "./operations.ts";
import { checkStats, MAY_NEVER_SUCCEED } from "./stats.ts";
import type { WorkloadName } from "./workloads.ts";

/** A reason for which a verdict proves less than it says. */
export interface Caveat {
  /** `nothing-checked` stands alone; a history may have several of the others. `ended-early` is no checker's. */
  readonly kind: "nothing-checked" | "no-final-reads" | "never-succeeded" | "ended-early";
  /** One sentence about it. */
  readonly text: string;
}

/** The workloads that are judged by reads after the last write, with the names of both. */
const FINAL_READS: Partial<
  Readonly<
    Record<WorkloadName, { readonly write: string; readonly read: string; readonly isFlagged: boolean }>
  >
> = {
  "broadcast": { write: "broadcast", read: "read", isFlagged: false },
  "g-set": { write: "add", read: "read", isFlagged: false },
  // Counters are judged by reads that are marked as final, and by no others.
  "g-counter": { write: "add", read: "read", isFlagged: true },
  "pn-counter": { write: "add", read: "read", isFlagged: true },
  "kafka": { write: "send", read: "poll", isFlagged: false },
};

/** Returns the caveats of a history's verdict; empty when something was proven. */
export function caveatsOf(workload: WorkloadName, history: History): readonly Caveat[] {
  const nothing = emptyHistoryWarning(history);
  if (nothing !== null) return [{ kind: "nothing-checked", text: nothing }];
  const caveats: Caveat[] = [];
  const never = Object.entries(checkStats(history).byFunction).filter(([f, { okCount: ok }]) =>
    ok === 0 && !MAY_NEVER_SUCCEED.has(f)
  );
  for (const [f, { count }] of never) {
    caveats.push({
      kind: "never-succeeded",
      text: `No ${f} succeeded, of ${count}: nothing is proven of it.`,
    });
  }
  const asked = FINAL_READS[workload];
  if (asked !== undefined && !hasFinalRead(history, asked)) {
    const { write, read } = asked;
    const text = `No ${read} succeeded after the last ${write}: what was lost may not have been noticed.`;
    caveats.push({ kind: "no-final-reads", text });
  }
  return caveats;
}

/** Returns true if nothing was written, or if a read that began after the last write succeeded. */
function hasFinalRead(
  history: History,
  { write, read, isFlagged }: { readonly write: string; readonly read: string; readonly isFlagged: boolean },
): boolean {
  const begins = (event: Event, f: string) =>
    event.type === "invoke" && event.process !== NEMESIS && event.f === f;
  const lastWrite = history.findLastIndex((event) => begins(event, write));
  if (lastWrite < 0) return true;
  const after = new Set<Event>(history.slice(lastWrite));
  return pairOperations(history).some(({ invoke, completion }) =>
    completion?.type === "ok" && invoke.f === read &&
    (isFlagged ? invoke.final === true || completion.final === true : after.has(invoke))
  );
}
