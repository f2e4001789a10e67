/**
 * The Content-Security-Policy of pages. Only the bench's own scripts may run, each named by its hash.
 *
 * Tested by `tests/bench/report/serve_test.ts`.
 */

import { createHash } from "node:crypto";
import { raw, type View } from "./elements.ts";

const hashes = new Map<string, string>();

/** Returns the policy of a page with these scripts. `rest` has its additional directives. */
export function policyOf(scripts: readonly string[], rest: string): string {
  const sources = scripts.length === 0 ? "'none'" : scripts.map(hashOf).join(" ");
  return `default-src 'none'; script-src ${sources}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; ${rest}`;
}

/** Returns a page's scripts as elements. */
export function scriptViews(scripts: readonly string[]): View[] {
  return scripts.map((script) => raw("script", {}, script));
}

/** Returns data for a page's script, as an inert element. The script reads it by its id. */
export function dataView(id: string, data: unknown): View {
  return raw("script", { type: "text/plain", id }, JSON.stringify(data).replaceAll("<", "\\u003c"));
}

function hashOf(script: string): string {
  let hash = hashes.get(script);
  if (hash === undefined) {
    hash = `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
    hashes.set(script, hash);
  }
  return hash;
}
