/** A run's report: one self-contained page. Tested by `tests/bench/report/findings_test.ts`. */

import type { RunRecord } from "../store/run_record.ts";
import { reportPolicy, reportScripts } from "./html/report_scripts.ts";
import { runPage } from "./run_page.ts";

/** Returns the report of a run. */
export function makeReport(run: RunRecord): Promise<string> {
  return runPage(run, { policy: reportPolicy(), scripts: reportScripts() });
}
