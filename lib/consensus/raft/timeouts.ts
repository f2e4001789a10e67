/**
 * How long a node waits for others, given how far away they are: an election time-out well above the time in which a message
 * goes and is answered is what §3.9 asks for, and nobody knows beforehand how long that is. Loyalty and leases, which safety
 * rests on, keep to the time-out that is set, the same at all nodes.
 */

import type { Core } from "./core.ts";

/** An election time-out is so many round trips at least: votes come in one, a new leader's word in another half. */
const TIMEOUT_ROUND_TRIPS = 3;
/** What has not been answered in so many is sent again. */
const RETRY_ROUND_TRIPS = 1.5;
/** So many round trips are remembered… */
const SAMPLES = 8;
/**
 * …and as many of them are shorter than the one that counts: not most of them are to be, since answers that waited while this
 * node, or one of the others, stood still or was slow all by itself say nothing of the way.
 */
const SHORTER = 2;

/** Takes note that something that was sent at `since`, by this node's clock, was answered now. */
export function noteRoundTrip(core: Core, since: number): void {
  if (since > core.now) return; // by a former incarnation's clock
  core.roundTrips.push(core.now - since);
  if (core.roundTrips.length > SAMPLES) core.roundTrips.shift();
  const sorted = [...core.roundTrips].sort((a, b) => a - b);
  core.roundTripMs = sorted[Math.min(SHORTER, Math.floor(sorted.length / 2))] ?? 0;
}

/** The least time to wait for a leader, for votes, or for a majority's answers. */
export function timeoutMs(core: Core): number {
  return Math.max(core.config.electionTimeoutMs, TIMEOUT_ROUND_TRIPS * core.roundTripMs);
}

/** How long to wait before what was not answered is sent again. */
export function retryMs(core: Core): number {
  return Math.max(core.config.retryMs, RETRY_ROUND_TRIPS * core.roundTripMs);
}
