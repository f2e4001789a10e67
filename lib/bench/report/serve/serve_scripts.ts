/** The scripts and the policy of the pages of `serve`. Tested by `tests/bench/report/browser_test.ts`. */

import { uplotScript } from "../html/vendor.ts";
import { reportScripts } from "../html/report_scripts.ts";
import * as livePage from "../browser/live_page.ts";
import * as start from "../browser/start.ts";
import * as theme from "../browser/theme.ts";
import * as trendsPage from "../browser/trends_page.ts";
import { scriptOf } from "../html/browser_bundle.ts";
import { policyOf } from "../html/policy.ts";

/** Id of the element that holds a page's data. */
export const DATA_ID = "page-data";
const READ_DATA = `JSON.parse(document.getElementById("${DATA_ID}").textContent)`;

/** Returns the scripts of the trends page. Its data are the plots. */
export function trendsScripts(): readonly string[] {
  return [uplotScript(), scriptOf([theme, start, trendsPage], `drawTrends(${READ_DATA}, uPlot);`)];
}

/** Returns the scripts of the page of a run in progress. Its data is the address of the run's events. */
export function liveScripts(): readonly string[] {
  return [uplotScript(), scriptOf([theme, start, livePage], `followRun(${READ_DATA}, uPlot);`)];
}

/** Returns the policy of the pages of `serve`: they may run the bench's scripts and send requests to this server. */
export function servePolicy(): string {
  const scripts = new Set([...trendsScripts(), ...liveScripts(), ...reportScripts()]);
  return policyOf([...scripts], "connect-src 'self'; frame-src 'self'; form-action 'self'");
}
