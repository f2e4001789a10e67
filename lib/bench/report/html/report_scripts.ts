/** The scripts of a report and their policy. Tested by `tests/bench/report/page_script_test.ts`. */

import { REPORT_MODULES, scriptOf } from "./browser_bundle.ts";
import { policyOf } from "./policy.ts";
import { uplotScript } from "./vendor.ts";

/** Returns the scripts of a report. */
export function reportScripts(): readonly string[] {
  return [
    uplotScript(),
    scriptOf(REPORT_MODULES, 'startReport(typeof uPlot === "function" ? uPlot : undefined);'),
  ];
}

/** Returns the policy of a report: it may run its own scripts and load nothing. */
export function reportPolicy(): string {
  return policyOf(reportScripts(), "form-action 'none'");
}
