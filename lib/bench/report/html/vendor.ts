/** Third-party code for pages, as text. Tested by `tests/bench/report/browser_test.ts`. */

// This import includes the file in a compiled executable, where the code below reads it.
import "uplot/iife";
import { safeInScript } from "./browser_bundle.ts";

let plotScript: string | undefined;

/** Returns uPlot as a script for pages. */
export function uplotScript(): string {
  return plotScript ??= safeInScript(Deno.readTextFileSync(new URL(import.meta.resolve("uplot/iife"))));
}
