/** Which part of the requests succeeded, and whether that was enough. */

import { shortestFloat32 } from "./float32.ts";
import type { History } from "./history.ts";
import { emptyHistoryWarning } from "./operations.ts";
import type { Result } from "./result.ts";

/** `total`: every request must succeed; a number from 0 to 1: at least that part; `null`: whatever comes. */
export type Availability = "total" | number | null;

/** The part of the requests that succeeded, from 0 to 1. */
export interface AvailabilityResult extends Result {
  /** The part, from 0 to 1. */
  readonly "ok-fraction": number;
}

/**
 * Compares acknowledged with invoked operations. The fraction is a single-precision float, as in Maelstrom, and so is
 * compared as one: exactly nine tenths do not meet a demand of 0.9, because 0.9 as a single lies below 0.9 as a double.
 * With no request at all the fraction is 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkAvailability, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "read", value: null },
 *   { index: 1, time: 1000000, process: 0, type: "fail", f: "read", value: null },
 * ];
 * const result = checkAvailability(history, { availability: "total" });
 * assertEquals([result.valid, result["ok-fraction"]], [false, 0]);
 * ```
 */
export function checkAvailability(
  history: History,
  options: { readonly availability?: Availability } = {},
): AvailabilityResult {
  let ok = 0;
  let invoked = 0;
  for (const event of history) {
    if (event.type === "ok") ok++;
    else if (event.type === "invoke") invoked++;
  }
  const fraction = invoked === 0 ? 1 : Math.fround(ok / invoked);
  const wanted = options.availability ?? null;
  let valid = true;
  if (wanted === "total") valid = fraction === 1;
  else if (wanted !== null) valid = wanted <= fraction;
  const warning = emptyHistoryWarning(history);
  return {
    valid,
    "ok-fraction": shortestFloat32(fraction),
    ...(invoked > 0 || warning === null ? {} : { warning }),
  };
}
