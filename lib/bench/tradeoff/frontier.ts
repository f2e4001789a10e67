/** The fewest messages with which broadcast can meet a latency bound. */

/** The load of a broadcast cluster. */
export interface Load {
  /** Number of nodes. */
  readonly nodes: number;
  /** One-way latency between nodes, in ms. */
  readonly hopMs: number;
  /** Values per second, over all nodes. */
  readonly valuesPerS: number;
  /** Operations per second, over all nodes: the denominator of message counts. */
  readonly operationsPerS: number;
}

/**
 * Returns the derived frontier: server messages per operation if the last node must know each value within
 * `latencyMsMax` ms. Returns undefined if a single hop takes longer than that.
 *
 * For n nodes, hops of L, and values that arrive at random nodes as a Poisson process of rate λ:
 *
 * - All-to-all exchange takes 2n − 2 one-way messages (Hajnal, Milner, Szemerédi, "A cure for the telephone disease",
 *   1972): n − 1 to gather, n − 1 to scatter. This minimum takes two hops.
 * - Late values share a round. With rounds of T, the oldest value is T + 2L old when the last node has it. So T =
 *   latencyMsMax − 2L.
 * - Nodes without new values stay silent. A node has a value to gather with probability 1 − e^(−λT/n). It receives a
 *   scatter only if another node has one: 1 − e^(−λT(n−1)/n).
 * - The cost per second is (n − 1)(2 − e^(−λT/n) − e^(−λT(n−1)/n)) / T messages. As T approaches 0, this becomes (n −
 *   1)λ: each value to every node. Direct messages achieve that cost in a single hop, so it is also the best between
 *   one hop and two.
 *
 * The model omits costs: separate acks, the margin for late timers, and the idle time after the last value. Measured
 * points can seem cheaper, because reads are too rare to observe a value's last moment.
 */
export function frontier(
  latencyMsMax: number,
  { nodes, hopMs, valuesPerS, operationsPerS }: Load,
): number | undefined {
  if (!(latencyMsMax >= hopMs)) return undefined;
  const roundS = (latencyMsMax - 2 * hopMs) / 1000;
  const others = nodes - 1;
  if (roundS <= 0) return others * valuesPerS / operationsPerS;
  const toGather = -Math.expm1(-valuesPerS * roundS / nodes);
  const toScatter = -Math.expm1(-valuesPerS * roundS * others / nodes);
  return others * (toGather + toScatter) / roundS / operationsPerS;
}

/**
 * Returns the longest latency, in ms, for a median of `medianMs`. Values wait half a round in the median and a full
 * round at worst, plus two hops. Below two hops, values go directly and all have the same latency.
 */
export function longestFor(medianMs: number, hopMs: number): number {
  return medianMs <= 2 * hopMs ? medianMs : 2 * (medianMs - hopMs);
}
