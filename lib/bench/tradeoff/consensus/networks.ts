/**
 * The networks on which consensus engines are measured. Tested by `tests/bench/tradeoff/consensus/run_test.ts`.
 */

import type { Latency } from "../../../sim/network.ts";

/** A network of five nodes. */
export interface MeasuredNetwork {
  readonly name: NetworkName;
  readonly title: string;
  /** The places of the nodes, in the order of their ids. */
  readonly places: readonly string[];
  /** Short names of the places, for narrow tables. */
  readonly codes: readonly string[];
  /** The one-way latency, in ms, if all links have the same one. */
  readonly hopMs: number | undefined;
  readonly latency: Latency;
}

/** The names of the networks. */
export const NETWORKS = ["uniform", "regions"] as const;

/** One of {@linkcode NETWORKS}. */
export type NetworkName = typeof NETWORKS[number];

/** The number of nodes. */
export const NODE_COUNT = 5;

/** The ids of the nodes. */
export const NODE_IDS: readonly string[] = Array.from({ length: NODE_COUNT }, (_, i) => `n${i}`);

/** The source of {@linkcode ROUND_TRIPS_MS}. */
export const REGIONS_SOURCE =
  "average round-trip times between five AWS regions, measured by ping on 13 February 2021 and published with the " +
  "implementation of Tempo (Enes, Baquero, Gotsman, Sutra, EuroSys 2021): github.com/vitorenesduarte/fantoch, " +
  "folder latency_aws/2021_02_13";

/** The regions. The first one has the nearest majority, so that a leader there is the best one. */
const REGIONS = ["Canada", "Ireland", "California", "Singapore", "São Paulo"] as const;

const REGION_CODES: readonly string[] = ["CA", "IE", "US", "SG", "BR"];

/** The round-trip times between the regions, in ms: see {@linkcode REGIONS_SOURCE}. Each row continues the rows before it. */
const ROUND_TRIPS_MS: readonly (readonly number[])[] = [
  [], // Canada: ca-central-1
  [72.2], // Ireland: eu-west-1
  [78.6, 135.9], // California: us-west-1
  [206.0, 175.7, 173.0], // Singapore: ap-southeast-1
  [124.3, 180.6, 173.2, 321.1], // São Paulo: sa-east-1
];

/** Returns a network. All links of `uniform` have the latency `hopMs`, in ms. */
export function networkOf(name: NetworkName, hopMs: number): MeasuredNetwork {
  if (name === "uniform") {
    return {
      name,
      title: `uniform links, ${hopMs} ms per hop`,
      places: NODE_IDS,
      codes: NODE_IDS,
      hopMs,
      latency: { dist: "constant", meanMs: hopMs },
    };
  }
  return {
    name,
    title: "five regions",
    places: REGIONS,
    codes: REGION_CODES,
    hopMs: undefined,
    latency: { dist: "constant", meanMs: 0, linkMeansMs: linkMeans() },
  };
}

/** Returns the round-trip time between two regions, in ms. */
export function roundTripMs(from: number, to: number): number {
  return from === to ? 0 : ROUND_TRIPS_MS[Math.max(from, to)]?.[Math.min(from, to)] ?? NaN;
}

function linkMeans(): Record<string, Record<string, number>> {
  return Object.fromEntries(
    NODE_IDS.map((
      src,
      from,
    ) => [src, Object.fromEntries(NODE_IDS.map((dest, to) => [dest, roundTripMs(from, to) / 2]))]),
  );
}
