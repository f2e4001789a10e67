/** This version's number. Tested by `tests/bench/store/run_store_test.ts`. */

import manifest from "../../deno.json" with { type: "json" };

/** The version in deno.json. */
export const VERSION: string = manifest.version;
