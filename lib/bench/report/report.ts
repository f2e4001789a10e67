/** A run's report: one self-contained page. Tested by `tests/bench/report/findings_test.ts`. */

import type { RunRecord } from "../store/run_record.ts";
import { reportPolicy, reportScripts } from "./html/report_scripts.ts";
import { reportData, runPage } from "./run_page.ts";

/** Returns the report of a run. `made` are its data, if they have been made. */
export function makeReport(run: RunRecord, made = reportData(run)): Promise<string> {
  return runPage(run, { policy: reportPolicy(), scripts: reportScripts() }, made);
}
