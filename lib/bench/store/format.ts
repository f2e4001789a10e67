/** The format of the store's files. Tested by `tests/bench/store/run_store_test.ts`. */

import type { Event } from "../../checkers/history.ts";
import { resultText } from "../../checkers/parse.ts";
import { VERSION } from "../version.ts";

/** The version of the store's format. Increment it when this version cannot read older files. */
export const STORE_FORMAT = 2;

/** Returns the common header of every test.json. */
export function fileHead(): { readonly format: number; readonly charybdis: string } {
  return { format: STORE_FORMAT, charybdis: VERSION };
}

/** Returns an event as a line of history.jsonl. */
export function eventLine(event: Event): string {
  return resultText(event);
}
