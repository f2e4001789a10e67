/**
 * Availability: the fraction of requests that succeeded, and the demand on it.
 *
 * Tested by `tests/checkers/recorded_test.ts`.
 */

import { shortestFloat32 } from "./float32.ts";
import type { History } from "./history.ts";
import { emptyHistoryWarning } from "./operations.ts";

/**
 * The demand on the fraction of requests that succeed. `"total"`: all must; a number: at least this fraction, from 0 to 1;
 * `null`: no demand.
 */
export type Availability = "total" | number | null;

/** The result of {@linkcode checkAvailability}. */
export interface AvailabilityResult {
  /** The checker. */
  readonly kind: "availability";
  /** True if the demand is met. */
  readonly valid: boolean;
  /** The fraction of requests that succeeded, from 0 to 1. */
  readonly okFraction: number;
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

/**
 * Compares the number of acknowledged operations with the number of invoked ones.
 *
 * The fraction is a single-precision float, as in Maelstrom, and is compared as one. So 90 of 100 requests do not meet a
 * demand of 0.9, because 0.9 as a single is less than 0.9 as a double. Without any request the fraction is 1.
 *
 * @param options.availability the demand
 * @default {null}
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
 * const { valid, okFraction } = checkAvailability(history, { availability: "total" });
 * assertEquals([valid, okFraction], [false, 0]);
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
  return {
    kind: "availability",
    valid,
    okFraction: shortestFloat32(fraction),
    warning: invoked > 0 ? null : emptyHistoryWarning(history),
  };
}
