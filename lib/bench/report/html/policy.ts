/**
 * The Content-Security-Policy of pages. Only the bench's own scripts may run, each named by its hash.
 *
 * Tested by `tests/bench/report/serve_test.ts`.
 */

import { createHash } from "node:crypto";

const hashes = new Map<string, string>();

/** Returns the policy of a page with these scripts. `rest` has its additional directives. */
export function policyOf(scripts: readonly string[], rest: string): string {
  const sources = scripts.length === 0 ? "'none'" : scripts.map(hashOf).join(" ");
  return `default-src 'none'; script-src ${sources}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; ${rest}`;
}

function hashOf(script: string): string {
  let hash = hashes.get(script);
  if (hash === undefined) {
    hash = `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
    hashes.set(script, hash);
  }
  return hash;
}
