/** Finds the intervals in which nothing happens. Tested by `tests/bench/report/opening_test.ts`. */

import type { FaultBand, MessageColumns, OperationColumns, TimeInterval } from "./report_data.ts";

/** The minimum length of an idle interval, in µs. */
const IDLE_US_MIN = 250_000;
/** The minimum length of an idle interval, as a fraction of the run. A page gains nothing from hiding less. */
const IDLE_PART_MIN = 0.02;

/**
 * Returns the intervals in which no operation runs, no message is sent or in flight, and no fault starts or stops, in order
 * of time. An operation without a reply, and a message that never arrives, count only at their starts.
 */
export function idleIntervals(
  { operations, messages, faults }: {
    readonly operations: Pick<OperationColumns, "begin" | "end">;
    readonly messages: Pick<MessageColumns, "sent" | "resolved"> | null;
    readonly faults: readonly Pick<FaultBand, "from" | "to">[];
  },
  { beginUs, endUs }: { readonly beginUs: number; readonly endUs: number },
): TimeInterval[] {
  const busy: TimeInterval[] = [];
  const add = (from: number, to: number) => busy.push({ from, to: Math.max(from, to) });
  operations.begin.forEach((begin, row) => add(begin, operations.end[row] ?? -1));
  messages?.sent.forEach((sent, row) => add(sent, messages.resolved[row] ?? -1));
  for (const { from, to } of faults) add(from, from), add(to, to);
  busy.sort((a, b) => a.from - b.from);
  const lengthMin = Math.max(IDLE_US_MIN, (endUs - beginUs) * IDLE_PART_MIN);
  const idle: TimeInterval[] = [];
  let until = beginUs;
  const close = (from: number) => {
    if (from - until >= lengthMin) idle.push({ from: until, to: from });
  };
  for (const { from, to } of busy) {
    close(from);
    until = Math.max(until, to);
  }
  close(endUs);
  return idle;
}
