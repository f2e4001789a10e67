/** Chooses the view on which the page opens. Tested by `tests/bench/report/opening_view_test.ts`. */

import type { FindingMark, OpeningView } from "./report_data.ts";

/** Returns the view: of a failed run its first finding, else the whole run. */
export function openingView(
  { marks, beginUs, endUs }: {
    readonly marks: readonly FindingMark[];
    readonly beginUs: number;
    readonly endUs: number;
  },
): OpeningView {
  const [mark] = marks;
  if (mark === undefined) return { from: beginUs, to: endUs, at: beginUs, messages: [], operations: [] };
  const margin = Math.max(5000, (mark.to - mark.from) * 0.25);
  return {
    from: mark.from - margin,
    to: mark.to + margin,
    at: mark.from,
    messages: [],
    operations: mark.operations,
  };
}
