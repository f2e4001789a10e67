/**
 * Timeouts that adapt to the measured round-trip time. §3.9 asks for an election timeout well above the time of a message and its
 * reply, which is not known in advance. Leader stickiness and leases, on which safety depends, use the configured timeout instead,
 * which is the same on all nodes.
 */

/** The minimum election timeout in round trips: votes take one, and the new leader's first message another half. */
const ELECTION_ROUND_TRIPS = 3;
/** The time in round trips after which an unanswered message is sent again. */
const RETRY_ROUND_TRIPS = 1.5;
/** The number of round trips that are remembered. */
const SAMPLES_MAX = 8;
/**
 * The index, in sorted order, of the sample that counts. It is the third-smallest and not the median, because samples that a stalled
 * process inflated say nothing about the network.
 */
const RTT_SAMPLE_INDEX = 2;

/** Measures round trips and derives timeouts from them. Times are in ms. */
export class Timeouts {
  readonly #electionMsMin: number;
  readonly #retryMsMin: number;
  readonly #samples: number[] = []; // the latest last
  #roundTripMs = 0;

  constructor(config: { readonly electionTimeoutMs: number; readonly retryMs: number }) {
    this.#electionMsMin = config.electionTimeoutMs;
    this.#retryMsMin = config.retryMs;
  }

  /** The minimum time to wait for a leader, for votes, or for the replies of a majority. */
  get electionMs(): number {
    return Math.max(this.#electionMsMin, ELECTION_ROUND_TRIPS * this.#roundTripMs);
  }

  /** The time after which an unanswered message is sent again. */
  get retryMs(): number {
    return Math.max(this.#retryMsMin, RETRY_ROUND_TRIPS * this.#roundTripMs);
  }

  /** Records that a message sent at `sentAt` is answered at `now`, both by this node's clock. */
  recordRoundTrip(sentAt: number, now: number): void {
    if (sentAt > now) return; // from the clock of a previous incarnation
    this.#samples.push(now - sentAt);
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
    const sorted = [...this.#samples].sort((a, b) => a - b);
    const index = Math.min(RTT_SAMPLE_INDEX, Math.floor(sorted.length / 2));
    this.#roundTripMs = sorted[index] ?? 0;
  }
}
